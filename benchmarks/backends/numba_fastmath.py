"""Numba with ``fastmath=True``: its compiler may take sums in another order, and NaN and infinity
for numbers that never come."""

from . import numba
from .numba import COMPILES_SHAPES, DTYPES, HAS_STRIDES, devices, start, threads  # noqa: F401


def check(op, dtype):
    numba.check(op, dtype, fastmath=True)


def timed_call(op, dtype, arguments):
    return numba.timed_call(op, dtype, arguments, fastmath=True)


def evaluate(op, dtype, arguments):
    return numba.evaluate(op, dtype, arguments, fastmath=True)


def compile_call(op, dtype, arguments):
    return numba.compile_call(op, dtype, arguments, fastmath=True)
