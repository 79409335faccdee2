"""Special values: the table against independent sources, and planted faults."""

import ctypes
import ctypes.util

import mpmath
import numpy as np
import pytest

from benchmarks import ops
from benchmarks.backends import numpy as numpy_backend
from benchmarks.behaviour import special
from benchmarks.formats import ulp

FLOAT64 = ulp.FORMATS["float64"]
FLOAT32 = ulp.FORMATS["float32"]
INF = float("inf")

# The C library's functions; nearbyint rounds ties to even by default.
LIBM = {name: name for name in special.CASES} | {"abs": "fabs", "round": "nearbyint"}
# IEEE arithmetic by the processor, and the rules that NumPy documents for these four.
NUMPY = {
    "negative": np.negative,
    "square": np.square,
    "reciprocal": np.reciprocal,
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "squared_difference": lambda x, y: (x - y) * (x - y),
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sign": np.sign,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "remainder": np.remainder,
}
# Without a standard: limits, taken numerically.
LIMITS = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "digamma": mpmath.digamma,
}
for _name in [*NUMPY, *LIMITS]:
    del LIBM[_name]


def bits_of(value, format=FLOAT64):
    return int(ulp.encode([value], format)[0])


def numbers(given):
    return [float(word) for word in given]


@pytest.mark.parametrize("name", sorted(LIBM))
def test_the_c_library_follows_the_table(name):
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), LIBM[name])
    function.restype = ctypes.c_double
    for given, due, clause in special.cases(name):
        function.argtypes = [ctypes.c_double] * len(given)
        assert special.passes(bits_of(function(*numbers(given))), due, FLOAT64), (given, clause)


@pytest.mark.parametrize("name", sorted(NUMPY))
def test_ieee_arithmetic_follows_the_table(name):
    for given, due, clause in special.cases(name):
        with np.errstate(all="ignore"):
            got = NUMPY[name](*map(np.float64, numbers(given)))
        assert special.passes(bits_of(got), due, FLOAT64), (given, clause)


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_the_limits_are_those_of_mpmath(name):
    with mpmath.workprec(200):
        for (word,), due, _ in special.cases(name):
            value = float(word)
            if due == "nan":
                continue
            near = mpmath.mpf(10) ** -40 * (-1 if word.startswith("-") else 1)
            at = {INF: mpmath.mpf(10) ** 40, -INF: -(mpmath.mpf(10) ** 3)}.get(value, near + value)
            limit = LIMITS[name](at)
            if abs(float(due)) == INF:
                assert abs(limit) > 80
                assert (limit > 0) == (float(due) > 0)
            else:
                assert abs(limit - float(due)) < 1e-30


def test_every_op_has_its_cases_and_all_have_a_source_beside_the_table():
    assert {op.name for op in ops.ELEMENTWISE} <= set(special.CASES)
    assert set(special.CASES) == set(LIBM) | set(NUMPY) | set(LIMITS)


@pytest.mark.parametrize("op", ops.ELEMENTWISE, ids=lambda op: op.name)
def test_the_cases_have_as_many_arguments_as_the_op(op):
    assert {len(given) for given, _, _ in special.cases(op.name)} == {op.arity}


@pytest.mark.parametrize("name", ulp.FORMATS)
def test_every_number_in_the_table_is_representable(name):
    format = ulp.FORMATS[name]
    for op in special.CASES:
        for given, due, _ in special.cases(op):
            for word in [*given, *([] if "pi" in due else [due])]:
                value = float(ulp.wide(ulp.encode([float(word)], format), format)[0])
                assert value == float(word) or word == "nan"


def test_signs_expand_together_or_against_each_other():
    assert special.cases("negative")[:2] == [
        (("+0",), "-0", "IEEE 754-2019 5.5.1"),
        (("-0",), "+0", "IEEE 754-2019 5.5.1"),
    ]


def test_what_passes():
    assert not special.passes(bits_of(0.0), "-0", FLOAT64)
    assert special.passes(bits_of(-0.0), "0", FLOAT64)
    assert special.passes(0xFFC00001, "nan", FLOAT32)
    # π/2 rounded to float32 is 0x3fc90fdb; a neighbour passes, the next but one does not.
    assert special.passes(0x3FC90FDC, "pi/2", FLOAT32)
    assert not special.passes(0x3FC90FDD, "pi/2", FLOAT32)
    assert not special.passes(0x3FC90FDB, "-pi/2", FLOAT32)
    # 3π/4 = 2.35619449…, in float32 0x4016cbe4.
    assert special.passes(0x4016CBE4, "+3pi/4", FLOAT32)


class Planted:
    """NumPy with the result replaced where ``where(values)`` says so."""

    def __init__(self, where, value):
        self.where, self.value = where, value

    def evaluate(self, op, dtype, arguments):
        result = numpy_backend.evaluate(op, dtype, arguments).view(dtype).copy()
        result[self.where(*[bits.view(dtype) for bits in arguments])] = self.value
        return result.view(ulp.FORMATS[dtype].uint)


def is_minus_zero(x):
    return (x == 0) & np.signbit(x)


def test_numpys_square_root_has_no_failures():
    assert special.failures(numpy_backend, ops.OPS["sqrt"], "float32") == []


def test_a_lost_sign_of_zero_is_the_only_failure():
    (failure,) = special.failures(Planted(is_minus_zero, 0.0), ops.OPS["sqrt"], "float32")
    assert failure["given"] == ["-0"]
    assert failure["due"] == "-0"
    assert failure["got"]["bits"] == "0x00000000"
    assert failure["clause"] == "C17 F.10.4.5"
    assert failure["where"] == "alone"


@pytest.mark.parametrize("place", range(16))
def test_a_fault_at_one_place_of_a_vector_is_found(place):
    def here(x):
        return np.isinf(x) & (np.arange(x.size) % 16 == place) & (x.size > 1)

    failures = special.failures(Planted(here, 1.0), ops.OPS["exp"], "float32")
    assert [failure["given"] for failure in failures] == [["-inf"], ["inf"]]
    assert {failure["where"] for failure in failures} == {"in an array"}
