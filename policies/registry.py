"""The registry of policies by name. Listing them is cheap: a policy's module is imported when the policy is made."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from policies.inference.runtime import apply_runtime
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, Policy, PolicySpec
from policies.remote.access import check_address, is_server_address, read_token
from policies.systems.table import PUBLISHED, SYSTEMS, SystemConfig
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.requirements import CURES, missing_package
from scenarios.common.user_code import describe_failure, is_code_reference, load_object, source_file

CHECKPOINTS = Path(__file__).parent / "checkpoints"
CONFIG, ONNX = "config.json", ".onnx"

SCRIPTED = {  # name -> a class or function without arguments
    "zero": "policies.scripted.baselines:make_zero_policy",
    "random": "policies.scripted.baselines:RandomPolicy",
    "straight": "policies.scripted.baselines:make_straight_policy",
    "park": "policies.scripted.plans:make_park_policy",
    "blind": "policies.scripted.plans:make_blind_policy",
    "expert": "policies.scripted.expert:ExpertPolicy",
}
CHECKPOINT_KINDS = {  # 'model_type' of a checkpoint -> the class that loads its folder
    "hybrid": "policies.hybrid.policy:HybridPolicy",
    "system": "policies.systems.policy:SystemPolicy",
    "blind-network": "policies.blind.policy:BlindNetworkPolicy",
    "plans": "policies.scripted.plans:PlanPolicy",
    "sb3": "policies.sb3.policy:Sb3Policy",
}
ONNX_POLICY = "policies.onnx.policy:OnnxPolicy"
REMOTE_POLICY = "policies.remote.policy:RemotePolicy"
ENSEMBLE = "policies.systems.ensemble:EnsemblePolicy"


class TrainedReference(NamedTuple):
    """A network that isn't a system. Its checkpoint has its name."""

    summary: str
    """What it is given, for the list of policies."""
    training: str
    """The command that trains it into a folder."""


TRAINED_REFERENCES = {
    "blind-network": TrainedReference(
        "words and odometry: a reference without images", "python -m policies.train blind-network --out"
    ),
}

POLICIES = (*SCRIPTED, *TRAINED_REFERENCES, *SYSTEMS)
ALL_PUBLISHED = "published"  # stands for every published system


def expand_policy_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as typed, with ``published`` replaced by the published systems' names; each once, in order."""
    listed = [each for name in names for each in (PUBLISHED if name == ALL_PUBLISHED else (name,))]
    return tuple(dict.fromkeys(listed))


def check_name(name: str) -> None:
    """Check that there is a policy of this name, without importing or loading it.

    Raises:
        InputError: It is neither a registered name, nor a checkpoint folder, nor an ONNX file, nor of the form
            ``file.py:NAME`` or ``module:NAME``, nor the address of a server.
    """
    _find_maker(name)


def make_policy(name: str, runtime: InferenceRuntime = DEFAULT_RUNTIME) -> Policy:
    """Make a policy by its name, from a checkpoint folder or an ONNX file, by ``file.py:NAME`` or ``module:NAME``, or
    by the address of a server.

    A registered name takes precedence over a folder of that name in the current directory (then type ``./name``).
    ``NAME`` is a class or function of your own that takes no arguments and returns a ``policies.policy.Policy``.

    Args:
        name: As typed after ``--policy``.
        runtime: Runtime of its network.

    Raises:
        InputError: There is no such name, folder, file, class or function; a checkpoint can't be read; a package is
            missing; or the policy doesn't support the runtime.
    """
    try:
        policy = _find_maker(name)()
    except ModuleNotFoundError as error:
        if error.name not in CURES:
            raise
        raise missing_package(error.name) from error
    apply_runtime(policy, runtime)
    return policy


