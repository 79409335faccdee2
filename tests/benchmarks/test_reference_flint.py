"""The reference against rigorous ball arithmetic: Arb gives an interval that holds the answer."""

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from benchmarks import ops
from benchmarks.accuracy import reference
from benchmarks.formats import ulp
from benchmarks.inputs import input_sets

PRECISION = 3000  # enough for an argument of 2**1024 next to a multiple of π


def _integer(x):
    return int(x.unique_fmpz())


def _round(x):
    floor = x.floor()
    rest = x - floor
    if rest == arb(0.5):
        return floor if _integer(floor) % 2 == 0 else floor + 1
    return floor + 1 if rest > arb(0.5) else floor


def _sign(x):
    return arb(1) if x > 0 else arb(-1) if x < 0 else arb(0)


# The same functions in Arb's own terms; nothing of the code under test is in them.
ARB = {
    "abs": abs,
    "negative": lambda x: -x,
    "sign": _sign,
    "floor": arb.floor,
    "ceil": arb.ceil,
    "round": _round,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "sqrt": arb.sqrt,
    "rsqrt": arb.rsqrt,
    "cbrt": lambda x: x.root(3) if x >= 0 else -((-x).root(3)),
    "exp": arb.exp,
    "exp2": lambda x: (x * arb.const_log2()).exp(),
    "expm1": arb.expm1,
    "log": arb.log,
    "log2": lambda x: x.log() / arb.const_log2(),
    "log10": lambda x: x.log() / arb.const_log10(),
    "log1p": arb.log1p,
    "sin": arb.sin,
    "cos": arb.cos,
    "tan": arb.tan,
    "asin": arb.asin,
    "acos": arb.acos,
    "atan": arb.atan,
    "sinh": arb.sinh,
    "cosh": arb.cosh,
    "tanh": arb.tanh,
    "asinh": arb.asinh,
    "acosh": arb.acosh,
    "atanh": arb.atanh,
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: x.exp().log1p(),
    "erf": arb.erf,
    "erfc": arb.erfc,
    "lgamma": lambda x: abs(x.gamma()).log() if x < 0 else x.lgamma(),
    "digamma": arb.digamma,
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "pow": lambda x, y: x**y if x >= 0 else ((-x) ** y) * (-1 if _integer(y) % 2 else 1),
    "atan2": lambda y, x: arb.atan2(y, x),
    "hypot": lambda x, y: (x * x + y * y).sqrt(),
    "maximum": arb.max,
    "minimum": arb.min,
    "remainder": lambda x, y: x - (x / y).floor() * y,
    "squared_difference": lambda x, y: (x - y) * (x - y),
}


# π/2 and π, the zero of digamma and that minus one, where series and ranges change hands.
SPECIAL = (0.5, 0.75, 1.5, 2.0, 2.5, 3.0, 3.141592653589793, 1.5707963267948966, 1.4616321449683622,
           0.46163214496836225, 8.4, 8.6, 10.0, 19.9, 20.1, 88.0, 700.0)  # fmt: skip


