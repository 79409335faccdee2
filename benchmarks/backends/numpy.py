"""NumPy: arrays in the host's memory, on the CPU."""

import numpy as np

from . import Unavailable, _openblas
from ._names import NUMPY_NAMES

DTYPES = ("float16", "float32", "float64")
HAS_STRIDES = True
COMPILES_SHAPES = False


def devices():
    return ["cpu", "cpu-1"]


def start(device):
    if device == "cpu-1":
        _openblas.set_num_threads(1)


def threads():
    return {"openblas": _openblas.num_threads()}


def check(op, dtype):
    if dtype not in DTYPES:
        raise Unavailable("NumPy has no %s" % dtype)
    if _function(op) is None:
        raise Unavailable("this NumPy has no %s" % op.name)


def timed_call(op, dtype, arguments):
    return _function(op), [bits.view(dtype) for bits in arguments]


def evaluate(op, dtype, arguments):
    with np.errstate(all="ignore"):
        result = np.asarray(_function(op)(*[bits.view(dtype) for bits in arguments]))
    if result.dtype != dtype:
        raise TypeError("%s of %s gave %s" % (op.name, dtype, result.dtype))
    return result.view("u%d" % result.dtype.itemsize)


def _function(op):
    return getattr(np, NUMPY_NAMES.get(op.name, op.name), None)
