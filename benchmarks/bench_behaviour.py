"""What else differs: special values, the same value elsewhere, the same call again, neighbours."""

from . import _scratch, available, backends, beside, layout, monotone, ops, repeats, special, ulp
from .backends import numpy as numpy_backend

_ELEMENTWISE = [op.name for op in ops.ELEMENTWISE]


class _Behaviour(object):
    version = "1"
    timeout = 600
    param_names = ["backend", "op", "dtype", "device"]
    params = [backends.NAMES, _ELEMENTWISE, list(ulp.FORMATS), ["cpu", "gpu"]]
    kind = None
    region = "normal"

    def setup(self, backend, op, dtype, device):
        self._module = available.require(backend, device, op, dtype)

    def _record(self, backend, op, dtype, device, measure):
        """The Record of what ``measure()`` says."""
        what = {"backend": backend, "device": device, "op": op, "dtype": dtype}
        what.update(kind=self.kind, region=self.region)
        name = "record-%s-%s-%s-%s-%s" % (self.kind, backend, device, op, dtype)
        return _scratch.remember(name, lambda: {self.region: dict(measure(), **what)})[self.region]


class Special(_Behaviour):
    """How many special values come out otherwise than the standards say: see special.py."""

    unit = "cases"
    kind = region = "special"

    def track_special_failures(self, backend, op, dtype, device):
        def measure():
            failing = special.failures(self._module, ops.OPS[op], dtype)
            return {"cases": len(special.cases(op)), "failures": failing}

        return len(self._record(backend, op, dtype, device, measure)["failures"])


class Layout(_Behaviour):
    """How far apart the results for one value are at another length, offset or stride."""

    unit = "representable numbers"
    kind = "layout"

    def track_layout_ulp(self, backend, op, dtype, device):
        def measure():
            return layout.measure(self._module, ops.OPS[op], dtype)

        return self._record(backend, op, dtype, device, measure)["max_distance"]


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
        row = ops.OPS[op]
        available.check(backend, device, op, dtype)

        def with_one_thread():
            module = available.require(backend, "cpu-1", op, dtype)
            return repeats.results(module, row, dtype)

        # Only a reduction's order of work can depend on the threads. This comes before the backend
        # is started here: threads are set once in a process, and no fork goes well later.
        threads_matter = row.reduce and device == "cpu"
        self._other = repeats.in_fork(with_one_thread) if threads_matter else None
        super(RunToRun, self).setup(backend, op, dtype, device)

    def track_run_to_run_ulp(self, backend, op, dtype, device):
        def measure():
            return repeats.measure(self._module, ops.OPS[op], dtype, self._other)

        return self._record(backend, op, dtype, device, measure)["max_distance"]


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

    def track_nonmonotonic(self, backend, op, dtype, device):
        def measure():
            return monotone.measure(self._module, ops.OPS[op], dtype)

        return self._record(backend, op, dtype, device, measure)["wrong"]


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
        numpy_backend.check(ops.OPS[op], dtype)
        super(Distance, self).setup(backend, op, dtype, device)

    def track_distance_ulp(self, backend, op, dtype, device):
        def measure():
            return beside.measure(self._module, numpy_backend, ops.OPS[op], dtype)

        return self._record(backend, op, dtype, device, measure)["max_distance"]
