"""TensorFlow 1: a graph is built first, a session runs it."""

import os

from ..process import release_under_test
from . import Unavailable
from ._names import TENSORFLOW_NAMES

if release_under_test.LIBRARY == "tensorflow":
    import tensorflow as tf

DTYPES = ("float16", "bfloat16", "float32", "float64")
HAS_STRIDES = False
COMPILES_SHAPES = False

_config = _session = None
_threads = {}
_graphs = {}


def devices():
    from tensorflow.python.client import device_lib

    gpus = [d for d in device_lib.list_local_devices() if d.device_type == "GPU"]
    return ["cpu", "cpu-1"] + ["gpu"] * bool(gpus)


# From this release on the caller's thread may run the ops; 1.13.2 aborts where it is asked to.
_CALLERS_THREAD = (1, 14)
_WAITS = "a session's thread waits for another one that runs the ops, and so long as it likes"


def start(device):
    global _config, _session, _threads
    options = {"device_count": {"GPU": 0}} if device != "gpu" else {}
    if device == "cpu-1":
        # Where instructions are counted (counting.py) the caller's thread runs the ops: one that
        # waits for them would be counted, too.
        counts = "ULPWATCH_COUNTING" in os.environ
        if counts and release_under_test.VERSION < _CALLERS_THREAD:
            raise Unavailable(_WAITS)
        inter = -1 if counts else 1
        options.update(intra_op_parallelism_threads=1, inter_op_parallelism_threads=inter)
    _config = tf.ConfigProto(**options)
    # 0 stands for as many as there are cores.
    _threads = {
        "intra_op": _config.intra_op_parallelism_threads,
        "inter_op": _config.inter_op_parallelism_threads,
    }
    _session = tf.Session(config=_config)


def threads():
    return _threads


def check(op, dtype):
    try:
        with tf.Graph().as_default():
            _find(op)(*[tf.ones((1,) * op.dimensions, _dtype(dtype))] * op.arity)
        ones = _numpy_ones(op, dtype)
        evaluate(op, dtype, [ones] * op.arity)
    except (TypeError, ValueError, tf.errors.OpError) as error:
        raise Unavailable("TensorFlow's %s: %s" % (op.name, str(error).split("\n")[0]))


def timed_call(op, dtype, arguments):
    arrays = [bits.view(_dtype(dtype).as_numpy_dtype) for bits in arguments]
    # Variables: a constant would be folded, a fed array copied in with every call.
    variables = [tf.Variable(array) for array in arrays]
    _session.run(tf.variables_initializer(variables))
    result = _find(op)(*variables)
    # Fetching the operation, not its tensor, runs it without copying the result out.
    run, operation = _session.run, result.op
    return lambda: run(operation), []


def evaluate(op, dtype, arguments):
    # Built once, since a graph grows with every new node; each in a graph of its own, since up to
    # 1.13 a session runs nothing of a graph that has one node without a kernel.
    if (op.name, dtype) not in _graphs:
        with tf.Graph().as_default() as graph:
            fed = [tf.placeholder(_dtype(dtype), [None] * op.dimensions) for _ in arguments]
            result = _find(op)(*fed)
        _graphs[op.name, dtype] = tf.Session(graph=graph, config=_config), fed, result
    session, fed, result = _graphs[op.name, dtype]
    arrays = [bits.view(_dtype(dtype).as_numpy_dtype) for bits in arguments]
    got = session.run(result, dict(zip(fed, arrays)))
    return got.reshape(got.shape or 1).view("u%d" % got.dtype.itemsize)


def conversion_call(way, dtype, bits):
    raise Unavailable("a session takes arrays and returns arrays")


def _find(op):
    name = TENSORFLOW_NAMES.get(op.name, op.name)
    for place in (getattr(tf, "math", None), tf, getattr(tf, "linalg", None), tf.nn):
        if hasattr(place, name):
            return getattr(place, name)
    raise Unavailable("this TensorFlow has no %s" % op.name)


def _dtype(dtype):
    return tf.as_dtype(dtype)


def _numpy_ones(op, dtype):
    import numpy as np

    numpy_dtype = np.dtype(_dtype(dtype).as_numpy_dtype)
    return np.ones((1,) * op.dimensions, numpy_dtype).view("u%d" % numpy_dtype.itemsize)
