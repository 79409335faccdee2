"""Numba: a function of one number that it compiles to a loop over NumPy's arrays (``vectorize``);
reductions and matrices in compiled functions of arrays (``njit``)."""

import math

import numpy as np

from ..process import release_under_test
from . import _names, refused
from .numpy import COMPILES_SHAPES, HAS_STRIDES, devices, start, threads  # noqa: F401

if release_under_test.LIBRARY == "numba":
    import numba

DTYPES = ("float32", "float64")
_ROOTS = {"np": np, "math": math}
_compiled = {}


def check(op, dtype, **options):
    _names.find(op, _ROOTS)
    try:
        _compile(op, dtype, **options)
    except Exception as error:  # its own change their names and places from release to release
        raise refused(op, dtype, error)


def timed_call(op, dtype, arguments, **options):
    return _compile(op, dtype, **options), [bits.view(dtype) for bits in arguments]


def evaluate(op, dtype, arguments, **options):
    function, arrays = timed_call(op, dtype, arguments, **options)
    with np.errstate(all="ignore"):
        result = function(*arrays)
    if isinstance(result, float):  # it makes Python's number of a float32
        result = np.array(result, dtype)
    return _names.bits(result, op, dtype)


def compile_call(op, dtype, arguments, **options):
    def compile_anew():
        _compiled.clear()
        function, arrays = timed_call(op, dtype, arguments, **options)
        return function(*arrays)

    return compile_anew


def _compile(op, dtype, **options):
    key = op.name, dtype, tuple(options)
    if key not in _compiled:
        function = _names.find(op, _ROOTS)
        call = (lambda x: function(x)) if op.arity == 1 else (lambda x, y: function(x, y))
        number = getattr(numba, dtype)
        if op.reduce is None:
            signature = number(*[number] * op.arity)
            found = numba.vectorize([signature], nopython=True, **options)(call)
        else:
            found = numba.njit(call, **options)
            found(*[np.ones((1,) * op.dimensions, dtype)] * op.arity)
        _compiled[key] = found
    return _compiled[key]
