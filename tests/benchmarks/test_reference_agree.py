"""The filter and mpmath say alike where a function has a real value, and where it has none."""

import itertools

import mpmath
import numpy as np
import pytest

from benchmarks import ops
from benchmarks.accuracy import error_stats, reference, sweep
from benchmarks.formats import ulp

FLOAT32 = ulp.FORMATS["float32"]
INTEGERS = [float(number) for number in range(-20, 21)]
# Poles, ends of domains, and what lies next to them or far away.
VALUES = sorted(
    {*INTEGERS, *(number + 0.5 for number in INTEGERS), *(-(2.0**n) for n in range(5, 127, 7)),
     *(2.0**n for n in range(-126, 127, 9)), -1e-30, -0.9999999403953552, 1.0000001192092896,
     -1.0000001192092896, 1.4616321325302124, float("inf"), float("-inf")}
)  # fmt: skip
# Infinite pairs are special.py's: IEEE 754 gives them a value that no limit has.
FEW = (-2.5, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.5)


@pytest.mark.parametrize("op", ops.ELEMENTWISE, ids=lambda op: op.name)
def test_both_have_a_number_or_both_have_none(op):
    tuples = list(itertools.product(*[VALUES if op.arity == 1 else FEW] * op.arity))
    arguments = [
        np.array(column, np.float32).view(np.uint32) for column in zip(*tuples, strict=True)
    ]
    with np.errstate(all="ignore"):
        wide = op.wide(*[ulp.wide(bits, FLOAT32) for bits in arguments])
    with mpmath.workprec(reference.PRECISION):
        exact = [
            reference.exact(op, [bits[place] for bits in arguments], FLOAT32)
            for place in range(len(tuples))
        ]
    differ = [
        values
        for values, filtered, value in zip(tuples, wide, exact, strict=True)
        if np.isnan(filtered) != mpmath.isnan(value)
    ]
    assert differ == []


def test_a_number_where_mpmath_has_none_is_an_error():
    """Such a filter would call a NaN wrong that is right."""
    found = error_stats.Tally()
    found.candidates = [[1.5, [0xC0000000], 0x7F800000]]  # digamma(−2), a pole, said to be infinite
    with pytest.raises(reference.FilterError, match="digamma"):
        sweep.record(ops.OPS["digamma"], FLOAT32, found, "normal", {"kind": "sample"})


def test_an_error_that_mpmath_does_not_see_is_an_error():
    """It would hide the largest one, of which a piece keeps few."""
    found = error_stats.Tally()
    found.candidates = [[4096.0, [0x3F800000], 0]]  # log(1) is 0
    with pytest.raises(reference.FilterError, match="log of"):
        sweep.record(ops.OPS["log"], FLOAT32, found, "normal", {"kind": "sample"})


@pytest.mark.parametrize(
    ("name", "plus", "minus"),
    [
        ("reciprocal", "+inf", "-inf"), ("digamma", "-inf", "+inf"), ("lgamma", "+inf", "+inf"),
        ("log", "-inf", "-inf"), ("log2", "-inf", "-inf"), ("log10", "-inf", "-inf"),
    ],
)  # fmt: skip
def test_at_a_pole_the_sign_is_that_next_to_it(name, plus, minus):
    """C's Annex F, and digamma's limits."""
    op = ops.OPS[name]
    for bits, expected in ((0x00000000, plus), (0x80000000, minus)):
        due = float(expected)
        with mpmath.workprec(reference.PRECISION):
            assert reference.exact(op, [bits], FLOAT32) == due
        with np.errstate(all="ignore"):
            assert op.wide(ulp.wide(np.array([bits], np.uint32), FLOAT32))[0] == due
