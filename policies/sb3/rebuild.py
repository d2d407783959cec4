"""Rebuilds the network of a standard policy from what a zip says without its pickles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch

from policies.sb3.archive import Archive
from policies.sb3.network import ACTIVATIONS, Sb3Config, Sb3Network
from policies.sb3.observed_parts import PIXELS, STATE, ArraySpace, ObservedParts, describe_parts
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE

STANDARD_POLICIES = re.compile(r"stable_baselines3\.(?:common|sac|td3)\.policies")
STANDARD_EXTRACTORS = re.compile(
    r"<class 'stable_baselines3\.common\.torch_layers\.(?:NatureCNN|CombinedExtractor|FlattenExtractor)'>"
)
ACTIVATION = re.compile(r"<class 'torch\.nn\.modules\.activation\.(\w+)'>")
HARMLESS = {  # arguments of a policy that don't change its action without exploration, or that the weights tell
    *("net_arch", "ortho_init", "log_std_init", "full_std", "use_expln", "share_features_extractor", "n_critics"),
    *("optimizer_class", "optimizer_kwargs", "use_sde", "clip_mean", "squash_output", "normalize_images"),
    *("features_extractor_class", "features_extractor_kwargs", "activation_fn"),
}
SAC_MEAN_LIMIT = 2.0  # SAC's default with state-dependent exploration
BOX = re.compile(r"'([^']+)': Box\([^()]*, \((\d+(?:, \d+)*),?\), (\w+)\)")
ANY_SPACE = re.compile(r"'([^']+)': \w+\(")


class ActorNames(NamedTuple):
    """Where an algorithm's policy keeps the weights of its actor."""

    extractors: tuple[str, ...]
    """Prefixes of its features' extractor, the one that it uses first."""
    hidden: str
    """Prefix of its hidden layers."""
    action: str
    """Prefix of its last layer; empty where that is the last of the hidden ones."""
    activation: str
    """The default one."""
    squashes: bool


ACTOR_CRITIC = ActorNames(
    ("pi_features_extractor", "features_extractor"), "mlp_extractor.policy_net", "action_net", "Tanh", False
)
SAC = ActorNames(("actor.features_extractor",), "actor.latent_pi", "actor.mu", "ReLU", True)
TD3 = ActorNames(("actor.features_extractor",), "actor.mu", "", "ReLU", True)


class PickleNeededError(InputError):
    """The file holds more than its text and tensors tell."""


def rebuild_network(archive: Archive) -> Sb3Network:
    """Rebuild the network with its weights.

    Raises:
        PickleNeededError: The policy isn't a standard one.
        InputError: The environment gives no such observation, takes no such action, or the weights don't fit.
    """
    where = f"the model in {archive.path}"
    _check_action_space(archive.data.get("action_space"), where)
    options = _read_options(archive)
    names = _find_names(archive)
    layers = _list_layers(archive.weights, names)
    parts = _read_parts(archive.data.get("observation_space"), where, archive)
    image = None if parts.image_key is None else _find_image(archive.weights, names.extractors, parts.image_key)
    if image is not None and f"{image}.linear.0.weight" not in archive.weights:
        raise _unfit(archive, "it has no layers for frames")
    config = Sb3Config(
        parts=parts,
        image_features=0 if image is None else _rows(archive.weights, f"{image}.linear.0.weight"),
        hidden=tuple(_rows(archive.weights, f"{layer}.weight") for layer in layers[:-1]),
        activation=_read_activation(options, names, archive),
        scales_pixels=options.get("normalize_images", True) is not False,
        mean_limit=_read_mean_limit(archive, options, names),
        squashes=names.squashes or options.get("squash_output") is True,
    )
    return _build_with_weights(config, archive, image, layers).eval()


def _check_action_space(space: Any, where: str) -> None:
    described = space if isinstance(space, dict) else {}
    bounds = [_numbers(described.get(name)) for name in ("low", "high")]
    if bounds != [[-1.0] * ACTION_SIZE, [1.0] * ACTION_SIZE]:
        shown = re.sub(r"<class '|'>", "", str(described.get(":type:", "unknown"))).rsplit(".", 1)[-1]
        raise InputError(
            f"{where} acts in a space ({shown}, low {described.get('low')}, high {described.get('high')}) that isn't "
            f"the environment's: {ACTION_SIZE} numbers from -1 to 1"
        )


def _numbers(text: Any) -> list[float] | None:
    try:
        return [float(word) for word in re.sub(r"[\[\],]", " ", text).split()]
    except (TypeError, ValueError):
        return None


def _read_options(archive: Archive) -> dict[str, Any]:
    """Return the policy's arguments, if they are those of a standard policy."""
    policy_class = archive.data.get("policy_class")
    module = policy_class.get("__module__") if isinstance(policy_class, dict) else None
    if not isinstance(module, str) or not STANDARD_POLICIES.fullmatch(module):
        raise _needs_pickle(archive, f"a policy of your own (of the module '{module}')")
    options = archive.data.get("policy_kwargs") or {}
    if not isinstance(options, dict):
        raise _needs_pickle(archive, "arguments of its policy that only a pickle tells")
    options = {name: value for name, value in options.items() if not name.startswith(":")}
    for name in sorted(set(options) - HARMLESS):
        raise _needs_pickle(archive, f"an argument '{name}' of its policy")
    extractor = options.get("features_extractor_class")
    if extractor is not None and not STANDARD_EXTRACTORS.fullmatch(str(extractor)):
        raise _needs_pickle(archive, f"a features extractor of your own ({extractor})")
    return options


