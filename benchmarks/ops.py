"""The operations: one row each, with every fact about it. Names follow the array API standard."""

from typing import Callable, NamedTuple, Optional, Tuple

import mpmath
import numpy as np

from .functions import exact, exact_reduction, wide, wide_angles, wide_erf, wide_gamma
from .inputs.data_sets import cancelling, offset

Interval = Tuple[float, float]
INF = float("inf")
UP, DOWN = 1, -1
EVEN, ODD = 1, -1


class Op(NamedTuple):
    """One operation.

    ``usual``
        for each argument the interval in which people mostly use it.
    ``wide``
        the result for arrays of float64 or long double with NumPy, to a few units in its last
        place; NaN where no real result exists. None where the op is not swept.
    ``exact``
        the result for mpmath's numbers, at mpmath's precision; NaN where no real result exists.
    ``monotonic``
        intervals on which the function goes one way: (low, high, UP or DOWN).
    ``parity``
        EVEN if f(−x) is f(x), ODD if it is −f(x), else 0.
    ``trusted_above``
        how large the result of ``wide`` must be, for negative arguments, to be as good as that: its
        zeros there are no numbers of the format, and next to them only the absolute error is small.
    ``dimensions``
        of its arguments.
    ``reduce``, ``ill``, ``longest``
        for reductions and matmul, which have no ``wide``: their exact result (exact_reduction.py),
        what makes data on which they are ill-conditioned, None where no data is (reduction.py), and
        the greatest length that the exact answer is worth.
    ``common``
        whether most programs call it: what happens to it is told first.
    """

    name: str
    usual: Tuple[Interval, ...]
    wide: Optional[Callable] = None
    exact: Optional[Callable] = None
    monotonic: Tuple[Tuple[float, float, int], ...] = ()
    parity: int = 0
    trusted_above: float = 0.0
    dimensions: int = 1
    reduce: Optional[Callable] = None
    ill: Optional[Callable] = None
    longest: int = 100003
    common: bool = False

    @property
    def arity(self):
        return len(self.usual)


EVERYWHERE = ((-INF, INF, UP),)
_PI_2 = 1.5707963267948966  # the float64 below π/2

