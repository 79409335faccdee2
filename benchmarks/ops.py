"""The operations: one row each, with every fact about it. Names follow the array API standard."""

from typing import Callable, NamedTuple, Optional, Tuple

import mpmath
import numpy as np

Interval = Tuple[float, float]


class Op(NamedTuple):
    """One operation.

    ``wide`` gives the result for arrays of float64 or long double with NumPy, to a few units of
    its last place; NaN where no real result exists. ``exact`` gives it for mpmath's numbers, at
    mpmath's precision. ``usual`` is, for each argument, the interval in which people mostly use
    it. Reductions and matmul have no ``wide``: they are timed, not swept.
    """

    name: str
    usual: Tuple[Interval, ...]
    wide: Optional[Callable] = None
    exact: Optional[Callable] = None
    dimensions: int = 1

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
REDUCTIONS = [Op("sum", ((-1, 1),)), Op("mean", ((-1, 1),)), Op("max", ((-1, 1),))]
MATMUL = Op("matmul", ((-1, 1), (-1, 1)), dimensions=2)

OPS = {op.name: op for op in ELEMENTWISE + REDUCTIONS + [MATMUL]}
