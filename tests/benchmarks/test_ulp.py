"""ULP errors: cases worked out by hand from the definition."""

from math import inf, nan

import mpmath
import numpy as np
import pytest
from mpmath import ldexp, mpf

from benchmarks.formats import ulp
from benchmarks.formats.ulp import FORMATS

BFLOAT16, F16, F32, F64 = (FORMATS[name] for name in ("bfloat16", "float16", "float32", "float64"))

# (format, result bits, exact value, error)
CASES = [
    # [1, 2) has a spacing of 2**-23: one step above 1 is one ULP off, halfway is half a one.
    (F32, 0x3F800001, mpf(1), 1.0),
    (F32, 0x3F800000, 1 + ldexp(1, -24), 0.5),
    # Below 1, in [1/2, 1), the spacing is 2**-24. The exact value's binade counts: the last number
    # below 1 is half an ULP off an exact 1, but 1 is a whole one off that number.
    (F32, 0x3F7FFFFF, mpf(1), 0.5),
    (F32, 0x3F800000, 1 - ldexp(1, -24), 1.0),
    # A quarter of 2**-24 below 1: 1 is a quarter off.
    (F32, 0x3F800000, 1 - ldexp(1, -26), 0.25),
    # The same at 4 in float64: spacing 2**-50 from 4 on, 2**-51 below.
    (F64, 0x4010000000000001, mpf(4), 1.0),
    (F64, 0x400FFFFFFFFFFFFF, mpf(4), 0.5),
    # 3 for 2: spacing in [2, 4) is 2**-6 (bfloat16) and 2**-9 (float16).
    (BFLOAT16, 0x4040, mpf(2), 64.0),
    (F16, 0x4200, mpf(2), 512.0),
    (F16, 0xC000, mpf(2), 2048.0),  # -2 for 2 is 4 apart
    # Subnormals have the spacing of the smallest normals: 2**-149, 2**-24, 2**-1074, 2**-133.
    (F32, 0x00000000, ldexp(1, -149), 1.0),
    (F32, 0x00000000, ldexp(1, -151), 0.25),
    (F32, 0x00000000, ldexp(1, -126), 2.0**23),  # flushed: 2**-126 / 2**-149
    (F32, 0x00800000, ldexp(1, -126) - ldexp(1, -149), 1.0),
    (F16, 0x0003, ldexp(1, -24), 2.0),
    (BFLOAT16, 0x0000, ldexp(3, -133), 3.0),
    (F64, 0x0000000000000001, ldexp(1, -1075), 0.5),
    # Overflow: Inf counts as 2**(emax+1), which is one step above the largest number.
    (F32, 0x7F800000, mpf(inf), 0.0),
    (F32, 0x7F800000, ldexp(1, 1000), 0.0),
    (F32, 0x7F800000, ldexp(1, 128) - ldexp(1, 104), 1.0),
    (F32, 0x7F7FFFFF, ldexp(1, 1000), 1.0),
    (F32, 0x7F7FFFFF, mpf(inf), 1.0),
    (F32, 0xFF800000, mpf(inf), 2.0**25),  # 2 * 2**128 / 2**104
    (F16, 0x7C00, mpf(1), 2.0**26 - 1024),  # (2**16 - 1) / 2**-10
    # (2**1024 - 2**-1074) / 2**-1074 is no float64: the largest stands for it.
    (F64, 0x7FF0000000000000, ldexp(1, -1074), np.finfo(np.float64).max),
    # The sign of zero does not matter.
    (F32, 0x00000000, mpf(0), 0.0),
    (F32, 0x80000000, mpf(0), 0.0),
    (F32, 0x00000001, mpf(0), 1.0),
    (F32, 0x80000001, mpf(0), 1.0),
    # No error is defined for NaN.
    (F32, 0x7FC00000, mpf(1), nan),
    (F32, 0x3F800000, mpf(nan), nan),
    (F32, 0x7FC00000, mpf(nan), nan),
]


def same(error, expected):
    return error == expected or (np.isnan(error) and np.isnan(expected))


@pytest.mark.parametrize(("format", "got", "exact", "expected"), CASES)
def test_the_exact_error_worked_out_by_hand(format, got, exact, expected):
    with mpmath.workprec(2300):
        assert same(ulp.exact_error(got, exact, format), expected)
        mirrored = got ^ (1 << (format.width - 1))
        assert same(ulp.exact_error(mirrored, -exact, format), expected)


def wide_of(exact, format):
    """An mpmath number as the wider float; the cases above are exact there."""
    type = np.longdouble if format.width == 64 else np.float64
    if not mpmath.isfinite(exact):
        return type(float(exact))
    mantissa, exponent = exact.man_exp
    return np.ldexp(type(int(mantissa)), int(exponent))


@pytest.mark.parametrize(("format", "got", "exact", "expected"), CASES)
def test_the_error_of_arrays_worked_out_by_hand(format, got, exact, expected):
    if format.width == 64 and not ulp.HAS_WIDE_FLOAT64:
        pytest.skip("long double is not wider here")
    value = wide_of(exact, format)
    got = ulp.wide(np.array([got], format.uint), format)
    with np.errstate(over="ignore"):
        error = ulp.error(got, np.array([value]), format)[0]
    if expected == ulp.MAX:
        assert error > ulp.MAX  # a long double can say it
    else:
        assert same(error, expected)


def test_a_correctly_rounded_result_is_off_by_half_an_ulp_at_most():
    # 1/3 = 2**-2 * 1.0101…b, so the spacing is 2**-25 and 1/3 is 2**25/3 = 11184810 + 2/3 of them:
    # 11184811 (0xAAAAAB) is 1/3 off, 11184810 (0xAAAAAA) is 2/3.
    with mpmath.workprec(200):
        assert ulp.from_mp(mpmath.mpf(1) / 3, F32) == 0x3EAAAAAB
        assert ulp.exact_error(0x3EAAAAAB, mpmath.mpf(1) / 3, F32) == pytest.approx(
            1 / 3, rel=1e-15
        )
        assert ulp.exact_error(0x3EAAAAAA, mpmath.mpf(1) / 3, F32) == pytest.approx(
            2 / 3, rel=1e-15
        )


def test_infinity_minus_infinity_is_no_nan():
    assert ulp.error(np.array([inf]), np.array([inf]), F32)[0] == 0.0
