"""Laws of the recorded matrix products: their shapes are those that a network computes."""

import pytest
import torch
from torch import nn

from sim.benchmark.loop.network_products import Product, make_product_run, record_products


def shapes(products):
    return [(each.batch, each.rows, each.inner, each.columns) for each in products]


@pytest.mark.parametrize("inference", [False, True])
def test_linear_layers_and_products_are_recorded_in_and_out_of_inference_mode(inference):
    layer, values = nn.Linear(8, 5), torch.ones(2, 3, 8)

    def compute():
        with torch.inference_mode(inference):
            return layer(values) @ torch.ones(2, 5, 4)

    assert shapes(record_products(compute)) == [(1, 6, 8, 5), (2, 3, 5, 4)]


def test_a_convolution_is_the_product_of_its_patches_and_kernels():
    layer = nn.Conv2d(3, 7, kernel_size=4, stride=2, padding=1)
    with torch.inference_mode():
        found = record_products(lambda: layer(torch.ones(2, 3, 10, 10)))
    assert shapes(found) == [(1, 2 * 5 * 5, 3 * 4 * 4, 7)]


def test_attention_is_two_products_for_each_head():
    query, key = torch.ones(2, 3, 6, 4), torch.ones(2, 3, 9, 4)
    with torch.inference_mode():
        found = record_products(lambda: nn.functional.scaled_dot_product_attention(query, key, key))
    assert shapes(found) == [(6, 6, 4, 9), (6, 6, 9, 4)]


def test_a_gru_computes_two_products_a_step():
    layer = nn.GRU(4, 5, batch_first=True)
    with torch.inference_mode():
        found = record_products(lambda: layer(torch.ones(2, 1, 4)))
    assert sorted(shapes(found)) == [(1, 2, 4, 15), (1, 2, 5, 15)]


def test_what_computes_no_product_has_none():
    assert record_products(lambda: torch.ones(3).exp()) == []


def test_a_run_computes_products_of_every_kind_without_an_error():
    made = [Product(1, 2, 3, 4), Product(5, 2, 3, 4), Product(1, 2, 3, 4, torch.bfloat16, transposed=True)]
    assert [product.flops for product in made] == [48, 240, 48]
    make_product_run(made)()
