"""How many instructions a call takes: the same on every machine, to a fraction of a per cent."""

from . import available, backends, counting, ops
from .process import exchange


class _Instructions(object):
    unit = "instructions"
    version = "2"
    timeout = 3600
    param_names = ["backend", "op", "dtype", "size", "device"]

    def setup(self, backend, op, dtype, size, device):
        """Counts all of this backend, in one process: asv takes what is not available for skipped
        where a setup says so."""
        available.check(backend, device, op, dtype)
        self._counted = exchange.remember("instructions-" + backend, lambda: _count(backend))
        if self._counted["missing"]:
            raise backends.Unavailable(self._counted["missing"])

    def track_instructions(self, backend, op, dtype, size, device):
        if self._counted["failed"]:
            raise RuntimeError(self._counted["failed"])
        rows = self._counted["rows"]
        records = counting.records(rows, self._counted["facts"], backend)
        exchange.leave("record-instructions-%s.json" % backend, records)
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
    """What is counted, why it cannot be or why it failed: not tried again for each function."""
    found = dict.fromkeys(["rows", "facts", "missing", "failed"])
    try:
        found["rows"], found["facts"] = counting.count(backend)
    except backends.Unavailable as error:
        found["missing"] = str(error)
    except RuntimeError as error:
        found["failed"] = str(error)
    return found


def _params(rows, sizes):
    names = [op.name for op in rows]
    return [backends.NAMES, names, counting.DTYPES, sizes, [counting.DEVICE]]


class Function(_Instructions):
    """Functions of each element, and reductions."""

    params = _params([*ops.ELEMENTWISE, *ops.REDUCTIONS], counting.LENGTHS)


class Matmul(_Instructions):
    """The size is the edge of two square matrices."""

    params = _params([ops.MATMUL], counting.EDGES)
