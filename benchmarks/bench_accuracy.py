"""How wrong results are, in ULP against the exact answer."""

import itertools

import mpmath
import numpy as np

from . import _scratch, available, backends, ops, reference, sweep, tally, ulp


class _Accuracy(object):
    version = "1"
    unit = "ulp"
    timeout = 600
    param_names = ["backend", "op", "dtype", "region", "device"]
    params = [
        backends.NAMES,
        [op.name for op in ops.ELEMENTWISE],
        list(ulp.FORMATS),
        list(tally.REGIONS),
        ["cpu", "gpu"],
    ]


class Elementwise(_Accuracy):
    """The largest error over the quick profile's inputs (inputs.py): a lower bound, but for 16-bit
    types, of which those are all there are."""

    def setup(self, backend, op, dtype, region, device):
        self._module = available.require(backend, device, op, dtype)

    def track_max_ulp(self, backend, op, dtype, region, device):
        records = _scratch.remember(
            "record-%s-%s-%s-%s" % (backend, device, op, dtype),
            lambda: sweep.quick(self._module, backend, device, ops.OPS[op], dtype),
        )
        answers = {(backend, op, dtype, r, device): _max_ulp(records[r]) for r in tally.REGIONS}
        _scratch.leave_answers("bench_accuracy.Elementwise.track_max_ulp", answers)
        return answers[backend, op, dtype, region, device]


class _Recorded(_Accuracy):
    """What tools/sweep.py has recorded of this release on this machine, of one kind."""

    def _look_up(self, method, kind, asked):
        answers = dict.fromkeys(itertools.product(*self.params), float("nan"))
        for record in _scratch.records():
            if record["kind"] == kind:
                key = tuple(record[name] for name in self.param_names)
                answers[key] = _max_ulp(record)
        _scratch.leave_answers("bench_accuracy.%s.%s" % (type(self).__name__, method), answers)
        return answers[asked]


class Exhaustive(_Recorded):
    """The largest error over all inputs there are: exact, no lower bound."""

    def track_max_ulp_exact(self, *asked):
        return self._look_up("track_max_ulp_exact", "exact", asked)


class Search(_Recorded):
    """The largest error that a guided search has found: a lower bound."""

    def track_max_ulp_search(self, *asked):
        return self._look_up("track_max_ulp_search", "search", asked)


class Seed(object):
    """The question of 2017: float32 square roots of 0…99, TensorFlow 1.2.0 beside NumPy 1.13.1."""

    version = "1"
    unit = "results not correctly rounded"
    param_names = ["backend", "device"]
    params = [backends.NAMES, ["cpu", "gpu"]]

    def setup(self, backend, device):
        self._module = available.require(backend, device, "sqrt", "float32")

    def track_seed_example(self, backend, device):
        format = ulp.FORMATS["float32"]
        bits = ulp.encode(np.arange(100), format)
        got = self._module.evaluate(ops.OPS["sqrt"], "float32", [bits])
        with mpmath.workprec(reference.PRECISION):
            due = [ulp.from_mp(mpmath.sqrt(number), format) for number in range(100)]
        return sum(int(result) != rounded for result, rounded in zip(got, due))


def _max_ulp(record):
    return float("nan") if record["max_ulp"] is None else record["max_ulp"]
