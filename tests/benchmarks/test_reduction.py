"""Reductions: the exact answers, the data, and planted faults."""

import math
import statistics
from collections import Counter
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from benchmarks import ops
from benchmarks.accuracy import reduction
from benchmarks.backends import numpy as numpy_backend
from benchmarks.formats import ulp
from benchmarks.functions import exact_reduction as exact
from benchmarks.inputs import data_sets

FLOAT32 = ulp.FORMATS["float32"]
NUMBERS = [0.1, -3.7, 2.0**-20, 1e5, 7.0, -1e5]
SUM = ops.OPS["sum"]


class Fake:
    """A backend that is one Python function of arrays of float32."""

    COMPILES_SHAPES = False

    def __init__(self, function):
        self.function = function

    def evaluate(self, op, dtype, arguments):
        values = [bits.view(np.float32) for bits in arguments]
        return np.atleast_1d(np.float32(self.function(*values))).view(np.uint32)


def one_then_tiny(op, format, length):
    """1 and then halves of the spacing above it: a float32 sum in order stays at 1."""
    values = np.full(length, 2.0**-24)
    values[0] = 1
    return [ulp.encode(values, format)]


def in_order(values):
    total = np.float32(0)
    for value in values:
        total += value
    return total


def as_fractions(values):
    return [Fraction(float(value)) for value in values]


def is_equal(value, fraction):
    return mpmath.almosteq(value * fraction.denominator, fraction.numerator, rel_eps=2**-480)


@pytest.fixture(autouse=True)
def _precision():
    with mpmath.workprec(exact.PRECISION):
        yield


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_exact_answers_agree_with_fractions(name):
    values = np.array(NUMBERS, name)
    x = exact.integers(values.view(ulp.FORMATS[name].uint), ulp.FORMATS[name])
    due = as_fractions(values)
    magnitudes = sum(abs(f) for f in due)
    assert [is_equal(v, sum(due)) for v in exact.total(x)[0]] == [True]
    assert is_equal(exact.total(x)[1][0], magnitudes)
    assert is_equal(exact.mean(x)[0][0], statistics.mean(due))
    assert is_equal(exact.variance(x)[0][0], statistics.pvariance(due))
    assert is_equal(exact.deviation(x)[0][0] ** 2, statistics.pvariance(due))
    assert is_equal(exact.product(x)[0][0], math.prod(due))
    assert is_equal(exact.largest(x)[0][0], max(due))
    assert is_equal(exact.smallest(x)[0][0], min(due))
    sums = exact.running_total(x)[0]
    assert all(is_equal(v, sum(due[: i + 1])) for i, v in enumerate(sums))


def test_an_exact_matrix_product_agrees_with_fractions():
    a, b = np.array(NUMBERS).reshape(2, 3), np.array(NUMBERS[::-1]).reshape(3, 2)
    format = ulp.FORMATS["float64"]
    got, sizes = exact.product_of_matrices(
        *(exact.integers(m.view(np.uint64), format) for m in (a, b))
    )
    for row in range(2):
        for column in range(2):
            terms = [Fraction(x) * Fraction(y) for x, y in zip(a[row], b[:, column], strict=True)]
            assert is_equal(got[2 * row + column], sum(terms))
            assert is_equal(sizes[2 * row + column], sum(map(abs, terms)))


def test_log_sum_exp_and_softmax_of_equal_numbers_have_closed_forms():
    x = exact.integers(np.full(3, 5.0).view(np.uint64), ulp.FORMATS["float64"])
    assert mpmath.almosteq(exact.logsumexp(x)[0][0], 5 + mpmath.log(3), rel_eps=2**-480)
    assert mpmath.almosteq(exact.softmax(x)[0][2], mpmath.mpf(1) / 3, rel_eps=2**-480)


def test_a_sum_in_plain_order_is_found_out():
    op = SUM._replace(longest=1025)
    record = reduction.measure(Fake(in_order), op, "float32", one_then_tiny)
    # 1024 numbers of 2**-24 are lost of 1025, 512 spacings of 2**-23; the terms sum up to the
    # result, 1 + 1024·2**-24, and u is 2**-24.
    assert record["worst"]["length"] == 1025
    assert record["max_ulp"] == 512
    assert record["max_condition_error"] == pytest.approx(1024 / (1 + 2**-14))
    assert record["by_length"]["1"] == [0, 0]


def test_pairwise_summation_keeps_to_highams_bound():
    # Section 4.2: log2(n) roundings a term; NumPy adds up to 128 numbers in 8 rows of 16 first.
    record = reduction.measure(numpy_backend, SUM, "float32", data_sets.uniform)
    assert 0 < record["max_condition_error"] < math.log2(100003) + 16


def test_the_correctly_rounded_sum_is_off_by_half_an_ulp_at_most():
    fsum = Fake(lambda x: math.fsum(x.tolist()))
    for make in (data_sets.uniform, data_sets.cancelling):
        record = reduction.measure(fsum, SUM, "float32", make)
        assert record["max_ulp"] <= 0.5
        assert record["nan_wrong"] == 0


@pytest.mark.parametrize("name", ulp.FORMATS)
@pytest.mark.parametrize("length", [1, 2, 7, 8, 1025])
def test_cancelling_terms_leave_one_or_two(name, length):
    format = ulp.FORMATS[name]
    (bits,) = data_sets.cancelling(SUM, format, length)
    terms = as_fractions(ulp.wide(bits, format))
    assert len(terms) == length
    left = list((Counter(terms) - Counter(-term for term in terms)).elements())
    assert len(left) <= 2
    assert 0 < sum(left) < 2**-4
    if length == 1025:
        assert sum(map(abs, terms)) > 2**16 * sum(left)


def test_the_matrices_cancel_in_every_element():
    bits = data_sets.cancelling(ops.MATMUL, FLOAT32, 1025)
    a, b = (ulp.wide(m, FLOAT32) for m in bits)
    assert a.shape == (9, 1025)
    assert b.shape == (1025, 9)
    assert (np.abs(a) @ np.abs(b) > 2**10 * np.abs(a @ b)).all()


def test_the_one_pass_variance_loses_all_digits_on_the_offset_data():
    def one_pass(x):
        return (x * x).mean(dtype=np.float32) - x.mean(dtype=np.float32) ** 2

    op = ops.OPS["var"]
    one = reduction.measure(Fake(one_pass), op, "float32", data_sets.offset)
    two = reduction.measure(numpy_backend, op, "float32", data_sets.offset)
    assert one["max_condition_error"] > 2**20
    assert two["max_condition_error"] < 100


def test_nan_is_counted_on_its_own():
    record = reduction.measure(Fake(lambda x: np.nan), SUM, "float32", data_sets.uniform)
    assert record["nan_wrong"] == record["inputs"] == len(reduction.LENGTHS)
    assert record["max_ulp"] is None
    assert record["worst"] is None


def test_an_infinite_result_has_finite_errors():
    record = reduction.measure(Fake(lambda x: np.inf), SUM, "float32", data_sets.uniform)
    # 1 number below 1: 2**128 over a spacing of at most 2**-24.
    assert 2**128 < record["max_ulp"] < math.inf
    assert record["max_condition_error"] < math.inf


def test_a_missing_result_is_an_error():
    with pytest.raises(ValueError, match="1 results where 2"):
        reduction.measure(Fake(lambda x: 0), ops.OPS["cumsum"], "float32", data_sets.uniform)


def test_every_reduction_has_an_exact_answer():
    assert all(op.reduce for op in [*ops.REDUCTIONS, ops.MATMUL])
