"""The sweep beside a plain loop over MPFR, with nothing known and with the same bits known."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import gmpy2
import numpy as np

from benchmarks import ops
from benchmarks.formats import ulp
from benchmarks.inputs import input_sets
from tools.releases.release_table import find, load
from tools.selfbench.rows import row
from tools.sweeping import sweeps
from tools.sweeping.sweep_cache import Blocks
from tools.sweeping.worker_process import Unavailable

_MPFR_INPUTS = 200_000


def mpfr_rate() -> float:
    """Inputs a second, on one core, of a plain loop that judges float32 sin with MPFR."""
    format = ulp.FORMATS["float32"]
    bits = input_sets.random_bits(1, 0, _MPFR_INPUTS) >> np.uint64(32)
    values = bits.astype(np.uint32).view(np.float32)
    values = values[np.isfinite(values)]
    got = np.sin(values)
    gmpy2.get_context().precision = 80
    worst = gmpy2.mpfr(0)
    started = time.perf_counter()
    for x, y in zip(values.tolist(), got.tolist(), strict=True):
        exact = gmpy2.sin(gmpy2.mpfr(x))
        exponent = max(gmpy2.frexp(exact)[0] - 1, format.emin)
        error = abs(y - exact) / gmpy2.exp2(exponent - format.precision + 1)
        worst = max(worst, error)
    return len(values) / (time.perf_counter() - started)


def sweep_rates(release: str, workers: int) -> list[dict]:
    """float32 sin over all inputs, with nothing known, and again with the same bits known."""
    job = sweeps.Job(find(release, load()), "numpy", "cpu", "sin", "float32")
    with tempfile.TemporaryDirectory() as folder:
        blocks = Blocks(Path(folder) / "sweep.sqlite")
        rates = {}
        for name in ("cold", "warm"):
            started = time.perf_counter()
            sweeps.exhaustive(job, blocks, workers)
            rates[name] = 2**32 / (time.perf_counter() - started)
    mpfr = mpfr_rate()
    return [
        row("MPFR loop, one core", mpfr, "inputs/s"),
        row("sweep, cold", rates["cold"], "inputs/s", least=80e6),
        row("sweep, cold, a core", rates["cold"] / workers, "inputs/s"),
        row("a core over MPFR", rates["cold"] / workers / mpfr, "times", least=100),
        row("warm over cold", rates["warm"] / rates["cold"], "times", least=4),
        row("memory", _memory(workers), "GB", most=2),
    ]


def full(release: str, workers: int) -> list[dict]:
    """All unary float32 ops of a release, with nothing known and with all known."""
    target = find(release, load())
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        blocks = Blocks(Path(folder) / "sweep.sqlite")
        for name, most in (("cold", 45), ("warm", 12)):
            started = time.perf_counter()
            for op in (op for op in ops.ELEMENTWISE if op.arity == 1):
                job = sweeps.Job(target, target.library, "cpu", op.name, "float32")
                try:
                    sweeps.exhaustive(job, blocks, workers)
                except Unavailable as error:
                    print(error, file=sys.stderr)
            minutes = (time.perf_counter() - started) / 60
            rows.append(row(f"all unary float32, {name}", minutes, "min", most=most))
    return [*rows, row("memory", _memory(workers), "GB", most=2)]


def _memory(workers: int) -> float:
    """Peak GB: this process and as many times the largest worker as there are."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + workers * child) * 1024 / 1e9
