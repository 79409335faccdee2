"""How long a call takes, with its inputs on the device, until its result is ready."""

import os

import numpy as np

from . import available, backends, batch, ops
from .formats import ulp
from .inputs import input_sets
from .process import exchange
from .speed import timing

_BACKEND, _DEVICE = 0, 4
_PAGE = 4096
# Set by tools/noise.py alone, to see whether a change would be found.
_SLOWDOWN = float(os.environ.get("ULPWATCH_SLOWDOWN", 0))


class _Time(object):
    # A track_ method that says it is a time: asv then shows spread and tests significance, and
    # the loop is ours (timing.py says why).
    type = "time"
    unit = "seconds"
    version = "3"
    timeout = 120
    param_names = ["backend", "op", "dtype", "size", "device"]

    def setup(self, backend, op, dtype, size, device):
        self._module = available.require(backend, device, op, dtype)
        exchange.remember("settings-%s-%s" % (backend, device), self._settings)

    def _settings(self):
        """What a time depends on beside the machine: kept with the release's environment."""
        return dict(self._module.threads(), affinity=sorted(os.sched_getaffinity(0)))

    def track_time(self, *asked):
        benchmark = "bench_time.%s.track_time" % type(self).__name__
        alike = (_BACKEND, _DEVICE)
        return batch.visit(benchmark, self.params, asked, alike, self._sampling)

    def _sampling(self, backend, op, dtype, size, device):
        available.check(backend, device, op, dtype)
        function, given = self._calls(ops.OPS[op], dtype, size)
        if _SLOWDOWN:
            function = timing.slowed(function, _SLOWDOWN)
        return timing.Sampling(function, given, timing.profile(exchange.plan()))

    def _calls(self, row, dtype, size):
        """The function, and its arguments at several places where it reads the caller's memory."""
        if not self._module.HAS_STRIDES:
            function, given = self._module.timed_call(row, dtype, arguments(row, dtype, size))
            return function, [given]
        calls = [self._module.timed_call(row, dtype, bits) for bits in places(row, dtype, size)]
        return calls[0][0], [given for _, given in calls]


def arguments(op, dtype, size):
    """Bit patterns of numbers uniform over the usual intervals, the same ones again beyond a block.

    A block is too long for a branch predictor to learn.
    """
    count = size**op.dimensions
    shape = (size,) * op.dimensions
    return [bits.reshape(shape) for bits in _blocks(op, dtype, count, count)]


def places(op, dtype, size):
    """``arguments`` that begin at each quarter of a page of memory, in the same memory otherwise;
    of less than a page, and of matrices, at one place.

    Where the processor reads just behind where it writes in another page, it waits: on an AMD EPYC
    np.add of a million float32 takes 118 or 135 µs as the arrays happen to lie, np.exp was 8 %
    apart between processes. A user's arrays lie anywhere.
    """
    quarter = _PAGE // 4 // ulp.FORMATS[dtype].uint.itemsize
    if op.dimensions > 1 or size < 4 * quarter:
        return [arguments(op, dtype, size)]
    blocks = _blocks(op, dtype, size, size + 3 * quarter)
    # Of two arguments the second goes in twice the steps, so that they meet at different places.
    starts = [
        [place * (1 + index) % 4 * quarter for index in range(op.arity)] for place in range(4)
    ]
    return [[bits[at : at + size] for bits, at in zip(blocks, start)] for start in starts]


def _blocks(op, dtype, distinct, count):
    """For each argument ``count`` bit patterns: at most ``distinct`` ones, over again."""
    return [
        np.resize(
            input_sets.uniform(
                interval, ulp.FORMATS[dtype], 20 + index, 0, min(distinct, input_sets.BLOCK)
            ),
            count,
        )
        for index, interval in enumerate(op.usual)
    ]


def _params(rows, sizes):
    names = [op.name for op in rows]
    return [backends.NAMES, names, list(ulp.FORMATS), sizes, ["cpu", "cpu-1", "gpu"]]


# From the cost of a call to what no cache holds: a crossover can be read between them.
_SIZES = [1, 1000, 10000, 100000, 1000000, 10000000]


class Elementwise(_Time):
    params = _params(ops.ELEMENTWISE, _SIZES)


class Reduction(_Time):
    params = _params(ops.REDUCTIONS, _SIZES)


class Matmul(_Time):
    """The size is the edge of two square matrices."""

    params = _params([ops.MATMUL], [1, 10, 100, 1000])