def _read_activation(options: Mapping[str, Any], names: ActorNames, archive: Archive) -> str:
    given = options.get("activation_fn")
    if given is None:
        return names.activation
    found = ACTIVATION.fullmatch(str(given))
    if found is None or found[1] not in ACTIVATIONS:
        raise _needs_pickle(archive, f"an activation of your own ({given})")
    return found[1]


def _read_mean_limit(archive: Archive, options: Mapping[str, Any], names: ActorNames) -> float | None:
    if names is not SAC or not archive.data.get("use_sde"):
        return None
    limit = options.get("clip_mean", SAC_MEAN_LIMIT)
    if not isinstance(limit, int | float):
        raise _needs_pickle(archive, "a bound of its actions that only a pickle tells")
    return float(limit) if limit > 0.0 else None


def _needs_pickle(archive: Archive, what: str) -> PickleNeededError:
    return PickleNeededError(
        f"{archive.path} contains {what}: to rebuild it, pickles in the file must be run, which can execute any code; "
        "add --trust-pickle if you trust whoever made it"
    )


def _read_parts(space: Any, where: str, archive: Archive) -> ObservedParts:
    described = space if isinstance(space, dict) else {}
    if isinstance(text := described.get("spaces"), str):
        spaces = {name: _array_space(shape, kind) for name, shape, kind in BOX.findall(text)}
        others = [name for name in ANY_SPACE.findall(text) if name not in spaces]
        return describe_parts(spaces | dict.fromkeys(others, ArraySpace((), "")), where)
    shape, kind = described.get("_shape"), described.get("dtype")
    if not isinstance(shape, list) or not all(isinstance(side, int) for side in shape) or not isinstance(kind, str):
        raise _needs_pickle(archive, "an observation space that only a pickle tells")
    found = ArraySpace(tuple(shape), kind)
    key = PIXELS if len(shape) == 3 else STATE
    parts = describe_parts({key: found}, where)
    return ObservedParts(parts.keys, parts.image_size, parts.frames, is_dict=False)


def _array_space(shape: str, kind: str) -> ArraySpace:
    return ArraySpace(tuple(int(side) for side in shape.split(", ")), kind)


def _find_names(archive: Archive) -> ActorNames:
    weights = archive.weights
    if f"{ACTOR_CRITIC.action}.weight" in weights:
        return ACTOR_CRITIC
    if any(name.startswith(f"{SAC.hidden}.") for name in weights):
        return SAC
    if any(name.startswith(f"{TD3.hidden}.") for name in weights):
        return TD3
    raise _needs_pickle(archive, "a policy without an actor of the standard kind")


def _list_layers(weights: Mapping[str, torch.Tensor], names: ActorNames) -> list[str]:
    """List the names of the layers from features to action."""
    pattern = re.compile(rf"{re.escape(names.hidden)}\.(\d+)\.weight")
    numbers = sorted(int(found[1]) for name in weights if (found := pattern.fullmatch(name)))
    layers = [f"{names.hidden}.{number}" for number in numbers]
    if not names.action:
        return layers
    plain = f"{names.action}.weight" in weights
    return [*layers, names.action if plain else f"{names.action}.0"]


def _find_image(weights: Mapping[str, torch.Tensor], extractors: tuple[str, ...], key: str) -> str:
    candidates = [f"{prefix}{part}" for prefix in extractors for part in (f".extractors.{key}", "")]
    return next((name for name in candidates if f"{name}.linear.0.weight" in weights), candidates[0])


def _rows(weights: Mapping[str, torch.Tensor], name: str) -> int:
    return weights[name].shape[0] if name in weights and weights[name].ndim else 0


def _build_with_weights(config: Sb3Config, archive: Archive, image: str | None, layers: list[str]) -> Sb3Network:
    """Build the network with the file's weights, each from its place there.

    Raises:
        InputError: They don't fit; found before any memory is taken for what the file only claims to hold.
    """
    sources = {"action": layers[-1] if layers else ""}
    sources |= {f"hidden.{2 * number}": layer for number, layer in enumerate(layers[:-1])}
    if image is not None:
        sources |= {f"convolutions.{number}": f"{image}.cnn.{number}" for number in (0, 2, 4)}
        sources["image.0"] = f"{image}.linear.0"
    found = {
        f"{ours}.{kind}": archive.weights.get(f"{theirs}.{kind}")
        for ours, theirs in sources.items()
        for kind in ("weight", "bias")
    }
    try:
        with torch.device("meta"):
            network = Sb3Network(config)
        network.load_state_dict({name: value for name, value in found.items() if value is not None}, assign=True)
    except (RuntimeError, TypeError, OverflowError) as error:
        raise _unfit(archive, " ".join(str(error).split())) from error
    return network.float()


def _unfit(archive: Archive, reason: str) -> InputError:
    return InputError(f"the weights in {archive.path} don't fit what the file says of its policy: {reason}")
