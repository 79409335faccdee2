"""What this release can run on this machine, and why the rest is not available."""

import itertools

from . import backends, levels, ops
from .formats import ulp
from .process import exchange, probes, release_under_test


def require(backend, device, op, dtype):
    """The module of ``backend``, started on ``device``. Raises Unavailable with the reason."""
    check(backend, device, op, dtype)
    return _start(backend, device)


def start_one(backend, device, op, dtype):
    """Like require, for a process that runs this one (a row of ops.py; None: whichever) alone and
    asks for nothing else."""
    module = backends.load(backend)
    why_not = _why_no_device(backend, module.devices(), device)
    if why_not:
        raise backends.Unavailable(why_not)
    module = _start(backend, device)
    if op:
        _check(backend, module, op, dtype)
    return module


def _start(backend, device):
    module = backends.load(backend)
    if device in levels.OF_DEVICE:
        said = levels.not_in_force(backend, device)
        if said:
            raise backends.Unavailable(said)
    module.start(levels.base(device))
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
        for device in levels.DEVICES:
            why_not = _why_no_device(backend, here, device)
            if why_not:
                journal.lacks(backend, device, None, None, why_not)
        module.start("cpu")
    for op, dtype in itertools.product(ops.OPS.values(), ulp.FORMATS):
        if not journal.is_known(backend, op.name, dtype):
            with journal.probe(backend, op.name, dtype):
                try:
                    _check(backend, module, op, dtype)
                except backends.Unavailable as error:
                    journal.lacks(backend, None, op.name, dtype, str(error))


def _why_no_device(backend, here, device):
    """Why there is none, where its backend knows of those that are ``here``; "" where there is."""
    if levels.base(device) not in here:
        return "no such device here"
    return levels.why_not(backend, release_under_test.VERSION, device)


def _check(backend, module, op, dtype):
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
