"""How wrong sums, products, means and the like are: the worst over many lengths."""

from . import _scratch, available, backends, ops, reduction, ulp


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
        row = ops.OPS[op]
        if data == reduction.ILL and row.ill is None:
            raise backends.Unavailable("%s is well-conditioned whatever the data" % op)
        module = available.require(backend, device, op, dtype)
        records = _scratch.remember(
            "record-reduction-%s-%s-%s-%s" % (backend, device, op, dtype),
            lambda: reduction.records(module, backend, device, row, dtype),
        )
        for method, key in (
            ("track_max_ulp", "max_ulp"),
            ("track_condition_error", "max_condition_error"),
        ):
            answers = {
                (backend, op, dtype, name, device): _number(record[key])
                for name, record in records.items()
            }
            _scratch.leave_answers("bench_reduction.Reduction." + method, answers)
        self._record = records[data]

    def track_max_ulp(self, backend, op, dtype, data, device):
        return _number(self._record["max_ulp"])

    def track_condition_error(self, backend, op, dtype, data, device):
        """|error| / (unit roundoff · Σ|terms|), with Σ|terms| as exact_reduction.py defines it."""
        return _number(self._record["max_condition_error"])


Reduction.track_max_ulp.unit = "ulp"
Reduction.track_condition_error.unit = "unit roundoffs of the terms' magnitude"


def _number(value):
    return float("nan") if value is None else value
