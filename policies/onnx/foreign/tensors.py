"""Inputs and outputs of an ONNX model: names, types and shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx


@dataclass(frozen=True)
class Tensor:
    """An input or output.

    Attributes:
        name: Its name.
        dtype: Its type, by NumPy's name.
        shape: Its sizes; None for one that may vary.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    @property
    def is_real(self) -> bool:
        """True if it contains floats."""
        return self.dtype in ("float16", "float32", "float64")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its sizes for one robot: what may vary is 1."""
        return tuple(size or 1 for size in self.shape)

    def __str__(self) -> str:
        sizes = ", ".join("n" if size is None else str(size) for size in self.shape)
        return f"{self.name} {self.dtype} ({sizes})"


def read_tensors(values: Iterable[onnx.ValueInfoProto], besides: Iterable[str] = ()) -> dict[str, Tensor]:
    """Read inputs or outputs by name, except those ``besides``.

    Raises:
        ValueError: One isn't a tensor of numbers.
    """
    left_out = set(besides)
    return {value.name: _read_tensor(value) for value in values if value.name not in left_out}


def _read_tensor(value: onnx.ValueInfoProto) -> Tensor:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
        raise ValueError(f"'{value.name}' isn't a tensor of known rank")
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))
    if dtype.kind not in "biuf":
        raise ValueError(f"'{value.name}' contains {dtype}, and not numbers")
    shape = tuple(size.dim_value if size.dim_value > 0 else None for size in kind.shape.dim)
    return Tensor(value.name, str(dtype), shape)
