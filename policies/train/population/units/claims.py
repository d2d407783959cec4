"""The published claims, and the changed rows of the table with which pairs differ in what is claimed alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from policies.systems.table import KOSMOS2, SYSTEMS, HeadConfig, SystemConfig

LSTM_OR_MLP, RESAMPLER, NORMALIZATION = "lstm-or-mlp", "resampler", "normalization"
OPTIMISATION, LONGER_TRAINING, YAW = "optimisation", "longer-training", "yaw"
AUGMENTATION, ENSEMBLES, DEMONSTRATIONS = "augmentation", "ensembles", "demonstrations"

SENTENCES = {
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
BASE = "enhanced-norm"  # the row with all parts
SLIM = f"{BASE}-no-resampler"  # trains in a tenth of the time, so the pairs of other claims are changes of it
SLIM_MLP = f"{SLIM}-mlp"
SIZES = (36, 72, 200, 600)  # demonstrations; the system that learns from all of them is one more


@dataclass(frozen=True)
class Variant:
    """A row of the table with a change, under a name of its own."""

    name: str
    row: SystemConfig
    claims: tuple[str, ...]


SLIM_ROW = replace(SYSTEMS[BASE], resampler=0, features=("clip_vision", "clip_text", *KOSMOS2))


def _put_mlp(row: SystemConfig) -> SystemConfig:
    """Put an MLP of one frame in the place of a row's recurrent head, with the same layers before the actions."""
    assert row.head is not None
    return replace(row, head=HeadConfig("mlp", hidden=row.head.hidden), window=1)


VARIANTS = (
    Variant(SLIM, SLIM_ROW, (RESAMPLER, LSTM_OR_MLP, NORMALIZATION, YAW)),
    Variant(SLIM_MLP, _put_mlp(SLIM_ROW), (LSTM_OR_MLP,)),
    Variant(f"{SLIM}-no-normalization", replace(SLIM_ROW, normalization=False), (NORMALIZATION,)),
    Variant(f"{SLIM}-2d", replace(SLIM_ROW, axes=2), (YAW,)),
    Variant("clip-lstm-mlp", _put_mlp(SYSTEMS["clip-lstm"]), (LSTM_OR_MLP,)),
    # Each augmented episode is one more to learn from; so that the number of batches is no part of the difference.
    Variant("simple-clip-6-epochs", replace(SYSTEMS["simple-clip"], epochs=6), (AUGMENTATION,)),
)

SERVED = {
    BASE: (RESAMPLER, ENSEMBLES),
    "clip-lstm": (LSTM_OR_MLP,),
    "mobile-vla": (ENSEMBLES,),
    "hybrid": (OPTIMISATION, ENSEMBLES),
    "simple-lstm": (LONGER_TRAINING, OPTIMISATION),
    "simple-lstm-3": (LONGER_TRAINING,),
    "simple-clip": (AUGMENTATION,),
    "clip-augmented": (AUGMENTATION,),
    "clip-augmented-published": (AUGMENTATION,),
}
"""Claims that the table's own rows serve."""
