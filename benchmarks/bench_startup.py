"""What a user waits for once: the import, the first call, XLA's compiler."""

import subprocess
import sys
import time

from . import available, backends, batch, libraries, ops
from .behaviour import repeats
from .formats import ulp
from .inputs import input_sets
from .process import exchange

# Each sample is a process of its own, or a compilation.
_REPEAT, _REPEAT_QUICK = 5, 2


class _Startup(object):
    type = "time"
    unit = "seconds"
    version = "1"
    timeout = 300
    param_names = ["backend", "op", "dtype", "device"]


def _repeat():
    return _REPEAT_QUICK if exchange.plan()["quick"] else _REPEAT


class Import(_Startup):
    """`import numpy`, say, in a fresh process, its files in the disk's cache."""

    param_names = ["backend"]
    params = [[library.name for library in libraries.LIBRARIES]]

    def setup(self, backend):
        backends.load(backend)

    def track_import_time(self, backend):
        statement = (
            "import time; start = time.perf_counter(); import %s;"
            " print(time.perf_counter() - start)" % backend
        )
        command = [sys.executable, "-c", statement]
        subprocess.check_output(command)  # fills the disk's cache
        return {
            "samples": [float(subprocess.check_output(command)) for _ in range(_repeat())],
            "number": 1,
        }


class FirstCall(_Startup):
    """From NumPy arrays in hand to the first result, in a process that has done nothing yet.

    Starts the library's threads and devices; XLA compiles.
    """

    params = [backends.NAMES, ["exp", "matmul"], ["float32"], ["cpu", "gpu"]]

    def setup(self, backend, op, dtype, device):
        available.check(backend, device, op, dtype)

    def track_first_call(self, backend, op, dtype, device):
        row = ops.OPS[op]
        arguments = _arguments(row, dtype)

        def first_call():
            module = backends.load(backend)
            start = time.perf_counter()
            module.start(device)
            function, converted = module.timed_call(row, dtype, arguments)
            if not module.COMPILES_SHAPES:  # the other has been called, to compile it
                function(*converted)
            return time.perf_counter() - start

        samples = [float(repeats.in_fork(first_call)) for _ in range(_repeat())]
        return {"samples": samples, "number": 1}


class Compile(_Startup):
    """From a function that is not compiled to its first result, on arrays of 1000: tracing, the
    compiler, and one call. Theano, Aesara and PyTensor keep what their C++ compiler made on disk,
    where it is found again."""

    params = [libraries.COMPILING, list(ops.OPS), ["float32"], ["cpu", "gpu"]]

    def setup(self, backend, op, dtype, device):
        self._module = available.require(backend, device, op, dtype)

    def track_compile_time(self, *asked):
        benchmark = "bench_startup.Compile.track_compile_time"
        return batch.run(benchmark, self.params, asked, (0, 3), self._measure)

    def _measure(self, backend, op, dtype, device):
        available.check(backend, device, op, dtype)
        compile_anew = self._module.compile_call(ops.OPS[op], dtype, _arguments(ops.OPS[op], dtype))
        compile_anew()
        samples = []
        for _ in range(_repeat()):
            start = time.perf_counter()
            compile_anew()
            samples.append(time.perf_counter() - start)
        return {"samples": samples, "number": 1}


def _arguments(op, dtype):
    """1000 numbers an argument, or matrices of 30 by 30."""
    shape = (1000,) if op.dimensions == 1 else (30, 30)
    count = shape[0] ** op.dimensions
    return [
        input_sets.uniform(interval, ulp.FORMATS[dtype], 20 + index, 0, count).reshape(shape)
        for index, interval in enumerate(op.usual)
    ]
