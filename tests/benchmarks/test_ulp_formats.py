"""The bit patterns of the formats, against the standard library's own idea of them."""

import random
import struct
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from benchmarks.formats import ulp
from benchmarks.formats.ulp import FORMATS

CODES = {"float16": ("H", "e"), "float32": ("I", "f"), "float64": ("Q", "d")}
# Ends of binades, of the subnormals and of all numbers, both signs: where a shift by one shows.
EDGES = {
    "float32": [0, 1, 0x7FFFFF, 0x800000, 0x3F7FFFFF, 0x3F800000, 0x7F7FFFFF, 0x7F800000],
    "float64": [0, 1, 2**52 - 1, 2**52, 0x3FF << 52, (0x3FF << 52) - 1, (0x7FF << 52) - 1,
                0x7FF << 52],
}  # fmt: skip


def decoded(bits, name):
    """The value as a Python float, by struct; bfloat16 is the upper half of a float32."""
    if name == "bfloat16":
        bits, name = bits << 16, "float32"
    integer, float_ = CODES[name]
    return struct.unpack("<" + float_, struct.pack("<" + integer, bits))[0]


def patterns(name):
    """All of the 16-bit formats; edges and seeded random ones of the others."""
    if FORMATS[name].width == 16:
        return range(1 << 16)
    sign = 1 << (FORMATS[name].width - 1)
    source = random.Random(20260101)
    return [*EDGES[name], *(sign | bits for bits in EDGES[name])] + [
        source.getrandbits(FORMATS[name].width) for _ in range(5000)
    ]


def fraction(value):
    """An mpmath number as a Fraction, exactly."""
    mantissa, exponent = value.man_exp  # without the sign
    return int(mpmath.sign(value)) * Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("name", FORMATS)
def test_a_pattern_is_the_number_that_struct_has_and_goes_back_to_it(name):
    format = FORMATS[name]
    sign = 1 << (format.width - 1)
    for bits in patterns(name):
        value, expected = ulp.to_mp(bits, format), decoded(bits, name)
        if expected != expected:
            assert mpmath.isnan(value)
            assert np.isnan(decoded(ulp.from_mp(value, format), name))
            continue
        if abs(expected) == float("inf"):
            assert value == expected
        else:
            assert fraction(value) == Fraction(expected)
        # mpmath has one zero.
        assert ulp.from_mp(value, format) == (bits if bits != sign else 0)


@pytest.mark.parametrize("name", FORMATS)
def test_the_wider_float_has_the_same_value_and_encodes_to_the_same_bits(name):
    format = FORMATS[name]
    bits = np.array(patterns(name), format.uint)
    expected = np.array([decoded(int(b), name) for b in bits])
    with np.errstate(invalid="ignore"):  # of NaNs that signal
        wide = ulp.wide(bits, format)
    assert np.array_equal(np.asarray(wide, np.float64), expected, equal_nan=True)
    number = ~np.isnan(expected)  # a NaN may lose its payload on the way
    assert np.array_equal(ulp.encode(expected, format)[number], bits[number])


@pytest.mark.parametrize("name", ["float16", "float32"])
def test_rounding_is_what_struct_rounds_to(name):
    integer, float_ = CODES[name]
    format = FORMATS[name]
    source = random.Random(20260102)
    exponents = range(format.emin - format.precision - 2, format.emax)
    for _ in range(5000):
        value = source.choice([1, -1]) * (1 + source.random()) * 2.0 ** source.choice(exponents)
        try:
            packed = struct.pack("<" + float_, value)
        except OverflowError:  # it rounds up to infinity
            packed = struct.pack("<" + float_, float("inf") * value)
        (bits,) = struct.unpack("<" + integer, packed)
        assert ulp.from_mp(mpmath.mpf(value), format) == bits


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        # Hex digits of [1, 2) beyond the 13th are float64's half and less; ties go to even.
        ("0x1.00000000000008p+0", 0x3FF0000000000000),
        ("0x1.00000000000018p+0", 0x3FF0000000000002),
        ("0x1.000000000000081p+0", 0x3FF0000000000001),
        # Up into the next binade, into the normals, out of the subnormals, out of the range.
        ("0x1.fffffffffffff8p+0", 0x4000000000000000),
        ("0x0.fffffffffffff8p-1022", 0x0010000000000000),
        ("0x1p-1075", 0x0000000000000000),
        ("0x1.8p-1075", 0x0000000000000001),
        ("0x1.fffffffffffff7p+1023", 0x7FEFFFFFFFFFFFFF),
    ],
)
def test_float64_is_rounded_as_float_fromhex_does(text, bits):
    assert struct.pack("<d", float.fromhex(text)) == struct.pack("<Q", bits)
    mantissa, exponent = text[2:].split("p")
    whole, digits = mantissa.split(".") if "." in mantissa else (mantissa, "")
    with mpmath.workprec(200):
        value = mpmath.ldexp(int(whole + digits, 16), int(exponent) - 4 * len(digits))
        assert ulp.from_mp(value, FORMATS["float64"]) == bits
        assert ulp.from_mp(-value, FORMATS["float64"]) == bits | 1 << 63


@pytest.mark.parametrize(
    ("name", "exponent", "infinity"),
    [("float16", 16, 0x7C00), ("bfloat16", 128, 0x7F80), ("float32", 128, 0x7F800000),
     ("float64", 1024, 0x7FF << 52)],
)  # fmt: skip
def test_halfway_beyond_the_largest_number_is_infinity(name, exponent, infinity):
    format = FORMATS[name]
    with mpmath.workprec(200):
        halfway = mpmath.ldexp(1, exponent) - mpmath.ldexp(1, exponent - format.precision - 1)
        assert ulp.from_mp(halfway, format) == infinity
        assert ulp.from_mp(halfway - mpmath.ldexp(1, exponent - 100), format) == infinity - 1
        assert ulp.from_mp(-halfway, format) == infinity | 1 << (format.width - 1)