def _find_maker(name: str) -> Callable[[], Policy]:
    """Find the function that makes the policy of a name; all rules for names are here.

    Raises:
        InputError: There is none.
    """
    if name in SCRIPTED:
        return lambda: _import_object(SCRIPTED[name])()
    if name in SYSTEMS:
        return partial(_make_system, SYSTEMS[name])
    if name in TRAINED_REFERENCES:
        return partial(_load_shipped, name, name, TRAINED_REFERENCES[name].training)
    if is_server_address(name):
        check_address(name)
        return partial(_connect, name)
    if is_code_reference(name):
        _check_file(name)
        return partial(_make_custom_policy, name)
    path = Path(name)
    if path.is_dir():
        return partial(_load, _find_checkpoint_kind(path), path, path.resolve().name)
    if path.suffix == ONNX and path.is_file():
        return partial(_load, ONNX_POLICY, path, path.stem)
    if name == ALL_PUBLISHED:
        raise InputError(f"'{ALL_PUBLISHED}' means all published policies: name one, such as 'hybrid'")
    if "/" in name or path.suffix == ONNX or path.exists():
        raise InputError(
            f"no policy at '{name}': give a policy's name, a folder that training wrote, an ONNX file, or file.py:NAME"
        )
    raise unknown_name("policy", name, [*POLICIES, ALL_PUBLISHED])


def _import_object(reference: str) -> Any:
    """Import the object that ``module:attribute`` names."""
    return pkgutil.resolve_name(reference)


def _load(kind: str, path: Path, name: str) -> Policy:
    policy: Policy = _import_object(kind).load(path, name)
    return policy


def _find_checkpoint_kind(folder: Path) -> str:
    """Find the class that loads a checkpoint folder, by its config.

    Raises:
        InputError: The folder isn't a checkpoint.
    """
    try:
        kind = json.loads((folder / CONFIG).read_text())["model_type"]
    except FileNotFoundError as error:
        raise InputError(f"no checkpoint in {folder}: it needs {CONFIG} and model.safetensors") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / CONFIG} can't be read: it must be JSON with a 'model_type'") from error
    if not isinstance(kind, str) or kind not in CHECKPOINT_KINDS:
        raise InputError(
            f"{folder / CONFIG} describes another kind of model: 'model_type' is '{kind}', not "
            + " or ".join(f"'{known}'" for known in CHECKPOINT_KINDS)
        )
    return CHECKPOINT_KINDS[kind]


def _make_system(config: SystemConfig) -> Policy:
    """Make a published system: from its checkpoint, its export, or its members."""
    if config.members:
        names, weights = zip(*config.members, strict=True)
        ensemble: Policy = _import_object(ENSEMBLE)([make_policy(name) for name in names], weights, config.name)
        return ensemble
    if config.export_of:
        file = CHECKPOINTS / config.name / f"{config.export_of}{ONNX}"
        if not file.is_file():
            command = f"python -m policies.export {config.export_of} --out {file}"
            raise InputError(f"'{config.name}' has no file {file}: run '{command}'")
        return _load(ONNX_POLICY, file, config.name)
    return _load_shipped(config.checkpoint or config.name, config.name, f"python -m policies.train {config.name} --out")


def _load_shipped(checkpoint: str, name: str, training: str) -> Policy:
    """Load a checkpoint that comes with the package.

    Raises:
        InputError: It doesn't.
    """
    folder = CHECKPOINTS / checkpoint
    if not (folder / CONFIG).is_file():
        raise InputError(f"'{name}' has no checkpoint in {folder}: run '{training} {folder}'")
    return _load(_find_checkpoint_kind(folder), folder, name)


def _connect(url: str) -> Policy:
    """Make the policy that a server computes, with the token of the environment, if there is one."""
    policy: Policy = _import_object(REMOTE_POLICY)(url, token=read_token())
    return policy


def _check_file(name: str) -> None:
    """Check that the file of ``file.py:NAME`` exists."""
    path = source_file(name)
    if path is not None and not path.is_file():
        raise InputError(f"policy '{name}': there is no file '{path}'")


def _make_custom_policy(name: str) -> Policy:
    """Make a policy by ``file.py:NAME`` or ``module:NAME``."""
    maker = load_object(name, "policy")
    if not callable(maker):
        raise InputError(f"policy '{name}' is a {type(maker).__name__}: name a class, or a function that makes one")
    try:
        policy: Policy = maker()
    except InputError:
        raise
    except Exception as error:  # a user's code may raise anything; it is reported with its location
        raise InputError(f"policy '{name}' can't be made: {describe_failure(error)}") from error
    missing = [part for part in ("spec", "reset", "act") if not hasattr(policy, part)]
    if missing:
        raise InputError(
            f"policy '{name}' is a {type(policy).__name__} without {', '.join(missing)}: see policies.policy.Policy"
        )
    if not isinstance(policy.spec, PolicySpec):
        raise InputError(
            f"policy '{name}': its spec is a {type(policy.spec).__name__}, not a policies.policy.PolicySpec"
        )
    return policy
