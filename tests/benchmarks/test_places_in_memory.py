"""Where in memory the inputs of a time lie."""

import numpy as np
import pytest

from benchmarks import bench_time, ops
from benchmarks.formats import ulp


def begins(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_arguments_begin_at_each_quarter_of_a_page(dtype):
    found = bench_time.places(ops.OPS["exp"], dtype, 5000)
    first = begins(found[0][0])
    assert [begins(bits) - first for (bits,) in found] == [0, 1024, 2048, 3072]
    assert {bits.shape for (bits,) in found} == {(5000,)}
    assert {bits.dtype for (bits,) in found} == {np.dtype(ulp.FORMATS[dtype].uint)}


def test_two_arguments_meet_at_four_different_places():
    found = bench_time.places(ops.OPS["add"], "float32", 5000)
    assert len({(begins(x) % 4096, begins(y) % 4096) for x, y in found}) == 4
    apart = {(begins(x) - begins(y)) % 4096 for x, y in found}
    assert len(apart) == 4


@pytest.mark.parametrize(("op", "size"), [("exp", 1), ("exp", 1000), ("matmul", 100)])
def test_less_than_a_page_and_matrices_have_one_place(op, size):
    assert len(bench_time.places(ops.OPS[op], "float32", size)) == 1


def test_the_numbers_are_those_of_any_backend():
    (alike,) = bench_time.arguments(ops.OPS["exp"], "float32", 5000)
    placed = bench_time.places(ops.OPS["exp"], "float32", 5000)
    np.testing.assert_array_equal(placed[0][0], alike)
    np.testing.assert_array_equal(placed[1][0][:-256], alike[256:])