def _hard(op, format):
    """Bit patterns: random, usual, subnormal, at the ends, next to powers of two and zeros."""
    shift = np.uint64(64 - format.width)
    seeds = range(40, 40 + op.arity)
    anything = [
        (input_sets.random_bits(seed, 0, 24) >> shift).astype(format.uint) for seed in seeds
    ]
    usual = [
        input_sets.uniform(interval, format, 50 + place, 0, 40)
        for place, interval in enumerate(op.usual)
    ]
    one = int(ulp.encode(1.0, format)[()])
    step = 1 << (format.precision - 1)
    largest = (2 * format.emax + 1) * step - 1
    sign = 1 << (format.width - 1)
    special = [1, step - 1, step, step + 1, one - 1, one, one + 1, one + step, one - step, largest,
               largest - 1, one + 1 - step, one // 2, one + 40 * (step // 64)]  # fmt: skip
    special += [int(ulp.encode(value, format)[()]) for value in SPECIAL]
    special = np.array(special + [bits | sign for bits in special], format.uint)
    partners = [special, np.roll(special, 7)][: op.arity]
    return [np.concatenate(parts) for parts in zip(anything, usual, partners, strict=True)]


def _ball(value):
    """mpmath's number as a ball of radius 0."""
    sign, man, exponent, _ = value._mpf_
    return arb(int(man) * (-1 if sign else 1)) * arb(2) ** int(exponent) if man else arb(0)


def _arb(bits, format):
    return _ball(ulp.to_mp(bits, format))


def _spacing(ball, format):
    """The spacing of ``format`` at the ball's midpoint, by Arb's own exponent."""
    mantissa, exponent = ball.mid().man_exp()
    binade = format.emin
    if mantissa != 0:
        binade = max(int(exponent) + abs(int(mantissa)).bit_length() - 1, format.emin)
    return arb(2) ** (binade - format.precision + 1)


def _cases(op, format):
    """Finite arguments with a finite exact answer, as (bits, ball)."""
    for arguments in zip(*_hard(op, format), strict=True):
        values = [ulp.to_mp(bits, format) for bits in arguments]
        if not all(mpmath.isfinite(value) for value in values) or _too_far(op, values):
            continue
        try:
            ball = ARB[op.name](*[_arb(bits, format) for bits in arguments])
        except (ValueError, ZeroDivisionError):
            continue
        if ball.is_finite():
            yield arguments, ball


def _too_far(op, values):
    """Far beyond over- and underflow Arb would take for ever, and no error depends on it."""
    x = values[0]
    if op.name in ("lgamma", "digamma"):
        return abs(x) > 1e6 or (x <= 0 and x == mpmath.floor(x))
    if op.name == "pow":
        y = values[1]
        if x == 0 or (x < 0 and (y != mpmath.floor(y) or abs(y) > 2**60)):
            return True
        return abs(y * mpmath.log(abs(x))) > 10000
    growing = ("exp", "exp2", "expm1", "sinh", "cosh", "tanh", "sigmoid", "softplus", "erf", "erfc")
    return op.name in growing and abs(x) > (10000 if op.name not in ("erf", "erfc") else 100)


def _near_quarter_turns():
    """float32 numbers of all sizes that come nearest to multiples of π/2: what a reduction fears.

    For each exponent, the 24-bit m for which m · 2^e is nearest to a multiple is the denominator of
    a convergent of the continued fraction of 2^e / (π/2).
    """
    found = []
    with mpmath.workprec(400):
        for exponent in range(-8, 105):
            ratio = mpmath.ldexp(1, exponent) * 2 / mpmath.pi
            before, m, rest = 0, 1, ratio - mpmath.floor(ratio)
            while m < 2**24 and rest:
                term = int(1 / rest)
                before, m, rest = m, term * m + before, 1 / rest - term
            found.append(float(before) * 2.0**exponent)
    return np.array([x for x in found if x > 1], np.float32)


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_angles_next_to_quarter_turns(name):
    format = ulp.FORMATS["float32"]
    bits = _near_quarter_turns().view(np.uint32)
    assert bits.size > 100
    with np.errstate(all="ignore"):
        found = ops.OPS[name].wide(ulp.wide(bits, format))
    nearest = arb(1)
    for pattern, value in zip(bits, found, strict=True):
        ball = ARB[name](_arb(pattern, format))
        nearest = arb.min(nearest, abs(ball))
        off = abs(_ball(reference.to_mp(value)) - ball) / _spacing(ball, format)
        assert off < arb(reference.TRUSTED["float32"])
    assert nearest < arb(2) ** -24 or name == "tan"


@pytest.fixture(autouse=True)
def precision():
    ctx.prec = PRECISION
    with mpmath.workprec(reference.PRECISION):
        yield


@pytest.mark.parametrize("dtype", ulp.FORMATS)
@pytest.mark.parametrize("op", ops.ELEMENTWISE, ids=lambda op: op.name)
def test_exact_lies_in_the_ball(op, dtype):
    format = ulp.FORMATS[dtype]
    checked = 0
    for arguments, ball in _cases(op, format):
        ours = _ball(reference.exact(op, arguments, format))
        # 2**-100 of it: 47 bits beyond float64, where a rounding boundary needs some 60 at most.
        allowed = abs(ball) * arb(2) ** -100 + arb(2) ** -3000
        assert abs(ours - ball) < allowed, [hex(int(bits)) for bits in arguments]
        checked += 1
    assert checked >= 20


@pytest.mark.parametrize("dtype", ulp.FORMATS)
@pytest.mark.parametrize("op", ops.ELEMENTWISE, ids=lambda op: op.name)
def test_filter_is_as_good_as_it_must_be(op, dtype):
    format = ulp.FORMATS[dtype]
    cases = list(_cases(op, format))
    arguments = [np.array(bits, format.uint) for bits in zip(*[a for a, _ in cases], strict=True)]
    with np.errstate(all="ignore"):
        found = op.wide(*[ulp.wide(bits, format) for bits in arguments])
    largest = arb(2) ** format.emax
    for index, (bits, ball) in enumerate(cases):
        if not abs(ball) < largest:
            continue
        if abs(ball) < arb(op.trusted_above) and ulp.to_mp(bits[0], format) < 0:
            continue
        off = abs(_ball(reference.to_mp(found[index])) - ball) / _spacing(ball, format)
        assert off < arb(reference.TRUSTED[dtype]), ([hex(int(b)) for b in bits], float(off.mid()))
