"""The table of published systems: the parts of each variant, its published figures, and its deviations.

Widths are the published ones; the compact scale divides them (``policies.systems.network.scale_width``). "Not stated"
means that no public description states it, so the row has the value that its name suggests. In all rows with frozen
backbones each channel of a feature is standardized over the training frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from scenarios.robot import CONTROL_PERIOD_S, KEY_PRESS_PERIOD_S


@dataclass(frozen=True)
class HeadConfig:
    """The head's kind and its published widths.

    Attributes:
        kind: "lstm", "mlp", "hybrid", "robovlms" or "claw": a class of ``policies.modules``.
        width, layers: Width and layers of the recurrent part; width of the claw's attention.
        hidden: Widths inside the MLP that ends in the actions.
        project: Width to which a hybrid head first projects the features.
        planner: True if a claw ends in the hierarchical planner.
        distances: Number of distances (close, medium, far) that a claw embeds; 0 for none.
    """

    kind: str
    width: int = 0
    layers: int = 0
    hidden: tuple[int, ...] = ()
    project: int = 0
    planner: bool = False
    distances: int = 0


@dataclass(frozen=True)
class PublishedFigures:
    """Figures of the published comparison; None where it states none.

    ``size_gb`` equals, within 2 %, the weights in float32 and Adam's two moments of the trained part, in GiB (2**30).
    ``trained_clip`` is True if this figure is reached only if CLIP was trained, too.
    """

    name: str
    mae: float | None = None
    val_loss: float | None = None
    size_gb: float | None = None
    fps: float | None = None
    trained_clip: bool = False


@dataclass(frozen=True)
class SystemConfig:
    """One row of the table: a variant.

    Attributes:
        name: As typed after ``--policy``.
        published: Its figures in the published comparison.
        deviations: Differences from the description, with reasons.
        features: Its features of the backbones (``policies.backbones.backbones.FEATURES``), in this order.
        own_clip: True if it fine-tunes its own CLIP; all other backbones are shared and frozen.
        resampler: Number of its 64 tokens that the Vision Resampler over CLIP's tokens keeps; 0 for no resampler.
        normalization: True if CLIP Normalization follows the CLIP feature.
        fusion: Width of the layer that joins the features before the head; 0 for plain concatenation.
        head: None for rows that are made of other rows.
        axes: 3 for (vx, vy, wz); 2 for (vx, vy), which never turn.
        window: Frames that an action depends on; 0 for all since the episode's start.
        chunk: Actions predicted at a time.
        temporal_ensembling: Decay over the chunks that cover a step; None executes a chunk's first action.
        epochs, augmentation, data, loss: Its training. Augmentation is "none", "right" (flips mirror the target's
            side in the instruction, too) or "published"; data is "common", "teleop-first" or "teleop-rest"; loss is
            "mse" or "huber".
        checkpoint: Its folder's name if that isn't the row's own.
        members: (row, weight) of an ensemble's members.
        export_of: The row whose exported file it is.
        ours: True for a row that isn't in the published comparison.
    """

    name: str
    published: PublishedFigures
    deviations: str
    features: tuple[str, ...] = ()
    own_clip: bool = False
    resampler: int = 0
    normalization: bool = False
    fusion: int = 0
    head: HeadConfig | None = None
    axes: int = 3
    window: int = 0
    chunk: int = 1
    temporal_ensembling: float | None = None
    epochs: int = 0
    augmentation: str = "none"
    data: str = "common"
    loss: str = "mse"
    checkpoint: str = ""
    members: tuple[tuple[str, float], ...] = field(default=())
    export_of: str = ""
    ours: bool = False

    @property
    def period_s(self) -> float:
        """Duration of the actions in its training data, in seconds."""
        return CONTROL_PERIOD_S if self.data == "common" else KEY_PRESS_PERIOD_S


CLIP = ("clip_vision", "clip_text")
KOSMOS2_POOLED = ("kosmos2_vision", "kosmos2_text")
KOSMOS2_TOKENS = ("kosmos2_tokens", "kosmos2_text")
# If a description states no more than "Kosmos-2's feature": its pooled vector with a few channels of every patch, the
# decoder's state, and its pointing at the object that the instruction names.
KOSMOS2 = (*KOSMOS2_TOKENS, "kosmos2_pointing")
RESAMPLED = ("clip_tokens", "clip_text", *KOSMOS2)
NOT_STATED, NOT_STATED_TELEOP = 4, 10  # epochs over the common demonstrations, and over the teleoperated ones

_LSTM_256 = HeadConfig("lstm", width=256, layers=2, hidden=(256, 128))
_LSTM_DEEP = HeadConfig("lstm", width=1024, layers=4, hidden=(512, 256))
_SIMPLE_MLP = HeadConfig("mlp", hidden=(512, 256))
_CLAW = HeadConfig("claw", width=512, hidden=(512, 256))

_CONSTANT_TEXT = "our instructions name the target; published models of this kind saw one constant sentence"
_REAL_MEAN = "a mean of predictions; published was a weighted mean of two MAE figures"

_ROWS = (
    SystemConfig(
        "enhanced-norm",
        PublishedFigures("Enhanced Kosmos2+CLIP (Normalization)", mae=0.2935, val_loss=0.2474, size_gb=6.98),
        "fusion's width (512) and the loss aren't stated; each kept token hands on 8 channels",
        features=RESAMPLED,
        resampler=64,
        normalization=True,
        fusion=512,
        head=_LSTM_256,
        epochs=5,
    ),
    SystemConfig(
        "enhanced-2d",
        PublishedFigures("Enhanced Kosmos2+CLIP (2D)", mae=0.4374, val_loss=0.2982, size_gb=6.82),
        "as enhanced-norm, without normalization and yaw",
        features=RESAMPLED,
        resampler=64,
        fusion=512,
        head=_LSTM_256,
        axes=2,
        epochs=2,
    ),
    SystemConfig(
        "clip-lstm",
        PublishedFigures("CLIP with LSTM", mae=0.4556, val_loss=0.4224, size_gb=1.75, trained_clip=True),
        "CLIP is frozen, as claims compare heads on one backbone (1.75 GB says it wasn't); 2 axes aren't stated: the "
        "published loss is a 2-D constant's",
        features=CLIP,
        head=HeadConfig("lstm", width=512, layers=2, hidden=(256,)),
        axes=2,
        epochs=3,
    ),
    SystemConfig(
        "enhanced-basic",
        PublishedFigures("Enhanced Kosmos2+CLIP (Basic)", mae=0.4374, val_loss=0.2982, size_gb=6.98),
        "as enhanced-norm, without normalization; its published figures repeat those of enhanced-2d",
        features=RESAMPLED,
        resampler=64,
        fusion=512,
        head=_LSTM_256,
        epochs=2,
    ),
    SystemConfig(
        "mobile-vla",
        PublishedFigures("Mobile VLA (Epoch 3)", mae=0.4420, val_loss=0.2202, size_gb=6.22),
        "no text reaches its head, as published; the MLP sees one frame: 'window 8' only cut its training data",
        features=("kosmos2_vision",),
        head=HeadConfig("mlp", hidden=(2048, 512)),
        window=1,
        chunk=2,
        epochs=10,
        loss="huber",
    ),
    SystemConfig(
        "simple-clip",
        PublishedFigures("Simple CLIP", mae=0.4512, val_loss=0.4247, size_gb=1.69, trained_clip=True),
        "CLIP starts from ours, trained on our scenes; every third frame (0.3 s), as the published recordings have it",
        features=CLIP,
        own_clip=True,
        head=_SIMPLE_MLP,
        axes=2,
        window=1,
        epochs=3,
    ),
    SystemConfig(
        "clip-augmented",
        PublishedFigures("CLIP Augmented", mae=0.6723, val_loss=0.7063, size_gb=1.69, trained_clip=True),
        "2 copies of an episode, not 10; every third frame (0.3 s); a flip swaps left and right in the instruction and "
        "mirrors yaw, too; played backwards, all axes are negated",
        features=CLIP,
        own_clip=True,
        head=_SIMPLE_MLP,
        axes=2,
        window=1,
        epochs=3,
        augmentation="right",
    ),
    SystemConfig(
        "hybrid",
        PublishedFigures("Kosmos2+CLIP Hybrid (PyTorch)", mae=0.212, fps=2669),
        "epochs not stated; compact: a GRU, patches' places and Kosmos-2's pointing join the features, 2 DAgger rounds "
        "and 2 epochs over all follow; full: as described",
        features=(*KOSMOS2_POOLED, *CLIP),
        head=HeadConfig("hybrid", project=2048, width=1024, layers=4, hidden=(512, 256)),
        epochs=6,
        loss="huber",
    ),
    SystemConfig(
        "hybrid-onnx",
        PublishedFigures("Kosmos2+CLIP Hybrid (ONNX)", mae=0.212, size_gb=0.0033, fps=205),
        "an export of the trained hybrid; the published file was a small untrained network",
        export_of="hybrid",
    ),
    SystemConfig(
        "simple-lstm",
        PublishedFigures("Simple LSTM (Extended)", mae=0.222, val_loss=0.1057),
        _CONSTANT_TEXT,
        features=KOSMOS2,
        head=_LSTM_DEEP,
        axes=2,
        epochs=15,
    ),
    SystemConfig(
        "robovlms",
        PublishedFigures("RoboVLMs Performance", mae=0.222),
        "epochs not stated; its LSTM starts afresh at every frame, over the last 8",
        features=KOSMOS2,
        head=HeadConfig("robovlms", width=1024, layers=4, hidden=(512, 256)),
        window=8,
        chunk=10,
        epochs=NOT_STATED,
        loss="huber",
    ),
    SystemConfig(
        "optimized-2d",
        PublishedFigures("Optimized 2D Action", mae=0.2919),
        "epochs not stated; the claw reads image tokens and one text state; the planner's layers plan 18 steps",
        features=KOSMOS2_TOKENS,
        head=HeadConfig("claw", width=512, planner=True),
        axes=2,
        window=1,
        chunk=18,
        epochs=NOT_STATED,
    ),
    SystemConfig(
        "first-frame",
        PublishedFigures("Realistic (First Frame)", mae=0.0014),
        "epochs not stated: as many as fitting zeros takes",
        features=KOSMOS2_TOKENS,
        head=_CLAW,
        window=1,
        epochs=NOT_STATED_TELEOP,
        data="teleop-first",
    ),
    SystemConfig(
        "no-first-frame-random",
        PublishedFigures("No First Frame (Random)", mae=0.2405),
        "epochs not stated; one trained model with no-first-frame-middle, scored on 15 random frames",
        features=KOSMOS2_TOKENS,
        head=_CLAW,
        window=1,
        epochs=NOT_STATED_TELEOP,
        data="teleop-rest",
        checkpoint="no-first-frame",
    ),
    SystemConfig(
        "no-first-frame-middle",
        PublishedFigures("No First Frame (Middle)", mae=0.2646),
        "epochs not stated; one trained model with no-first-frame-random, scored on 15 middle frames",
        features=KOSMOS2_TOKENS,
        head=_CLAW,
        window=1,
        epochs=NOT_STATED_TELEOP,
        data="teleop-rest",
        checkpoint="no-first-frame",
    ),
    SystemConfig(
        "advanced",
        PublishedFigures("Advanced Mobile VLA", val_loss=1.9717),
        "no input tells the distance: it is judged from the frame; how the 18 actions are played isn't stated: by "
        "temporal ensembling",
        features=KOSMOS2_POOLED,
        head=HeadConfig("claw", width=512, planner=True, distances=3),
        window=8,
        chunk=18,
        temporal_ensembling=0.01,
        epochs=10,
    ),
    SystemConfig(
        "ensemble-best",
        PublishedFigures("Best_Performance 0.7:0.3", mae=0.225),
        _REAL_MEAN,
        members=(("hybrid", 0.7), ("mobile-vla", 0.3)),
    ),
    SystemConfig(
        "ensemble-lstm",
        PublishedFigures("LSTM_Favored 0.7:0.3", mae=0.3380),
        _REAL_MEAN,
        members=(("enhanced-norm", 0.7), ("mobile-vla", 0.3)),
    ),
    SystemConfig(
        "ensemble-equal",
        PublishedFigures("Equal_Weight 0.5:0.5", mae=0.3678),
        _REAL_MEAN,
        members=(("enhanced-norm", 0.5), ("mobile-vla", 0.5)),
    ),
    SystemConfig(
        "ensemble-performance",
        PublishedFigures("Performance_Based 0.6:0.4", mae=0.3529),
        _REAL_MEAN,
        members=(("enhanced-norm", 0.6), ("mobile-vla", 0.4)),
    ),
    SystemConfig(
        "ensemble-mlp",
        PublishedFigures("MLP_Favored 0.3:0.7", mae=0.3974),
        _REAL_MEAN,
        members=(("enhanced-norm", 0.3), ("mobile-vla", 0.7)),
    ),
    SystemConfig(
        "simple-lstm-3",
        PublishedFigures("Simple LSTM"),
        "simple-lstm in a run of 3 epochs, to measure what 15 buy",
        features=KOSMOS2,
        head=_LSTM_DEEP,
        axes=2,
        epochs=3,
        ours=True,
    ),
    SystemConfig(
        "clip-augmented-published",
        PublishedFigures("CLIP Augmented", mae=0.6723, val_loss=0.7063, size_gb=1.69, trained_clip=True),
        "augmented the published way: flips leave the words as they were; played backwards, vx alone is negated; 2 "
        "copies, not 10",
        features=CLIP,
        own_clip=True,
        head=_SIMPLE_MLP,
        axes=2,
        window=1,
        epochs=3,
        augmentation="published",
        ours=True,
    ),
    SystemConfig(
        "wordless",
        PublishedFigures("-"),
        "a reference, not a published row: the instruction is withheld, to measure what images alone reach",
        features=("kosmos2_tokens", "clip_vision"),
        head=_LSTM_256,
        epochs=6,
        loss="huber",
        ours=True,
    ),
)

SYSTEMS: dict[str, SystemConfig] = {row.name: row for row in _ROWS}

PUBLISHED = tuple(row.name for row in _ROWS if not row.ours)


def find_trained_rows() -> dict[str, SystemConfig]:
    """Return the row to train for each checkpoint folder: one for every folder with a network of its own."""
    found: dict[str, SystemConfig] = {}
    for name, row in SYSTEMS.items():
        if row.head is not None and name != "hybrid":  # the hybrid has its own recipe
            found.setdefault(row.checkpoint or name, row)
    return found


def name_family(row: SystemConfig) -> str:
    """Return the family of a row: the first row of the table with the same architecture.

    Rows with equal heads, on equal inputs to them, are one system: they differ in training, or in a part that is left
    out, so what one can do tells of the others. A changed row is of its own row's family.
    """

    def describe(each: SystemConfig) -> tuple[object, ...]:
        return (each.head, each.fusion > 0, each.own_clip, each.window, each.chunk)

    wanted = describe(SYSTEMS[row.name])
    first = next(each for each in SYSTEMS.values() if describe(each) == wanted)
    return first.checkpoint or first.name


def describe_changes(row: SystemConfig) -> dict[str, Any]:
    """Return the fields in which a changed row differs from the table's row of its name, as a JSON file takes them."""
    own, kept = asdict(row), asdict(SYSTEMS[row.name])
    return {each.name: own[each.name] for each in fields(SystemConfig) if own[each.name] != kept[each.name]}


def change_row(name: str, changes: Mapping[str, Any]) -> SystemConfig:
    """Return the table's row of a name with some fields changed, as ``describe_changes`` describes them.

    Raises:
        KeyError: There is no such row.
        TypeError: A row has no such field.
    """
    changed: dict[str, Any] = {
        field: tuple(value) if isinstance(value, list) else value for field, value in changes.items()
    }
    if isinstance(head := changed.get("head"), Mapping):
        changed["head"] = HeadConfig(**{**head, "hidden": tuple(head["hidden"])})
    return replace(SYSTEMS[name], **changed)
