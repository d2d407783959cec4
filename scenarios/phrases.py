"""The phrases of instructions: those that stand in training, and those that are held out from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios.common.seeding import episode_seed, make_generator
from scenarios.common.splits import split_of
from scenarios.ranges import Choice
from scenarios.world import PhraseKind


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


def choose_phrase(spec: Any, suite_seed: int, scenario: str, episode: int) -> PhraseChoice:
    """Choose the phrases of an episode: seen, but in test suites unseen in one of each two consecutive episodes.

    So half of every even number of episodes is unseen, which a coin for each episode would miss by far in short runs.
    The choices have random generators of their own.

    Args:
        spec: The ranges of a scenario; may lack ``unseen_phrases``, or have none.
        suite_seed: The seed of the suite, which decides the split.
        scenario: The scenario's name.
        episode: The number of the episode.
    """
    unseen: Choice[str] = getattr(spec, "unseen_phrases", Choice(()))
    if not unseen.options:
        return PhraseChoice(None)
    pair = make_generator(episode_seed(suite_seed, scenario, episode // 2), "phrase of two")
    if split_of(suite_seed) != "test" or episode % 2 == int(pair.integers(2)):
        return PhraseChoice("seen")
    return PhraseChoice("unseen", unseen.draw(make_generator(episode_seed(suite_seed, scenario, episode), "phrase")))
