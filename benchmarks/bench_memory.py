"""How much memory a call takes beyond its inputs, at most."""

import gc

from . import available, backends, batch, bench_time, libraries, ops
from .behaviour import repeats

_STATUS, _CLEAR = "/proc/self/status", "/proc/self/clear_refs"
# Enough for a first call that loads what stays, and too few to leave memory for the second.
_FEW = 1000


class Peak(object):
    """The most memory that is resident during a call, less what is before: the result, which is 40
    MB of the elementwise functions, and whatever a library needs beside it.

    Of the first large call in a process: TensorFlow keeps what is freed for the next one, which
    then seems to need nothing. For that reason not of XLA, which compiles in it.
    """

    version = "2"
    unit = "bytes"
    timeout = 300
    param_names = ["backend", "op", "dtype", "size", "device"]
    params = [
        list(libraries.FIRST.values()),
        [op.name for op in [*ops.ELEMENTWISE, *ops.REDUCTIONS]],
        ["float32"],
        [10000000],
        ["cpu"],
    ]

    def setup(self, backend, op, dtype, size, device):
        available.check(backend, device, op, dtype)

    def track_peak_memory(self, *asked):
        benchmark = "bench_memory.Peak.track_peak_memory"
        return batch.run(benchmark, self.params, asked, (0, 4), self._measure)

    def _measure(self, backend, op, dtype, size, device):
        available.check(backend, device, op, dtype)
        return int(repeats.in_fork(lambda: peak(backend, ops.OPS[op], dtype, size, device)))


def peak(backend, op, dtype, size, device):
    """Bytes that one call of ``op`` takes; this process may not have used the backend before."""
    module = backends.load(backend)
    module.start(device)
    function, few = module.timed_call(op, dtype, bench_time.arguments(op, dtype, _FEW))
    function(*few)
    function, converted = module.timed_call(op, dtype, bench_time.arguments(op, dtype, size))
    gc.collect()
    before = _kilobytes("VmRSS")
    with open(_CLEAR, "w") as clear:
        clear.write("5")  # sets VmHWM, the peak, to VmRSS (Linux, proc(5))
    result = function(*converted)
    most = _kilobytes("VmHWM")
    del result
    return 1024 * max(0, most - before)


def _kilobytes(name):
    with open(_STATUS) as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))
