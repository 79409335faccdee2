"""What else differs: special values, the same value elsewhere, the same call again, neighbours."""

from . import available, backends, batch, levels, ops
from .backends import numpy as numpy_backend
from .behaviour import distance, layout, monotone, repeats, special
from .formats import ulp
from .process import exchange

_ELEMENTWISE = [op.name for op in ops.ELEMENTWISE]


class _Behaviour(object):
    version = "1"
    timeout = 600
    param_names = ["backend", "op", "dtype", "device"]
    params = [backends.NAMES, _ELEMENTWISE, list(ulp.FORMATS), levels.ACCURACY]
    kind = None
    region = "normal"
    alike = (0, 3)  # what a process is started with: the backend and the device

    def setup(self, backend, op, dtype, device):
        self._module = available.require(backend, device, op, dtype)

    def _run(self, method, asked):
        """The number asked for, of the Record of what ``self._measure(…)`` says."""

        def measure(backend, op, dtype, device):
            self._check(backend, op, dtype, device)
            what = {"backend": backend, "device": device, "op": op, "dtype": dtype}
            what.update(kind=self.kind, region=self.region)
            record = exchange.remember(
                "record-%s-%s-%s-%s-%s" % (self.kind, backend, device, op, dtype),
                lambda: {self.region: dict(self._measure(ops.OPS[op], dtype), **what)},
            )
            return self._number(record[self.region])

        benchmark = "bench_behaviour.%s.%s" % (type(self).__name__, method)
        return batch.run(benchmark, self.params, asked, self.alike, measure)

    @staticmethod
    def _check(backend, op, dtype, device):
        available.check(backend, device, op, dtype)

    @staticmethod
    def _number(record):
        return record["max_distance"]


class Special(_Behaviour):
    """How many special values come out otherwise than the standards say: see special.py."""

    unit = "cases"
    kind = region = "special"

    def track_special_failures(self, *asked):
        return self._run("track_special_failures", asked)

    def _measure(self, op, dtype):
        failing = special.failures(self._module, op, dtype)
        return {"cases": len(special.cases(op.name)), "failures": failing}

    @staticmethod
    def _number(record):
        return len(record["failures"])


class Layout(_Behaviour):
    """How far apart the results for one value are at another length, offset or stride."""

    unit = "representable numbers"
    kind = "layout"

    def track_layout_ulp(self, *asked):
        return self._run("track_layout_ulp", asked)

    def _measure(self, op, dtype):
        return layout.measure(self._module, op, dtype)


class RunToRun(_Behaviour):
    """How far apart the results of a call are when repeated; a reduction's with one thread too."""

    unit = "representable numbers"
    kind = "run-to-run"
    params = [
        backends.NAMES,
        [op.name for op in [*ops.ELEMENTWISE, *ops.REDUCTIONS, ops.MATMUL]],
        list(ulp.FORMATS),
        ["cpu", "gpu"],
    ]

    def setup(self, backend, op, dtype, device):
        available.check(backend, device, op, dtype)

        def with_one_thread():
            module = available.require(backend, "cpu-1", op, dtype)
            return repeats.results(module, ops.OPS[op], dtype)

        # Only a reduction's order of work can depend on the threads. This comes before the backend
        # is started here: threads are set once in a process, and no fork goes well later.
        self._on_cpu = device == "cpu"
        self._other = {}
        if self._on_cpu and ops.OPS[op].reduce:
            self._other[op, dtype] = repeats.in_fork(with_one_thread)
        super(RunToRun, self).setup(backend, op, dtype, device)

    def track_run_to_run_ulp(self, *asked):
        return self._run("track_run_to_run_ulp", asked)

    def _measure(self, op, dtype):
        # Of a reduction that this process was not started for a KeyError ends the batch.
        other = self._other[op.name, dtype] if self._on_cpu and op.reduce else None
        return repeats.measure(self._module, op, dtype, other)


class Monotonic(_Behaviour):
    """How many pairs of neighbouring inputs have results in the wrong order."""

    unit = "pairs"
    kind = "nonmonotonic"
    params = [
        backends.NAMES,
        [op.name for op in ops.ELEMENTWISE if getattr(op, "monotonic", None)],
        list(ulp.FORMATS),
        ["cpu", "gpu"],
    ]

    def track_nonmonotonic(self, *asked):
        return self._run("track_nonmonotonic", asked)

    def _measure(self, op, dtype):
        return monotone.measure(self._module, op, dtype)

    @staticmethod
    def _number(record):
        return record["wrong"]


class Distance(_Behaviour):
    """How far apart the results of TensorFlow and of the NumPy that is installed with it are."""

    unit = "representable numbers"
    kind = "distance"
    params = [
        [name for name in backends.NAMES if name != "numpy"],
        _ELEMENTWISE,
        list(numpy_backend.DTYPES),
        ["cpu", "gpu"],
    ]

    def setup(self, backend, op, dtype, device):
        self._check(backend, op, dtype, device)
        super(Distance, self).setup(backend, op, dtype, device)

    def track_distance_ulp(self, *asked):
        return self._run("track_distance_ulp", asked)

    @staticmethod
    def _check(backend, op, dtype, device):
        numpy_backend.check(ops.OPS[op], dtype)
        available.check(backend, device, op, dtype)

    def _measure(self, op, dtype):
        return distance.measure(self._module, numpy_backend, op, dtype)
