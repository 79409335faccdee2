"""What this release can run on this machine, and why the rest is not available."""

from . import _release, _scratch, backends, ops, ulp


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
    for row in _scratch.remember("unavailable", list_missing):
        if all(mine in (None, asked) for mine, asked in zip(row, (backend, device, op, dtype))):
            raise backends.Unavailable(row[-1])


def list_missing():
    """What cannot run, as rows of backend, device, op, dtype (None: whichever), reason."""
    rows = []
    for backend in backends.NAMES:
        try:
            module = backends.load(backend)
        except backends.Unavailable as error:
            rows.append((backend, None, None, None, str(error)))
            continue
        here = module.devices()
        for device in sorted({"cpu", "cpu-1", "gpu"}.difference(here)):
            rows.append((backend, device, None, None, "no such device here"))
        module.start("cpu")
        for op in ops.OPS.values():
            rows += _missing_dtypes(backend, module, op)
    return rows


def _missing_dtypes(backend, module, op):
    rows = []
    for dtype in ulp.FORMATS:
        try:
            _check(backend, module, op, dtype)
        except backends.Unavailable as error:
            rows.append((backend, None, op.name, dtype, str(error)))
    return rows


def _check(backend, module, op, dtype):
    if op.only not in (None, _release.LIBRARY):
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
        return _scratch.remember("unavailable", list_missing)
