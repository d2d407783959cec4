"""Loading of backbone weights from a folder or the hub: safetensors only, a pinned revision, no remote code."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from policies.backbones.checkpoint import CONFIG, refuse_foreign_code
from policies.transformers_models import PreTrainedModel
from scenarios.common.errors import InputError

ModelT = TypeVar("ModelT", bound=PreTrainedModel)


class WeightsSource(NamedTuple):
    """The source of weights: a local folder (no revision), or a hub repository at a pinned commit."""

    name: str
    revision: str | None = None


# The commit that has OpenAI's weights as safetensors (the main branch has a pickle only).
CLIP_FULL = WeightsSource("openai/clip-vit-base-patch32", "c237dc49a33fc61debc9276459120b7eac67e7ef")
KOSMOS2_FULL = WeightsSource("microsoft/kosmos-2-patch14-224", "e91cfbcb4ce051b6a55bfb5f96165a3bbf5eb82c")


def load_pretrained(kind: type[ModelT], source: WeightsSource) -> ModelT:
    """Load a model by ``kind.from_pretrained``, from safetensors only and without remote code.

    Raises:
        InputError: There is no such source, it has no safetensors, or its weights are of another architecture.
    """
    local = Path(source.name).is_dir()
    if local:
        _check_config(Path(source.name) / CONFIG)
    try:
        model: ModelT = kind.from_pretrained(
            source.name,
            revision="main" if local or source.revision is None else source.revision,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=local,
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise InputError(
            f"{kind.__name__} can't be loaded from '{source.name}': {str(error).splitlines()[0]}; "
            "give a folder that save_pretrained wrote, or the name of a hub repository that can be reached"
        ) from error
    return model.eval()


def _check_config(file: Path) -> None:
    """Check that a folder's config asks for no code; one that can't be read is left to transformers.

    Raises:
        InputError: It does.
    """
    config: object = None
    with suppress(OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        config = json.loads(file.read_text(encoding="utf-8"))
    refuse_foreign_code(config, file)
