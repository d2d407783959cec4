"""The nine claims of the published comparison: what was claimed, and which units of the population answer it."""

from __future__ import annotations

from dataclasses import dataclass

UNIT_SEEDS = (1000, 1001, 1002)  # training seeds of the population


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
            "lstm-or-mlp",
            "LSTM heads beat MLP heads",
            None,
            "the same backbone, data and epochs; only the head differs",
            _pairs(
                ("enhanced-norm-{seed}", "enhanced-norm-mlp-{seed}"),
                ("clip-lstm-{seed}", "clip-lstm-mlp-{seed}"),
            ),
        ),
        Claim(
            "resampler",
            "the Vision Resampler gains 0.02 to 0.16 MAE",
            (-0.16, -0.02),
            "with and without, all else equal",
            _pairs(("enhanced-norm-{seed}", "enhanced-norm-no-resampler-{seed}")),
        ),
        Claim(
            "normalization",
            "CLIP Normalization gains 0.144 MAE",
            (-0.144, -0.144),
            "with and without, all else equal",
            _pairs(("enhanced-norm-{seed}", "enhanced-norm-no-normalization-{seed}")),
        ),
        Claim(
            "optimisation",
            "'optimisation' gains 0.08 to 0.23 MAE",
            (-0.23, -0.08),
            "the same weights in ONNX and compiled form, and eager",
            _pairs(("hybrid-{seed}-onnx", "hybrid-{seed}"), ("hybrid-{seed}-compiled", "hybrid-{seed}")),
        ),
        Claim(
            "longer-training",
            "longer training gains 0.23 MAE",
            (-0.23, -0.23),
            "15 and 3 epochs of one model",
            _pairs(("simple-lstm-{seed}", "simple-lstm-3-{seed}")),
        ),
        Claim(
            "yaw",
            "2-D actions lose to 3-D",
            None,
            "the same model without and with the yaw axis",
            _pairs(("enhanced-norm-2d-{seed}", "enhanced-norm-{seed}")),
            is_gain=False,
        ),
        Claim(
            "augmentation",
            "augmentation hurts",
            (0.2211, 0.2211),
            "with and without, on as many batches; then with flips done the published way and right",
            _pairs(
                ("clip-augmented-{seed}", "simple-clip-6-epochs-{seed}"),
                ("clip-augmented-published-{seed}", "clip-augmented-{seed}"),
            ),
            is_gain=False,
        ),
        Claim(
            "ensembles",
            "ensembles are more robust",
            None,
            "a mixture and each of its members, under perturbations",
            _pairs(
                ("ensemble-best-{seed}", "hybrid-{seed}"),
                ("ensemble-best-{seed}", "mobile-vla-{seed}"),
                ("ensemble-lstm-{seed}", "enhanced-norm-{seed}"),
                ("ensemble-mlp-{seed}", "mobile-vla-{seed}"),
            ),
            perturbed=True,
        ),
        Claim(
            "demonstrations",
            "72 to 200 episodes help",
            None,
            "200 and 72 demonstrations of one model; then other numbers",
            _pairs(
                ("enhanced-norm-200-demonstrations-{seed}", "enhanced-norm-72-demonstrations-{seed}"),
                ("enhanced-norm-72-demonstrations-{seed}", "enhanced-norm-36-demonstrations-{seed}"),
                ("enhanced-norm-600-demonstrations-{seed}", "enhanced-norm-200-demonstrations-{seed}"),
                ("enhanced-norm-all-demonstrations-{seed}", "enhanced-norm-600-demonstrations-{seed}"),
            ),
        ),
    )
}
