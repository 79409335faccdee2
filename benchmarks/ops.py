"""The operations: one row each, with every fact about it. Names follow the array API standard."""

from typing import Callable, NamedTuple, Optional, Tuple

import mpmath
import numpy as np

from . import exact_reduction as exact
from .reduction import cancelling, offset

Interval = Tuple[float, float]


class Op(NamedTuple):
    """One operation.

    ``wide`` gives the result for arrays of float64 or long double with NumPy, to a few units of
    its last place; NaN where no real result exists. ``exact`` gives it for mpmath's numbers, at
    mpmath's precision. ``usual`` is, for each argument, the interval in which people mostly use
    it.

    Reductions and matmul have no ``wide``. ``reduce`` gives their exact results (see
    exact_reduction.py), ``ill`` makes data on which they are ill-conditioned, None where no data
    is (see reduction.py), ``longest`` is the greatest length that the exact answer is worth.
    """

    name: str
    usual: Tuple[Interval, ...]
    wide: Optional[Callable] = None
    exact: Optional[Callable] = None
    dimensions: int = 1
    reduce: Optional[Callable] = None
    ill: Optional[Callable] = None
    longest: int = 100003

    @property
    def arity(self):
        return len(self.usual)


ELEMENTWISE = [
    Op("sqrt", ((0, 100),), np.sqrt, mpmath.sqrt),
    Op("exp", ((-10, 10),), np.exp, mpmath.exp),
    Op("log", ((0, 100),), np.log, mpmath.log),
    Op("sin", ((-10, 10),), np.sin, mpmath.sin),
    Op("cos", ((-10, 10),), np.cos, mpmath.cos),
    Op("tan", ((-10, 10),), np.tan, mpmath.tan),
    Op("tanh", ((-10, 10),), np.tanh, mpmath.tanh),
    Op("expm1", ((-1, 1),), np.expm1, mpmath.expm1),
    Op("log1p", ((-1, 1),), np.log1p, mpmath.log1p),
    Op("square", ((-100, 100),), np.square, lambda x: x * x),
    Op("reciprocal", ((-100, 100),), np.reciprocal, lambda x: 1 / x),
    Op("add", ((-100, 100), (-100, 100)), np.add, lambda x, y: x + y),
    Op("multiply", ((-100, 100), (-100, 100)), np.multiply, lambda x, y: x * y),
    Op("divide", ((-100, 100), (-100, 100)), np.divide, lambda x, y: x / y),
    Op("pow", ((0, 100), (-10, 10)), np.power, mpmath.power),
    Op("maximum", ((-100, 100), (-100, 100)), np.maximum, max),
]
REDUCTIONS = [
    Op("sum", ((0, 1),), reduce=exact.total, ill=cancelling),
    Op("mean", ((0, 1),), reduce=exact.mean, ill=cancelling),
    Op("max", ((-1, 1),), reduce=exact.largest),
    Op("min", ((-1, 1),), reduce=exact.smallest),
    # Near 1, so that the product of thousands is still in float16's range.
    Op("prod", ((63 / 64, 65 / 64),), reduce=exact.product, longest=8193),
    Op("var", ((0, 1),), reduce=exact.variance, ill=offset),
    Op("std", ((0, 1),), reduce=exact.deviation, ill=offset),
    Op("cumsum", ((0, 1),), reduce=exact.running_total, ill=cancelling, longest=1025),
    # Not in NumPy.
    Op("logsumexp", ((-10, 10),), reduce=exact.logsumexp, ill=offset, longest=1025),
    Op("softmax", ((-10, 10),), reduce=exact.softmax, ill=offset, longest=1025),
]
MATMUL = Op(
    "matmul",
    ((0, 1), (0, 1)),
    dimensions=2,
    reduce=exact.product_of_matrices,
    ill=cancelling,
    longest=8193,
)

OPS = {op.name: op for op in ELEMENTWISE + REDUCTIONS + [MATMUL]}
