"""How many instructions a call takes: the same on every machine, to a fraction of a per cent."""

from . import available, backends, counting, ops
from .process import exchange


class _Instructions(object):
    unit = "instructions"
    version = "2"
    timeout = 3600
    param_names = ["backend", "op", "dtype", "size", "device"]

    def setup(self, backend, op, dtype, size, device):
        available.check(backend, device, op, dtype)

    def track_instructions(self, backend, op, dtype, size, device):
        """Counted with all others of this backend, in one process."""
        name = "instructions-" + backend
        rows, facts, failed = exchange.remember(name, lambda: _count(backend))
        if failed:
            raise RuntimeError(failed)
        exchange.leave("record-%s.json" % name, counting.records(rows, facts, backend))
        # A pair that is farther apart tells nothing: what is waited for is counted, too.
        counts = {
            (backend, row[0], row[1], row[2], device): row[3]
            for row in rows
            if row[4] <= counting.USABLE
        }
        mine = {params: found for params, found in counts.items() if params[1] in self.params[1]}
        exchange.leave_answers(
            "bench_instructions.%s.track_instructions" % type(self).__name__, mine
        )
        asked = backend, op, dtype, size, device
        if asked not in counts:
            said = "no two counts of %s of %d are within %g %% of one another"
            raise RuntimeError(said % (op, size, 100 * counting.USABLE))
        return counts[asked]


def _count(backend):
    """What is counted, and why it failed: it is not tried again for each function."""
    try:
        return [*counting.count(backend), None]
    except RuntimeError as error:
        return [None, None, str(error)]


def _params(rows, sizes):
    names = [op.name for op in rows]
    return [backends.NAMES, names, counting.DTYPES, sizes, [counting.DEVICE]]


class Function(_Instructions):
    """Functions of each element, and reductions."""

    params = _params([*ops.ELEMENTWISE, *ops.REDUCTIONS], counting.LENGTHS)


class Matmul(_Instructions):
    """The size is the edge of two square matrices."""

    params = _params([ops.MATMUL], counting.EDGES)
