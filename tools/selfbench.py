"""Ulpwatch's own speed, as ratios measured in one run.

``python -m tools.selfbench sweep``          the sweep beside a loop over MPFR, cold and warm
``python -m tools.selfbench sweep --full``   besides, all unary float32 ops, cold and warm
``python -m tools.selfbench quick``          the quick accuracy profile of whole releases
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gmpy2
import numpy as np

from benchmarks import inputs, ops, ulp

from . import files, jobs
from .blocks import Blocks
from .environments import ReleaseUnavailable
from .releases import ReleaseError, find, load
from .workers import ROOT, Unavailable, WorkerError

_MPFR_INPUTS = 200_000


def mpfr_rate() -> float:
    """Inputs a second, on one core, of a plain loop that judges float32 sin with MPFR."""
    format = ulp.FORMATS["float32"]
    bits = inputs.random_bits(1, 0, _MPFR_INPUTS) >> np.uint64(32)
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
    job = jobs.Job(find(release, load()), "numpy", "cpu", "sin", "float32")
    with tempfile.TemporaryDirectory() as folder:
        blocks = Blocks(Path(folder) / "sweep.sqlite")
        rates = {}
        for name in ("cold", "warm"):
            started = time.perf_counter()
            jobs.exhaustive(job, blocks, workers)
            rates[name] = 2**32 / (time.perf_counter() - started)
    mpfr = mpfr_rate()
    return [
        _row("MPFR loop, one core", mpfr, "inputs/s"),
        _row("sweep, cold", rates["cold"], "inputs/s", least=80e6),
        _row("sweep, cold, a core", rates["cold"] / workers, "inputs/s"),
        _row("a core over MPFR", rates["cold"] / workers / mpfr, "times", least=100),
        _row("warm over cold", rates["warm"] / rates["cold"], "times", least=4),
        _row("memory", _memory(workers), "GB", most=2),
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
                job = jobs.Job(target, target.library, "cpu", op.name, "float32")
                try:
                    jobs.exhaustive(job, blocks, workers)
                except Unavailable as error:
                    print(error, file=sys.stderr)
            minutes = (time.perf_counter() - started) / 60
            rows.append(_row(f"all unary float32, {name}", minutes, "min", most=most))
    return [*rows, _row("memory", _memory(workers), "GB", most=2)]


def quick() -> list[dict]:
    """`asv run` of the accuracy benchmarks of a NumPy and a TensorFlow release."""
    rows = []
    for release, most in (("numpy-2.4.6", 4), ("tensorflow-2.21.0", 12)):
        with tempfile.TemporaryDirectory() as results:
            conf = json.loads(_without_comments((ROOT / "asv.conf.json").read_text()))
            file = ROOT / ".asv.selfbench.json"  # asv works in the folder of its configuration
            files.write(file, json.dumps(conf | {"results_dir": results}))
            command = [sys.executable, "-m", "asv", "--config", str(file), "run"]
            started = time.perf_counter()
            subprocess.run([*command, "-b", "bench_accuracy|bench_reduction|bench_behaviour",
                            release], cwd=ROOT, check=True, stdout=sys.stderr)  # fmt: skip
            minutes = (time.perf_counter() - started) / 60
            rows.append(_row(f"quick accuracy of {release}", minutes, "min", most=most))
    return rows


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith("//"))


def _memory(workers: int) -> float:
    """Peak GB: this process and as many times the largest worker as there are."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + workers * child) * 1024 / 1e9


def _row(name: str, value: float, unit: str, least: float | None = None,
         most: float | None = None) -> dict:  # fmt: skip
    bar = least if least is not None else most
    held = None if bar is None else (value >= bar if least is not None else value <= bar)
    bound = None if bar is None else f"{'at least' if least is not None else 'at most'} {bar:g}"
    return {"name": name, "value": value, "unit": unit, "bar": bound, "held": held}


def _show(rows: list[dict]) -> str:
    lines = []
    for row in rows:
        verdict = {None: "", True: f"{row['bar']}: held", False: f"{row['bar']}: MISSED"}
        lines.append(
            f"{row['name']:32} {row['value']:14,.4g} {row['unit']:9} {verdict[row['held']]}"
        )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.selfbench", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("what", choices=["sweep", "quick"])
    parser.add_argument("--full", action="store_true", help="all unary float32 ops too")
    parser.add_argument("--release", default="numpy-2.4.6")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    try:
        if args.what == "quick":
            rows = quick()
        else:
            rows = sweep_rates(args.release, args.workers)
            rows += full(args.release, args.workers) if args.full else []
    except (ReleaseError, ReleaseUnavailable, WorkerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(rows, indent=1) if args.json else _show(rows))
    return 0 if all(row["held"] is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
