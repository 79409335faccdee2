"""How wrong results are, in ULP against the exact answer."""

import itertools

import mpmath
import numpy as np

from . import available, backends, batch, levels, ops
from .accuracy import error_stats, reference, sweep
from .formats import ulp
from .process import exchange

_BACKEND, _DEVICE = 0, 4


class _Accuracy(object):
    version = "2"
    unit = "ulp"
    timeout = 600
    param_names = ["backend", "op", "dtype", "region", "device"]
    params = [
        backends.NAMES,
        [op.name for op in ops.ELEMENTWISE],
        list(ulp.FORMATS),
        list(error_stats.REGIONS),
        levels.ACCURACY,
    ]


class Elementwise(_Accuracy):
    """The largest error over the quick profile's inputs (inputs.py): a lower bound, but for 16-bit
    types, of which those are all there are."""

    def setup(self, backend, op, dtype, region, device):
        self._module = available.require(backend, device, op, dtype)

    def track_max_ulp(self, *asked):
        return self._run("track_max_ulp", asked)

    def track_nan_wrong(self, *asked):
        return self._run("track_nan_wrong", asked)

    track_nan_wrong.unit = "results that are NaN where a number is due, or the reverse"

    def _run(self, method, asked):
        """What is asked for; both numbers of each Record made on the way are left for who asks."""
        prefix, found = "bench_accuracy.Elementwise.", {name: {} for name in _NUMBERS}

        def measure(backend, op, dtype, region, device):
            available.check(backend, device, op, dtype)
            records = exchange.remember(
                "record-%s-%s-%s-%s" % (backend, device, op, dtype),
                lambda: sweep.quick(self._module, backend, device, ops.OPS[op], dtype),
            )
            for name, number in _NUMBERS.items():
                for r in error_stats.REGIONS:
                    found[name][backend, op, dtype, r, device] = number(records[r])
                if name != method:  # that is left by the batch
                    exchange.leave_answers(prefix + name, found[name])
            return found[method][backend, op, dtype, region, device]

        return batch.run(prefix + method, self.params, asked, (_BACKEND, _DEVICE), measure)


class _Recorded(_Accuracy):
    """What tools/sweep.py has recorded of this release on this machine, of one kind."""

    def _look_up(self, method, kind, asked):
        answers = dict.fromkeys(itertools.product(*self.params), float("nan"))
        for record in exchange.records():
            if record["kind"] == kind:
                key = tuple(record[name] for name in self.param_names)
                answers[key] = self._number(record)
        exchange.leave_answers("bench_accuracy.%s.%s" % (type(self).__name__, method), answers)
        return answers[asked]

    @staticmethod
    def _number(record):
        return _max_ulp(record)


class Exhaustive(_Recorded):
    """The largest error over all inputs there are: exact, no lower bound."""

    def track_max_ulp_exact(self, *asked):
        return self._look_up("track_max_ulp_exact", "exact", asked)


class Neighbours(_Recorded):
    """Over all inputs there are: how many neighbours have results in the wrong order."""

    unit = "pairs"

    def track_nonmonotonic_exact(self, *asked):
        return self._look_up("track_nonmonotonic_exact", "exact", asked)

    @staticmethod
    def _number(record):
        found = record.get("nonmonotonic")
        return float("nan") if found is None else found


class Search(_Recorded):
    """The largest error that a guided search has found: a lower bound."""

    def track_max_ulp_search(self, *asked):
        return self._look_up("track_max_ulp_search", "search", asked)


class Seed(object):
    """The question of 2017: float32 square roots of 0…99, TensorFlow 1.2.0 beside NumPy 1.13.1."""

    version = "1"
    unit = "results not correctly rounded"
    param_names = ["backend", "device"]
    params = [backends.NAMES, levels.ACCURACY]
    _format = ulp.FORMATS["float32"]

    def setup(self, backend, device):
        self._module = available.require(backend, device, "sqrt", "float32")

    def track_seed_example(self, backend, device):
        return len(self._record(backend, device)["wrong"])

    def track_seed_max_ulp(self, backend, device):
        return self._record(backend, device)["max_ulp"]

    track_seed_max_ulp.unit = "ulp"

    def _record(self, backend, device):
        """The Record that both numbers are of, with every root that is wrong."""
        what = {"backend": backend, "device": device, "op": "sqrt", "dtype": "float32"}
        what.update(kind="seed", region="seed")
        record = exchange.remember(
            "record-seed-%s-%s" % (backend, device), lambda: {"seed": dict(self._measure(), **what)}
        )
        return record["seed"]

    def _measure(self):
        bits = ulp.encode(np.arange(100), self._format)
        got = self._module.evaluate(ops.OPS["sqrt"], "float32", [bits])
        wrong, errors = [], []
        for number, result in zip(bits, got):
            with mpmath.workprec(reference.PRECISION):
                root = mpmath.sqrt(ulp.to_mp(number, self._format))
            errors.append(ulp.exact_error(int(result), root, self._format))
            if int(result) != ulp.from_mp(root, self._format):
                found = sweep.witness([number], int(result), root, self._format)
                wrong.append(dict(found, ulp=errors[-1]))
        return {"inputs": len(errors), "max_ulp": max(errors), "wrong": wrong}


def _nan_wrong(record):
    return record["nan_wrong"] + record["number_wrong"]


def _max_ulp(record):
    return float("nan") if record["max_ulp"] is None else record["max_ulp"]


_NUMBERS = {"track_max_ulp": _max_ulp, "track_nan_wrong": _nan_wrong}
