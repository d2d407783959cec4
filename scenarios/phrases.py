"""The phrases of instructions: those that stand in training, and those that are held out from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios.common.seeding import make_generator
from scenarios.common.splits import split_of
from scenarios.ranges import Choice
from scenarios.world import PhraseKind

SHARE_UNSEEN = 0.5  # of the episodes of test suites


@dataclass(frozen=True)
class FixedPhrase(Choice[str]):
    """Always the same phrase, which takes as many random numbers as one of ``options``.

    So whatever is sampled after it stays the same.
    """

    phrase: str = ""

    def draw(self, rng: np.random.Generator) -> str:
        """Return the phrase."""
        super().draw(rng)
        return self.phrase


@dataclass(frozen=True)
class PhraseChoice:
    """The choice of phrases for one episode.

    Attributes:
        kind: None if the spec holds no phrases out.
        unseen: The phrase that takes the place of the spec's own; None to sample one of those.
    """

    kind: PhraseKind | None
    unseen: str | None = None

    def apply_to(self, spec: Any) -> Any:
        """Return the ranges of a scenario with this choice of phrases."""
        return spec if self.unseen is None else replace(spec, phrases=FixedPhrase(spec.phrases.options, self.unseen))


def choose_phrase(spec: Any, suite_seed: int, episode_seed: int) -> PhraseChoice:
    """Choose the phrases of an episode: in test suites as often unseen as seen, elsewhere always seen.

    Args:
        spec: The ranges of a scenario; may lack ``unseen_phrases``, or have none.
        suite_seed: Decides the split.
        episode_seed: The seed of the episode, from which the choice has a generator of its own.
    """
    unseen: Choice[str] = getattr(spec, "unseen_phrases", Choice(()))
    if not unseen.options:
        return PhraseChoice(None)
    rng = make_generator(episode_seed, "phrase")
    if split_of(suite_seed) != "test" or rng.random() >= SHARE_UNSEEN:
        return PhraseChoice("seen")
    return PhraseChoice("unseen", unseen.draw(rng))
