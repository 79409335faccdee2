"""Ulpwatch's own speed and fidelity, beside what it should beat, measured in one run.

``sweep``          all inputs of float32 sin, beside a loop over MPFR, cold and warm
``sweep --full``   besides, all unary float32 ops, cold and warm
``quick``          the quick accuracy profile of whole releases
``times``          times beside pyperf's, of the same calls
``suite``          the time suite of whole releases in the quick profile, and its overhead
``instructions``   counts of instructions: their cost, whether they repeat, what they find
``publish``        what our pages add to `asv publish`, of a made-up history of 40 releases

Prints a row for each number with the bar it should clear; exits with 1 where one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from benchmarks.libraries import BY_NAME
from tools.environments.environment import ReleaseUnavailable
from tools.foundation.errors import Mendable
from tools.report.browser import NoBrowser
from tools.running.isolated_run import RunFailed
from tools.selfbench import instructions, publish, suite, sweep, times
from tools.selfbench.rows import show
from tools.sweeping.worker_process import WorkerError

_MEASURES = {
    "quick": suite.accuracy,
    "suite": suite.times,
    "times": times.against_pyperf,
    "publish": publish.pages,
}


def measure(args: argparse.Namespace) -> list[dict]:
    if args.what == "sweep":
        release = args.release or "numpy-2.4.6"
        rows = sweep.sweep_rates(release, args.workers)
        return rows + (sweep.full(release, args.workers) if args.full else [])
    if args.what == "instructions":
        return instructions.counts([args.release] if args.release else list(BY_NAME))
    return _MEASURES[args.what]()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.selfbench", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("what", choices=["sweep", "instructions", *_MEASURES])
    parser.add_argument("--full", action="store_true", help="of sweep: all unary float32 ops too")
    parser.add_argument("--release", help="of sweep (default: numpy-2.4.6), of instructions "
                        "(default: the newest of each library)")  # fmt: skip
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="of sweep")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    try:
        rows = measure(args)
    except (NoBrowser, Mendable, ReleaseUnavailable, RunFailed, WorkerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(rows, indent=1) if args.json else show(rows))
    return 0 if all(row["held"] is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
