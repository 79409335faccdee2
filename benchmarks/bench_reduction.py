"""How wrong sums, products, means and the like are: the worst over many lengths."""

from . import available, backends, batch, ops
from .accuracy import reduction
from .formats import ulp
from .process import exchange


class Reduction(object):
    """The largest error over all lengths: see reduction.py and exact_reduction.py."""

    version = "1"
    timeout = 600
    param_names = ["backend", "op", "dtype", "data", "device"]
    params = [
        backends.NAMES,
        [op.name for op in [*ops.REDUCTIONS, ops.MATMUL]],
        list(ulp.FORMATS),
        list(reduction.DATA),
        ["cpu", "gpu"],
    ]

    def setup(self, backend, op, dtype, data, device):
        self._check(backend, op, dtype, data, device)
        self._module = available.require(backend, device, op, dtype)

    def track_max_ulp(self, *asked):
        return self._run("track_max_ulp", asked)

    def track_condition_error(self, *asked):
        """|error| / (unit roundoff · Σ|terms|), with Σ|terms| as exact_reduction.py defines it."""
        return self._run("track_condition_error", asked)

    @staticmethod
    def _check(backend, op, dtype, data, device):
        if data == reduction.ILL and ops.OPS[op].ill is None:
            raise backends.Unavailable("%s is well-conditioned whatever the data" % op)
        available.check(backend, device, op, dtype)

    def _run(self, method, asked):
        """What is asked for; both numbers of each Record made on the way are left for who asks."""
        prefix, found = "bench_reduction.Reduction.", {name: {} for name in _KEYS}

        def measure(backend, op, dtype, data, device):
            self._check(backend, op, dtype, data, device)
            records = exchange.remember(
                "record-reduction-%s-%s-%s-%s" % (backend, device, op, dtype),
                lambda: reduction.records(self._module, backend, device, ops.OPS[op], dtype),
            )
            for name, key in _KEYS.items():
                for which, record in records.items():
                    found[name][backend, op, dtype, which, device] = _number(record[key])
                if name != method:  # that is left by the batch
                    exchange.leave_answers(prefix + name, found[name])
            return found[method][backend, op, dtype, data, device]

        return batch.run(prefix + method, self.params, asked, (0, 4), measure)


_KEYS = {"track_max_ulp": "max_ulp", "track_condition_error": "max_condition_error"}
Reduction.track_max_ulp.unit = "ulp"
Reduction.track_condition_error.unit = "unit roundoffs of the terms' magnitude"


def _number(value):
    return float("nan") if value is None else value
