"""The published claims, and the changed rows of the table with which pairs differ in what is claimed alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from policies.systems.table import KOSMOS2, SYSTEMS, HeadConfig, SystemConfig

LSTM_OR_MLP, RESAMPLER, NORMALIZATION = "lstm-or-mlp", "resampler", "normalization"
OPTIMISATION, LONGER_TRAINING, YAW = "optimisation", "longer-training", "yaw"
AUGMENTATION, ENSEMBLES, DEMONSTRATIONS = "augmentation", "ensembles", "demonstrations"

CLAIMS = {
    LSTM_OR_MLP: "LSTM heads beat MLP heads",
    RESAMPLER: "the Vision Resampler gains 0.02 to 0.16 MAE",
    NORMALIZATION: "CLIP Normalization gains 0.144 MAE",
    OPTIMISATION: "'optimisation' gains 0.08 to 0.23 MAE",
    LONGER_TRAINING: "longer training gains 0.23 MAE",
    YAW: "2-D actions lose to 3-D",
    AUGMENTATION: "augmentation hurts",
    ENSEMBLES: "ensembles are more robust",
    DEMONSTRATIONS: "72 to 200 episodes help",
}
BASE = "enhanced-norm"  # the row with all parts, of which the others lack one
SIZES = (36, 72, 200, 600)  # demonstrations; the system that learns from all of them is one more


@dataclass(frozen=True)
class Variant:
    """A row of the table with a change, under a name of its own."""

    name: str
    row: SystemConfig
    claims: tuple[str, ...]


def _change(system: str, suffix: str, claim: str, **changes: object) -> Variant:
    return Variant(f"{system}-{suffix}", replace(SYSTEMS[system], **changes), (claim,))  # type: ignore[arg-type]


def _mlp(hidden: tuple[int, ...]) -> dict[str, object]:
    """Return the changes that put an MLP of one frame in the place of a recurrent head with the same hidden layers."""
    return {"head": HeadConfig("mlp", hidden=hidden), "window": 1}


VARIANTS = (
    _change(BASE, "mlp", LSTM_OR_MLP, **_mlp((256, 128))),
    _change("clip-lstm", "mlp", LSTM_OR_MLP, **_mlp((256,))),
    _change(BASE, "no-resampler", RESAMPLER, resampler=0, features=("clip_vision", "clip_text", *KOSMOS2)),
    _change(BASE, "no-normalization", NORMALIZATION, normalization=False),
    _change(BASE, "2d", YAW, axes=2),
    # An augmented episode is one more to learn from; so that the number of batches is no part of the difference.
    _change("simple-clip", "6-epochs", AUGMENTATION, epochs=6),
)

SERVED = {
    BASE: (LSTM_OR_MLP, RESAMPLER, NORMALIZATION, YAW, ENSEMBLES),
    "clip-lstm": (LSTM_OR_MLP,),
    "mobile-vla": (ENSEMBLES,),
    "hybrid": (OPTIMISATION, ENSEMBLES),
    "simple-lstm": (LONGER_TRAINING,),
    "simple-lstm-3": (LONGER_TRAINING,),
    "simple-clip": (AUGMENTATION,),
    "clip-augmented": (AUGMENTATION,),
    "clip-augmented-published": (AUGMENTATION,),
}
"""Claims that the table's own rows serve."""
