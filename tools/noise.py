"""How much a time differs where nothing has changed: a release against itself.

``python -m tools.noise numpy-2.4.6 tensorflow-2.21.0`` measures each release three times. The three
sets A, B and C have as many processes each as a time is measured in, and are taken in the order A B
C C B A …, like interleaved rounds. The noise floors come from A and B: they say how far apart two
such measurements are. Set C had no part in them; the command says how often its difference from A
would be called a change, by the report's verdict (judging/verdict.py) and by `asv compare`. In a
fourth set each call is slowed down by 10 % on purpose, and the command says how often that is
found. --quick takes one process each, as in `asv run`.

With --instructions it is counts that are taken, three times and once with 2 % more instructions in
each call. A count is the same each time, but which memory a call finds, and so some per cent of a
short one, depends on what the library did before: A, B and C count all functions in three orders.

The floors are written to ``results/MACHINE/noise.jsonl``, where the verdicts read them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import polars as pl
from tqdm import tqdm

from benchmarks import counting
from benchmarks.speed import timing
from tools.environments.environment import ReleaseUnavailable
from tools.foundation import safe_files
from tools.foundation.errors import Mendable
from tools.foundation.paths import RESULTS
from tools.judging import verdict
from tools.judging.noise_floor import COUNTS, TIMES, report, save, show
from tools.releases.release_table import Release, find, load
from tools.results import history
from tools.results.machines import this_machine
from tools.running import isolated_run

DEFAULT_OPS = "sqrt exp log sin tanh add multiply pow sum mean max matmul"
DEFAULT_DTYPES = "float32 float64"
# S is the slowed one.
_ORDER = "ABCS"


def measure(
    release: Release, ops: str, dtypes: str, attributes: list[str], quick: bool
) -> dict[str, list[pl.DataFrame]]:
    """The times of each set, process by process, as tidy tables (tools/results/history.py)."""
    chosen = [f"'({'|'.join(names.split())})'" for names in (ops, dtypes)]
    bench = [rf"bench_time\..*track_time\('[a-z-]+', {', '.join(chosen)}"]
    asked = dict(pair.partition("=")[::2] for pair in attributes)
    rounds = 1 if quick else int(asked.pop("rounds", timing.ROUNDS))
    options = ["--quick"] if quick else ["-a", "rounds=1"]
    options += [word for pair in asked.items() for word in ("-a", "=".join(pair))]
    passes = [name for number in range(rounds) for name in _ORDER[:: -1 if number % 2 else 1]]
    sets: dict[str, list[pl.DataFrame]] = {name: [] for name in _ORDER}
    for name in tqdm(passes, desc=release.name, unit="pass"):
        slow = {"ULPWATCH_SLOWDOWN": str(TIMES.slowdown)} if name == "S" else {}
        with tempfile.TemporaryDirectory() as folder:
            isolated_run.run(Path(folder), release.name, bench, *options, environment=slow)
            table = history.load(Path(folder), [release])
        sets[name].append(table.filter(metric="time", status="measured"))
    return sets


def measure_counts(release: Release) -> dict[str, list[pl.DataFrame]]:
    """The counts of each set, as :func:`measure` has times."""
    sets = {}
    orders = dict(zip("ABC", counting.ORDERS, strict=True)) | {"S": next(iter(counting.ORDERS))}
    for name, order in tqdm(orders.items(), desc=release.name, unit="pass"):
        environment = {"ULPWATCH_ORDER": order}
        if name == "S":
            environment["ULPWATCH_SLOWDOWN"] = str(COUNTS.slowdown)
        with tempfile.TemporaryDirectory() as folder:
            isolated_run.run(
                Path(folder), release.name, ["bench_instructions"], environment=environment
            )
            table = history.load(Path(folder), [release])
        sets[name] = [table.filter(metric="instructions", status="measured")]
    return sets


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.noise", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("release", nargs="+", help="like numpy-2.4.6")
    parser.add_argument("--op", default=DEFAULT_OPS, help="between spaces (default: %(default)s)")
    parser.add_argument("--dtype", default=DEFAULT_DTYPES, help="(default: %(default)s)")
    parser.add_argument("-a", action="append", default=[], metavar="NAME=VALUE",
                        help="asv's attributes, like repeat=20")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="the floors of the quick profile")
    parser.add_argument("--instructions", action="store_true", help="the floors of counts, of all")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dry-run", action="store_true", help="leave noise.jsonl as it is")
    args = parser.parse_args(argv)
    found = []
    try:
        machine = this_machine()
        # What else is measured here meanwhile would be in the floors.
        folder = RESULTS / machine
        verdict.floors(folder / "noise.jsonl")  # damaged, it would take nothing in after all that
        with safe_files.hold(folder / safe_files.LOCK, "tools.noise"):
            for release in [find(name, load()) for name in args.release]:
                if args.instructions:
                    found.append(report(release, measure_counts(release), COUNTS))
                else:
                    samples = measure(release, args.op, args.dtype, args.a, args.quick)
                    found.append(report(release, samples, TIMES))
                if not args.dry_run:
                    save(found[-1], RESULTS, machine)
    except (Mendable, ReleaseUnavailable, isolated_run.RunFailed, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=1) if args.json else "\n".join(map(show, found)))
    held = all(one["called_changed"] < 0.02 and one["slow_down_found"] >= 0.95 for one in found)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
