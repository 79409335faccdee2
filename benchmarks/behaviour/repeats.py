"""The same call again must give the same bits, with as many threads as it likes."""

import os
import tempfile
import traceback

import numpy as np

from ..formats import ordinal, ulp
from ..inputs import input_sets

REPEATS = 4
_SEED = 70
# No multiples of a vector. How many threads share in a sum depends on its length (in TensorFlow),
# and now and then the sums are the same all the same: so reductions take both.
_LENGTHS = (100003, 300007)
_EDGE = 257


def results(module, op, dtype):
    """All results, one after the other, for arguments large enough for several threads."""
    got = [np.ravel(module.evaluate(op, dtype, arguments)) for arguments in _many(op, dtype)]
    return np.concatenate(got)


def measure(module, op, dtype, other=None):
    """What a Record of kind ``run-to-run`` says: the same call again and again, against the first.

    ``other`` is what one thread gave.
    """
    format = ulp.FORMATS[dtype]
    first = results(module, op, dtype)
    repeated = threads = 0
    for _ in range(REPEATS):
        again = results(module, op, dtype)
        repeated = max(repeated, int(ordinal.distance(first, again, format).max()))
    if other is not None:
        threads = int(ordinal.distance(first, other, format).max())
    return {
        "calls": REPEATS + 1 + (other is not None),
        "inputs": first.size,
        "max_distance": max(repeated, threads),
        "max_distance_repeated": repeated,
        "max_distance_one_thread": threads if other is not None else None,
    }


def _many(op, dtype):
    lengths = _LENGTHS if op.reduce else _LENGTHS[:1]
    shapes = [(length,) for length in lengths] if op.dimensions == 1 else [(_EDGE, _EDGE)]
    for shape in shapes:
        yield [
            input_sets.uniform(
                interval, ulp.FORMATS[dtype], _SEED + index, 0, int(np.prod(shape))
            ).reshape(shape)
            for index, interval in enumerate(op.usual)
        ]


def in_fork(compute):
    """The array that ``compute()`` returns in a forked process.

    The number of threads is set once in a process; no backend may have been started in this one.
    """
    handle, path = tempfile.mkstemp(suffix=".npy")
    os.close(handle)
    try:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                np.save(path, compute())
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)  # nothing of asv's own may run in the child
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError("the forked process ended with status %d" % status)
        return np.load(path)
    finally:
        os.remove(path)
