"""The matrix products of a network: their shapes, and the time that they take by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


@dataclass(frozen=True)
class Product:
    """A batch of matrix products (rows, inner) x (inner, columns)."""

    batch: int
    rows: int
    inner: int
    columns: int
    dtype: torch.dtype = torch.float32
    transposed: bool = False
    """The right operand is stored as (columns, inner), as a linear layer stores its weights."""

    @property
    def flops(self) -> int:
        """Multiplications and additions."""
        return 2 * self.batch * self.rows * self.inner * self.columns


class ProductRecorder(TorchDispatchMode):
    """Records the matrix products of all operators called in its context, in ``products``."""

    def __init__(self) -> None:
        super().__init__()
        self.products: list[Product] = []

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        read = _READERS.get(func.overloadpacket)
        if read is not None:
            self.products += read(*args)
        elif func is not aten.linear.default:
            # In inference mode, composite operators such as ``matmul`` arrive whole.
            with self:
                made = func.decompose(*args, **(kwargs or {}))
            if made is not NotImplemented:
                return made
        return func(*args, **(kwargs or {}))


def record_products(function: Callable[[], object]) -> list[Product]:
    """Record the matrix products of what a function computes in torch; none if it computes elsewhere."""
    with ProductRecorder() as recorder:
        function()
    return recorder.products


def make_product_run(products: Sequence[Product]) -> Callable[[], None]:
    """Return a function that computes these products, with operands and results allocated beforehand."""
    operands = [_allocate(product) for product in products]

    def compute() -> None:
        with torch.inference_mode():
            for left, right, out in operands:
                (torch.mm if left.dim() == 2 else torch.bmm)(left, right, out=out)

    return compute


def _allocate(product: Product) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    several = (product.batch,) if product.batch > 1 else ()

    def fill(*shape: int) -> torch.Tensor:
        return torch.rand(*several, *shape).to(product.dtype)

    right = fill(product.columns, product.inner).mT if product.transposed else fill(product.inner, product.columns)
    return fill(product.rows, product.inner), right, fill(product.rows, product.columns)


def _read_linear(values: torch.Tensor, weight: torch.Tensor, *_: Any) -> list[Product]:
    rows = values.numel() // values.shape[-1]
    return [Product(1, rows, weight.shape[1], weight.shape[0], values.dtype, transposed=True)]


def _read_mm(left: torch.Tensor, right: torch.Tensor, *_: Any) -> list[Product]:
    batch = left.shape[0] if left.dim() == 3 else 1
    stored_by_columns = right.stride(-1) != 1
    return [Product(batch, left.shape[-2], left.shape[-1], right.shape[-1], left.dtype, stored_by_columns)]


def _read_addmm(_: torch.Tensor, left: torch.Tensor, right: torch.Tensor, *__: Any) -> list[Product]:
    return _read_mm(left, right)


def _read_convolution(values: torch.Tensor, weight: torch.Tensor, *rest: Any) -> list[Product]:
    """Read a convolution as the product of its patches and its kernels."""
    stride, padding, dilation = rest[1:4]
    places = 1
    for axis, length in enumerate(values.shape[2:]):
        kernel = dilation[axis] * (weight.shape[2 + axis] - 1) + 1
        places *= (length + 2 * padding[axis] - kernel) // stride[axis] + 1
    groups = rest[6] if len(rest) > 6 else 1
    inner, columns = weight[0].numel(), weight.shape[0] // groups
    return [Product(groups, len(values) * places, inner, columns, values.dtype, transposed=True)]


def _read_attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: Any) -> list[Product]:
    batch, queries, width = query.shape[:-2].numel(), query.shape[-2], query.shape[-1]
    keys = key.shape[-2]
    return [
        Product(batch, queries, width, keys, query.dtype, transposed=True),
        Product(batch, queries, keys, value.shape[-1], query.dtype),
    ]


_READERS: dict[Any, Callable[..., list[Product]]] = {
    aten.linear: _read_linear,
    aten.mm: _read_mm,
    aten.bmm: _read_mm,
    aten.addmm: _read_addmm,
    aten.baddbmm: _read_addmm,
    aten.convolution: _read_convolution,
    aten.scaled_dot_product_attention: _read_attention,
    aten._scaled_dot_product_flash_attention_for_cpu: _read_attention,
}
