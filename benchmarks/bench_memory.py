"""How much memory a call takes beyond its inputs, at most."""

import gc

from . import available, backends, batch, bench_time, ops

_STATUS, _CLEAR = "/proc/self/status", "/proc/self/clear_refs"


class Peak(object):
    """The most memory that is resident during a call, less what is before: the result, which is 40
    MB of the elementwise functions, and whatever a library needs beside it."""

    version = "1"
    unit = "bytes"
    timeout = 300
    param_names = ["backend", "op", "dtype", "size", "device"]
    params = [
        backends.NAMES,
        [op.name for op in [*ops.ELEMENTWISE, *ops.REDUCTIONS]],
        ["float32"],
        [10000000],
        ["cpu"],
    ]

    def setup(self, backend, op, dtype, size, device):
        self._module = available.require(backend, device, op, dtype)

    def track_peak_memory(self, *asked):
        benchmark = "bench_memory.Peak.track_peak_memory"
        return batch.run(benchmark, self.params, asked, (0, 4), self._measure)

    def _measure(self, backend, op, dtype, size, device):
        available.check(backend, device, op, dtype)
        row = ops.OPS[op]
        arguments = bench_time.arguments(row, dtype, size)
        function, converted = self._module.timed_call(row, dtype, arguments)
        function(*converted)  # loads and compiles what stays
        gc.collect()
        before = _kilobytes("VmRSS")
        with open(_CLEAR, "w") as clear:
            clear.write("5")  # sets VmHWM, the peak, to VmRSS (Linux, proc(5))
        result = function(*converted)
        peak = _kilobytes("VmHWM")
        del result
        return 1024 * max(0, peak - before)


def _kilobytes(name):
    with open(_STATUS) as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))