# fmt: off
ELEMENTWISE = [
    # Exact, or rounded once.
    Op("abs", ((-100, 100),), np.abs, abs, ((-INF, 0, DOWN), (0, INF, UP)), EVEN),
    Op("negative", ((-100, 100),), np.negative, lambda x: -x, ((-INF, INF, DOWN),), ODD),
    Op("sign", ((-100, 100),), np.sign, mpmath.sign, EVERYWHERE, ODD),
    Op("floor", ((-100, 100),), np.floor, mpmath.floor, EVERYWHERE),
    Op("ceil", ((-100, 100),), np.ceil, mpmath.ceil, EVERYWHERE),
    # Half to even, as IEEE 754 has it.
    Op("round", ((-100, 100),), np.rint, mpmath.nint, EVERYWHERE),
    Op("square", ((-100, 100),), np.square, lambda x: x * x, ((-INF, 0, DOWN), (0, INF, UP)), EVEN),
    Op("reciprocal", ((-100, 100),), np.reciprocal, lambda x: 1 / x, ((0, INF, DOWN),), ODD),
    # Roots.
    Op("sqrt", ((0, 100),), np.sqrt, mpmath.sqrt, ((0, INF, UP),), common=True),
    Op("rsqrt", ((0, 100),), wide.rsqrt, exact.rsqrt, ((0, INF, DOWN),)),
    Op("cbrt", ((-100, 100),), np.cbrt, exact.cbrt, EVERYWHERE, ODD),
    # Exponentials and logarithms.
    Op("exp", ((-10, 10),), np.exp, exact.exp, EVERYWHERE, common=True),
    Op("exp2", ((-10, 10),), np.exp2, exact.exp2, EVERYWHERE),
    Op("expm1", ((-1, 1),), np.expm1, exact.expm1, EVERYWHERE),
    Op("log", ((0, 100),), np.log, mpmath.log, ((0, INF, UP),), common=True),
    Op("log2", ((0, 100),), np.log2, exact.log2, ((0, INF, UP),)),
    Op("log10", ((0, 100),), np.log10, mpmath.log10, ((0, INF, UP),)),
    Op("log1p", ((-1, 1),), np.log1p, mpmath.log1p, ((-1, INF, UP),)),
    # Circular and hyperbolic functions.
    Op("sin", ((-10, 10),), wide_angles.sin, mpmath.sin, ((-_PI_2, _PI_2, UP),), ODD, common=True),
    Op("cos", ((-10, 10),), wide_angles.cos, mpmath.cos, ((0, 2 * _PI_2, DOWN),), EVEN,
       common=True),
    Op("tan", ((-10, 10),), wide_angles.tan, mpmath.tan, ((-_PI_2, _PI_2, UP),), ODD, common=True),
    Op("asin", ((-1, 1),), np.arcsin, mpmath.asin, ((-1, 1, UP),), ODD),
    Op("acos", ((-1, 1),), np.arccos, mpmath.acos, ((-1, 1, DOWN),)),
    Op("atan", ((-10, 10),), np.arctan, mpmath.atan, EVERYWHERE, ODD),
    Op("sinh", ((-10, 10),), np.sinh, exact.sinh, EVERYWHERE, ODD),
    Op("cosh", ((-10, 10),), np.cosh, exact.cosh, ((-INF, 0, DOWN), (0, INF, UP)), EVEN),
    Op("tanh", ((-10, 10),), np.tanh, exact.tanh, EVERYWHERE, ODD, common=True),
    Op("asinh", ((-100, 100),), np.arcsinh, mpmath.asinh, EVERYWHERE, ODD),
    Op("acosh", ((1, 100),), np.arccosh, exact.acosh, ((1, INF, UP),)),
    Op("atanh", ((-1, 1),), np.arctanh, mpmath.atanh, ((-1, 1, UP),), ODD),
    # Functions of statistics and machine learning.
    Op("sigmoid", ((-10, 10),), wide.sigmoid, exact.sigmoid, EVERYWHERE),
    Op("softplus", ((-10, 10),), wide.softplus, exact.softplus, EVERYWHERE),
    Op("erf", ((-3, 3),), wide_erf.erf, exact.erf, EVERYWHERE, ODD),
    Op("erfc", ((-3, 3),), wide_erf.erfc, exact.erfc, ((-INF, INF, DOWN),)),
    # lgamma's minimum is at digamma's zero, 1.46163….
    Op("lgamma", ((0, 100),), wide_gamma.lgamma, exact.lgamma, ((0, 1.46, DOWN), (1.47, INF, UP)),
       trusted_above=1.0),
    Op("digamma", ((0, 100),), wide_gamma.digamma, exact.digamma, ((0, INF, UP),),
       trusted_above=1.0),
    # Two arguments.
    Op("add", ((-100, 100), (-100, 100)), np.add, lambda x, y: x + y, common=True),
    Op("subtract", ((-100, 100), (-100, 100)), np.subtract, lambda x, y: x - y, common=True),
    Op("multiply", ((-100, 100), (-100, 100)), np.multiply, lambda x, y: x * y, common=True),
    Op("divide", ((-100, 100), (-100, 100)), np.divide, exact.divide, common=True),
    Op("pow", ((0, 100), (-10, 10)), np.power, exact.power, common=True),
    Op("atan2", ((-10, 10), (-10, 10)), np.arctan2, mpmath.atan2),
    Op("hypot", ((-100, 100), (-100, 100)), np.hypot, mpmath.hypot),
    Op("maximum", ((-100, 100), (-100, 100)), np.maximum, max),
    Op("minimum", ((-100, 100), (-100, 100)), np.minimum, min),
    # The sign of the divisor, as Python has it.
    Op("remainder", ((-100, 100), (-10, 10)), np.remainder, exact.remainder),
    Op("squared_difference", ((-100, 100), (-100, 100)), wide.squared_difference,
       exact.squared_difference),
]
REDUCTIONS = [
    Op("sum", ((0, 1),), reduce=exact_reduction.total, ill=cancelling, common=True),
    Op("mean", ((0, 1),), reduce=exact_reduction.mean, ill=cancelling, common=True),
    Op("max", ((-1, 1),), reduce=exact_reduction.largest),
    Op("min", ((-1, 1),), reduce=exact_reduction.smallest),
    # Near 1, so that the product of thousands is still in float16's range.
    Op("prod", ((63 / 64, 65 / 64),), reduce=exact_reduction.product, longest=8193),
    Op("var", ((0, 1),), reduce=exact_reduction.variance, ill=offset),
    Op("std", ((0, 1),), reduce=exact_reduction.deviation, ill=offset),
    Op("cumsum", ((0, 1),), reduce=exact_reduction.running_total, ill=cancelling, longest=1025),
    Op("logsumexp", ((-10, 10),), reduce=exact_reduction.logsumexp, ill=offset, longest=1025),
    Op("softmax", ((-10, 10),), reduce=exact_reduction.softmax, ill=offset, longest=1025),
]
MATMUL = Op("matmul", ((0, 1), (0, 1)), dimensions=2, reduce=exact_reduction.product_of_matrices,
            ill=cancelling, longest=8193, common=True)
# fmt: on

OPS = {op.name: op for op in ELEMENTWISE + REDUCTIONS + [MATMUL]}
