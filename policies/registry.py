"""The table of policies by name. Listing it costs nothing; torch is imported by the policies that need it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from policies.inference.runtime import apply_runtime
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, Policy
from policies.systems.table import PUBLISHED, SYSTEMS, SystemConfig
from scenarios.common.errors import InputError, unknown_name

CHECKPOINTS = Path(__file__).parent / "checkpoints"
CONFIG = "config.json"
ONNX = ".onnx"


def _zero() -> Policy:
    from policies.scripted.baselines import make_zero_policy

    return make_zero_policy()


def _random() -> Policy:
    from policies.scripted.baselines import RandomPolicy

    return RandomPolicy()


def _straight() -> Policy:
    from policies.scripted.baselines import make_straight_policy

    return make_straight_policy()


def _expert() -> Policy:
    from policies.scripted.expert import ExpertPolicy

    return ExpertPolicy()


def _make_factory(row: SystemConfig) -> Callable[[], Policy]:
    """A factory of a published system: its checkpoint, its export, or its members' mean."""
    if row.members:
        return lambda: _ensemble(row)
    if row.export_of:
        return lambda: _load_exported(row)
    return lambda: _load_shipped(row.checkpoint or row.name, row.name)


def _ensemble(row: SystemConfig) -> Policy:
    from policies.systems.ensemble import EnsemblePolicy

    names, weights = zip(*row.members, strict=True)
    return EnsemblePolicy([make_policy(name) for name in names], weights, row.name)


def _load_exported(row: SystemConfig) -> Policy:
    file = CHECKPOINTS / row.name / f"{row.export_of}.onnx"
    if not file.is_file():
        makes = f"python -m policies.export {row.export_of} --out {file}"
        raise InputError(f"no file {file} of '{row.name}': '{makes}' makes it")
    return _load_onnx(file, row.name)


def _load_shipped(checkpoint: str, name: str) -> Policy:
    """The policy whose checkpoint comes with the package."""
    folder = CHECKPOINTS / checkpoint
    if not (folder / CONFIG).is_file():
        makes = f"python -m policies.train {name} --out {folder}"
        raise InputError(f"no checkpoint of '{name}' in {folder}: '{makes}' makes it")
    return _load(folder, name)


def _load(folder: Path, name: str) -> Policy:
    """The policy of a checkpoint folder: its config says what kind of model it holds."""
    try:
        kind = json.loads((folder / CONFIG).read_text())["model_type"]
    except FileNotFoundError as error:
        raise InputError(f"no checkpoint in {folder}: it needs {CONFIG} and model.safetensors") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / CONFIG} can't be read: it must be JSON with a 'model_type'") from error
    if kind == "hybrid":
        from policies.hybrid.policy import HybridPolicy

        return HybridPolicy.load(folder, name)
    if kind == "system":
        from policies.systems.policy import SystemPolicy

        return SystemPolicy.load(folder, name)
    raise InputError(
        f"{folder / CONFIG} is of another kind of model: 'model_type' is '{kind}', not 'hybrid' or 'system'"
    )


def _load_onnx(file: Path, name: str) -> Policy:
    from policies.onnx.policy import OnnxPolicy

    return OnnxPolicy.load(file, name)


POLICIES: dict[str, Callable[[], Policy]] = {
    "zero": _zero,
    "random": _random,
    "straight": _straight,
    "expert": _expert,
    **{name: _make_factory(row) for name, row in SYSTEMS.items()},
}
ALL_PUBLISHED = "published"  # stands for every published system


def expand_policy_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names as typed, with ``published`` replaced by the published systems' names; each once, in order."""
    listed = [each for name in names for each in (PUBLISHED if name == ALL_PUBLISHED else (name,))]
    return tuple(dict.fromkeys(listed))


def check_name(name: str) -> None:
    """Whether ``make_policy`` could know a policy by this name, without making it.

    Raises:
        InputError: It is neither a name of the table, nor a path that is there, nor of the form ``module:maker``.
    """
    if name not in POLICIES and not Path(name).exists() and not _is_maker(name):
        raise _unknown_policy(name)


def _unknown_policy(name: str) -> InputError:
    """What is wrong with a name that leads to no policy: mistyped, or a path to nothing that is one."""
    path = Path(name)
    if "/" in name or path.suffix == ONNX or path.exists():
        return InputError(f"no policy at '{name}': give a folder that training wrote, an ONNX file, or a policy's name")
    return unknown_name("policy", name, [*POLICIES, ALL_PUBLISHED])


def _is_maker(name: str) -> bool:
    module, colon, maker = name.partition(":")
    return bool(colon) and maker.isidentifier() and all(part.isidentifier() for part in module.split("."))


def _load_custom_policy(name: str) -> Policy:
    """What ``maker()`` of ``module:maker`` gives; the current folder is on the path, as for any ``python -m``."""
    module_name, _, maker_name = name.partition(":")
    try:
        maker = getattr(importlib.import_module(module_name), maker_name)
    except (ImportError, AttributeError) as error:
        raise InputError(f"policy '{name}': {error}; it must name a module and a class or function in it") from error
    policy = maker()
    missing = [part for part in ("spec", "reset", "act") if not hasattr(policy, part)]
    if missing:
        raise InputError(
            f"policy '{name}' is a {type(policy).__name__} without {', '.join(missing)}: see policies.policy.Policy"
        )
    made: Policy = policy
    return made


def make_policy(name_or_folder: str, runtime: InferenceRuntime = DEFAULT_RUNTIME) -> Policy:
    """A policy by its name, from a folder that ``save_pretrained`` wrote, from an ONNX file, or as ``module:maker``.

    A name of the table wins over a folder of that name in the current directory (then type ``./name``). ``maker`` is a
    class or function of your own that takes no arguments and gives a ``policies.policy.Policy``.

    Args:
        runtime: By what its network is computed.

    Raises:
        InputError: no such name, folder, file or maker, a checkpoint that can't be read, or a runtime that it can't
            have.
    """
    policy = _resolve_policy(name_or_folder)
    apply_runtime(policy, runtime)
    return policy


def _resolve_policy(name_or_folder: str) -> Policy:
    if name_or_folder in POLICIES:
        return POLICIES[name_or_folder]()
    if _is_maker(name_or_folder):
        return _load_custom_policy(name_or_folder)
    folder = Path(name_or_folder)
    if folder.suffix == ONNX and folder.is_file():
        return _load_onnx(folder, folder.stem)
    if folder.is_dir():
        return _load(folder, folder.resolve().name)
    if name_or_folder == ALL_PUBLISHED:
        raise InputError(f"'{ALL_PUBLISHED}' stands for many policies: name one, such as 'hybrid'")
    raise _unknown_policy(name_or_folder)
