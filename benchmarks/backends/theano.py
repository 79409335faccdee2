"""Theano, and Aesara and PyTensor, who went on with it: a function of symbols that is compiled, to
C++ where a release does not prefer another way."""

import contextlib
import functools
import importlib
import os
import sys

import numpy as np

from ..process import release_under_test
from . import Unavailable, _names, _openblas, refused

_NAME = release_under_test.LIBRARY
if _NAME in ("theano", "aesara", "pytensor"):
    # What it compiles is kept with the environment, not in the user's home.
    _set = ["base_compiledir=" + os.path.join(sys.prefix, "compiled")]
    if _NAME == "aesara":
        # Else it asks numpy.distutils for a BLAS, which newer Pythons and setuptools lack.
        _set.append("blas__ldflags=")
    if "ULPWATCH_COUNTING" in os.environ:
        # Its -march=native is of the processor, of which valgrind has no AVX-512.
        _set.append("gcc%scxxflags=-march=x86-64-v3" % ("." if _NAME == "theano" else "__"))
    _flags = _NAME.upper() + "_FLAGS"
    os.environ[_flags] = ",".join(filter(None, [os.environ.get(_flags), *_set]))
    _library = importlib.import_module(_NAME)
    _tensor = importlib.import_module(_NAME + ".tensor")
    _ROOTS = {"T": _tensor}
    for _more in ("nnet", "special"):
        with contextlib.suppress(ImportError):  # one or the other is where the release has it
            importlib.import_module("%s.tensor.%s" % (_NAME, _more))

DTYPES = ("float16", "float32", "float64")
HAS_STRIDES = True
COMPILES_SHAPES = False

_compiled = {}


def devices():
    return ["cpu", "cpu-1"]


def start(device):
    # Without a compiler it would compute with NumPy's loops, and say so at most.
    if not _library.config.cxx:
        raise Unavailable("%s finds no C++ compiler (Debian: apt-get install g++)" % _NAME)
    if device == "cpu-1":
        _openblas.set_num_threads(1)


def threads():
    return {"openmp": bool(_library.config.openmp), "openblas": _openblas.num_threads()}


def check(op, dtype):
    if dtype not in DTYPES:
        raise Unavailable("%s has no %s" % (_NAME, dtype))
    _names.find(op, _ROOTS)
    try:
        result = _call(op, dtype)[1]
    except (TypeError, ValueError, NotImplementedError) as error:
        raise refused(op, dtype, error)
    if _none_of(dtype):
        raise Unavailable("%s has no %s: %s" % (_NAME, dtype, _none_of(dtype)))
    if result.dtype != dtype:
        raise refused(op, dtype, "gives %s" % result.dtype)


@functools.lru_cache(maxsize=None)
def _none_of(dtype):
    """What is said where nothing of ``dtype`` can be compiled, as PyTensor 3 says of float16; ""
    where it can."""
    symbol = _tensor.vector(dtype=dtype)
    try:
        _library.function([symbol], symbol + symbol)(np.ones(1, dtype))
    except Exception as error:  # whatever a compiler says
        return "%s: %s" % (type(error).__name__, str(error).strip().split("\n")[0])
    return ""


def timed_call(op, dtype, arguments):
    return _compile(op, dtype), [bits.view(dtype) for bits in arguments]


def evaluate(op, dtype, arguments):
    function, arrays = timed_call(op, dtype, arguments)
    with np.errstate(all="ignore"):
        result = function(*arrays)
    if result.ndim > arrays[0].ndim:  # Theano's softmax makes a matrix of a vector
        result = result[0]
    return _names.bits(result, op, dtype)


def compile_call(op, dtype, arguments):
    def compile_anew():
        _compiled.clear()
        function, arrays = timed_call(op, dtype, arguments)
        return function(*arrays)

    return compile_anew


def _compile(op, dtype):
    if (op.name, dtype) not in _compiled:
        _compiled[op.name, dtype] = _library.function(*_call(op, dtype))
    return _compiled[op.name, dtype]


def _call(op, dtype):
    """The symbols of its arguments, and of its result."""
    kind = {1: _tensor.vector, 2: _tensor.matrix}[op.dimensions]
    symbols = [kind(dtype=dtype) for _ in range(op.arity)]
    return symbols, _names.find(op, _ROOTS)(*symbols)
