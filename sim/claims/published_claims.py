"""The nine claims of the published comparison: what was claimed, and which units of the population answer it."""

from __future__ import annotations

from dataclasses import dataclass

from policies.train.population.units import claims
from policies.train.population.units.plan import SEEDS

UNIT_SEEDS = SEEDS
"""Training seeds of the population."""


@dataclass(frozen=True)
class UnitPair:
    """Two units of the population that differ in what is claimed alone, once for each training seed.

    Attributes:
        changed: Name of the unit with what is claimed, with ``{seed}``.
        base: Name of the unit without it.
    """

    changed: str
    base: str

    def names(self, seed: int) -> tuple[str, str]:
        """Return the names of both units of a training seed."""
        return self.changed.format(seed=seed), self.base.format(seed=seed)

    @property
    def templates(self) -> tuple[str, str]:
        """Both names without the seed."""
        return self.changed.replace("-{seed}", ""), self.base.replace("-{seed}", "")


@dataclass(frozen=True)
class Claim:
    """A claim of the published comparison.

    Attributes:
        name: As typed.
        sentence: As published.
        published: The published difference in MAE, (smallest, largest), below 0 for a gain; None where none is stated.
        measured: What is compared, in a few words.
        pairs: Pairs of units, the one that the claim is about first.
        is_gain: True if the changed unit is claimed to be better, False if worse.
        perturbed: True if the claim is about success under perturbations.
    """

    name: str
    sentence: str
    published: tuple[float, float] | None
    measured: str
    pairs: tuple[UnitPair, ...]
    is_gain: bool = True
    perturbed: bool = False


def _pairs(*names: tuple[str, str]) -> tuple[UnitPair, ...]:
    return tuple(UnitPair(changed, base) for changed, base in names)


CLAIMS = {
    claim.name: claim
    for claim in (
        Claim(
            claims.LSTM_OR_MLP,
            claims.SENTENCES[claims.LSTM_OR_MLP],
            None,
            "the same backbone, data and epochs; only the head differs",
            _pairs(
                ("enhanced-norm-no-resampler-{seed}", "enhanced-norm-no-resampler-mlp-{seed}"),
                ("clip-lstm-{seed}", "clip-lstm-mlp-{seed}"),
            ),
        ),
        Claim(
            claims.RESAMPLER,
            claims.SENTENCES[claims.RESAMPLER],
            (-0.16, -0.02),
            "with and without, all else equal",
            _pairs(("enhanced-norm-{seed}", "enhanced-norm-no-resampler-{seed}")),
        ),
        Claim(
            claims.NORMALIZATION,
            claims.SENTENCES[claims.NORMALIZATION],
            (-0.144, -0.144),
            "with and without, all else equal",
            _pairs(("enhanced-norm-no-resampler-{seed}", "enhanced-norm-no-resampler-no-normalization-{seed}")),
        ),
        Claim(
            claims.OPTIMISATION,
            claims.SENTENCES[claims.OPTIMISATION],
            (-0.23, -0.08),
            "the same weights in ONNX and compiled form, and eager",
            _pairs(
                ("simple-lstm-{seed}-onnx", "simple-lstm-{seed}"),
                ("simple-lstm-{seed}-compiled", "simple-lstm-{seed}"),
                ("hybrid-{seed}-onnx", "hybrid-{seed}"),
                ("hybrid-{seed}-compiled", "hybrid-{seed}"),
            ),
        ),
        Claim(
            claims.LONGER_TRAINING,
            claims.SENTENCES[claims.LONGER_TRAINING],
            (-0.23, -0.23),
            "15 and 3 epochs of one model",
            _pairs(("simple-lstm-{seed}", "simple-lstm-3-{seed}")),
        ),
        Claim(
            claims.YAW,
            claims.SENTENCES[claims.YAW],
            None,
            "the same model without and with the yaw axis",
            _pairs(("enhanced-norm-no-resampler-2d-{seed}", "enhanced-norm-no-resampler-{seed}")),
            is_gain=False,
        ),
        Claim(
            claims.AUGMENTATION,
            claims.SENTENCES[claims.AUGMENTATION],
            (0.2211, 0.2211),
            "with and without, on as many batches; then with flips done the published way and right",
            _pairs(
                ("clip-augmented-{seed}", "simple-clip-6-epochs-{seed}"),
                ("clip-augmented-published-{seed}", "clip-augmented-{seed}"),
            ),
            is_gain=False,
        ),
        Claim(
            claims.ENSEMBLES,
            claims.SENTENCES[claims.ENSEMBLES],
            None,
            "a mixture and each of its members: success under perturbations, and what these cost",
            _pairs(
                ("ensemble-best-{seed}", "hybrid-{seed}"),
                ("ensemble-best-{seed}", "mobile-vla-{seed}"),
                ("ensemble-lstm-{seed}", "enhanced-norm-{seed}"),
                ("ensemble-lstm-{seed}", "mobile-vla-{seed}"),
                ("ensemble-mlp-{seed}", "enhanced-norm-{seed}"),
                ("ensemble-mlp-{seed}", "mobile-vla-{seed}"),
            ),
            perturbed=True,
        ),
        Claim(
            claims.DEMONSTRATIONS,
            claims.SENTENCES[claims.DEMONSTRATIONS],
            None,
            "200 and 72 demonstrations of one model; then other numbers",
            _pairs(
                (
                    "enhanced-norm-no-resampler-200-demonstrations-{seed}",
                    "enhanced-norm-no-resampler-72-demonstrations-{seed}",
                ),
                (
                    "enhanced-norm-no-resampler-72-demonstrations-{seed}",
                    "enhanced-norm-no-resampler-36-demonstrations-{seed}",
                ),
                (
                    "enhanced-norm-no-resampler-600-demonstrations-{seed}",
                    "enhanced-norm-no-resampler-200-demonstrations-{seed}",
                ),
                (
                    "enhanced-norm-no-resampler-all-demonstrations-{seed}",
                    "enhanced-norm-no-resampler-600-demonstrations-{seed}",
                ),
            ),
        ),
    )
}
