"""ONNX Runtime sessions, with as many threads as torch and the requested execution provider."""

from __future__ import annotations

import onnx
import onnxruntime as ort

from policies.inference.runtime import PROVIDERS, count_threads
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from scenarios.common.errors import InputError, unknown_name

SEVERE = 3  # ONNX Runtime's log level for errors


def check_provider(provider: str) -> str:
    """Return ONNX Runtime's name of a provider.

    Raises:
        InputError: There is no such provider, or this installation doesn't have it.
    """
    if provider not in PROVIDERS:
        raise unknown_name("execution provider", provider, PROVIDERS)
    there = ort.get_available_providers()
    if PROVIDERS[provider] not in there:
        known = ", ".join(name for name, full in PROVIDERS.items() if full in there)
        raise InputError(
            f"--provider {provider} is not available: this onnxruntime {ort.__version__} has {known}; install a "
            f"build with {PROVIDERS[provider]}"
        )
    return PROVIDERS[provider]


def create_session(model: onnx.ModelProto, provider: str) -> ort.InferenceSession:
    """Create a session for a model.

    Raises:
        InputError: The provider isn't available, or it can't start on this machine.
        ValueError: ONNX Runtime can't run the model.
    """
    wanted = check_provider(provider)
    options = ort.SessionOptions()
    options.intra_op_num_threads = count_threads()
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = SEVERE
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Quantized weights are converted to floats once, when the session starts, and not for every frame.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        # The kernel of this fusion is slower than the two that it replaces.
        session = ort.InferenceSession(
            model.SerializeToString(), options, providers=[wanted], disabled_optimizers=["SkipLayerNormFusion"]
        )
    except Exception as error:  # its exception classes have no common base
        raise ValueError(f"ONNX Runtime can't run it: {str(error).splitlines()[0]}") from error
    if session.get_providers()[0] != wanted:
        raise InputError(
            f"--provider {provider} can't start on this machine, and ONNX Runtime fell back to "
            f"{session.get_providers()[0]}: its libraries or its device are missing"
        )
    return session


def check_runtime(name: str, runtime: InferenceRuntime) -> None:
    """Check that an ONNX file can run in a runtime, whose provider is checked when its session starts.

    Args:
        name: Name of the policy, for errors.
        runtime: The requested runtime.

    Raises:
        InputError: The runtime is for torch.
    """
    if runtime.compile != DEFAULT_RUNTIME.compile:
        raise InputError(f"policy '{name}' is an ONNX file, already compiled: omit --compile {runtime.compile}")
    if runtime.device != DEFAULT_RUNTIME.device:
        raise InputError(
            f"policy '{name}' is an ONNX file: --provider cuda runs it on a GPU, not --device {runtime.device}"
        )
    if runtime.precision != DEFAULT_RUNTIME.precision:
        raise InputError(
            f"policy '{name}' is an ONNX file with a precision of its own: omit --precision {runtime.precision}, and "
            "choose it when you export the file"
        )


def describe_session(session: ort.InferenceSession) -> str:
    """Describe the runtime of a session, for the results."""
    return f"onnxruntime {ort.__version__} {session.get_providers()[0]}"
