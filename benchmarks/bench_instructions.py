"""How many instructions a call takes: the same on every machine, to a fraction of a per cent."""

from . import available, backends, counting, ops
from .formats import ulp
from .process import exchange


class _Instructions(object):
    unit = "instructions"
    version = "1"
    timeout = 1800
    param_names = ["backend", "op", "dtype", "size", "device"]

    def setup(self, backend, op, dtype, size, device):
        available.check(backend, device, op, dtype)

    def track_instructions(self, backend, op, dtype, size, device):
        """Counted with all others of this class, backend and dtype, in one process."""
        what = type(self).__name__, backend, dtype
        name = "instructions-%s-%s-%s" % what
        counts = exchange.remember(
            name, lambda: counting.count(backend, dtype, self.params[1], self.params[3])
        )
        exchange.leave("record-%s.json" % name, counting.records(counts, backend, dtype))
        benchmark = "bench_instructions.%s.track_instructions" % what[0]
        exchange.leave_answers(benchmark, dict(self._answers(counts, backend, dtype, device)))
        if "%s %d" % (op, size) not in counts:
            raise RuntimeError("not counted: %s of %d" % (op, size))
        return counts["%s %d" % (op, size)][0]

    def _answers(self, counts, backend, dtype, device):
        for op in self.params[1]:
            for size in self.params[3]:
                found = counts.get("%s %d" % (op, size))
                if found:
                    yield (backend, op, dtype, size, device), found[0]


def _params(rows, sizes):
    names = [op.name for op in rows]
    return [backends.NAMES, names, list(ulp.FORMATS), sizes, [counting.DEVICE]]


class Function(_Instructions):
    """Functions of each element, and reductions: one process counts them all."""

    params = _params([*ops.ELEMENTWISE, *ops.REDUCTIONS], counting.LENGTHS)


class Matmul(_Instructions):
    """The size is the edge of two square matrices."""

    params = _params([ops.MATMUL], counting.EDGES)
