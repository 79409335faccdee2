"""What this release can run on this machine, and why the rest is not available."""

import itertools

from . import backends, ops
from .formats import ulp
from .process import exchange, probes, release_under_test


def require(backend, device, op, dtype):
    """The module of ``backend``, started on ``device``. Raises Unavailable with the reason."""
    check(backend, device, op, dtype)
    module = backends.load(backend)
    module.start(device)
    return module


def start_one(backend, device, op, dtype):
    """Like require, for a process that runs this one alone and asks for nothing else."""
    module = backends.load(backend)
    if device not in module.devices():
        raise backends.Unavailable("no such device here")
    module.start(device)
    _check(backend, module, ops.OPS[op], dtype)
    return module


def check(backend, device, op, dtype):
    """Raises Unavailable where this cannot run; starts nothing, so that a fork may follow."""
    missing = exchange.remember("unavailable", list_missing)
    for row in missing + exchange.load(probes.BROKEN, []):
        if all(mine in (None, asked) for mine, asked in zip(row, (backend, device, op, dtype))):
            raise backends.Unavailable(row[-1])


def list_missing():
    """What cannot run, as rows of backend, device, op, dtype (None: whichever), reason.

    Each thing is tried in a probe (probes.py): where one takes the process with it, the process
    that is started in its place goes on behind it.
    """
    journal = probes.Journal()
    for backend in backends.NAMES:
        if not backends.has(backend, release_under_test.LIBRARY, release_under_test.VERSION):
            journal.lacks(
                backend, None, None, None, backends.none(backend, release_under_test.LIBRARY)
            )
        elif not journal.is_broken(backend):
            _probe_backend(journal, backend)
    journal.done()
    return journal.missing


def _probe_backend(journal, backend):
    # In every process anew: what follows needs the backend started.
    with journal.probe(backend):
        module = backends.load(backend)
        here = module.devices()
        for device in sorted({"cpu", "cpu-1", "gpu"}.difference(here)):
            journal.lacks(backend, device, None, None, "no such device here")
        module.start("cpu")
    for op, dtype in itertools.product(ops.OPS.values(), ulp.FORMATS):
        if not journal.is_known(backend, op.name, dtype):
            with journal.probe(backend, op.name, dtype):
                try:
                    _check(backend, module, op, dtype)
                except backends.Unavailable as error:
                    journal.lacks(backend, None, op.name, dtype, str(error))


def _check(backend, module, op, dtype):
    if op.only not in (None, release_under_test.LIBRARY):
        raise backends.Unavailable("only %s has %s" % (op.only, op.name))
    if dtype not in module.DTYPES:
        raise backends.Unavailable("%s has no %s" % (backend, dtype))
    module.check(op, dtype)


class _Missing(object):
    """Asked by asv's process before a run, so that what cannot run costs no process.

    Its name keeps it out of the list of benchmarks.
    """

    timeout = 600

    def track_missing(self):
        return list_missing()
