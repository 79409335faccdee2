"""How much a time differs where nothing has changed: a release against itself.

``python -m tools.noise numpy-2.4.6 tensorflow-2.21.0`` measures each release three times over (A,
B and C: as many processes each as a time is measured in, in the order A B C C B A …, as interleaved
rounds do) and prints the noise floors: what two such measurements differ by. Of C, which had no
part in the floors, it says how often its difference from A would be called a change, by the
report's verdict (tools/verdict.py) and by `asv compare`. A fourth set is measured with each call
slowed down by 10 % on purpose: how often is that found, in all and at each place? --quick is as in
`asv run`: one process each.

The floors go to ``results/MACHINE/noise.jsonl``, where the verdicts take their thresholds from.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import mpmath
import polars as pl
from asv import _stats
from tqdm import tqdm

from benchmarks import timing

from . import apart, files, history, shapes, verdict
from .environments import ReleaseUnavailable
from .errors import Mendable
from .machine import this_machine
from .pairs import pair
from .releases import Release, find, load
from .workers import ROOT

DEFAULT_OPS = "sqrt exp log sin tanh add multiply pow sum mean max matmul"
DEFAULT_DTYPES = "float32 float64"
SLOWDOWN = 0.1
# Of a shorter call the wrapper that slows it down takes a share itself.
FOUND_FROM = 10e-6
# S is the slowed one.
_ORDER = "ABCS"
# What has noise alike; functions differ in it, too, but less.
GROUP = ("benchmark", "backend", "device", "size")
_FUNCTION = (*GROUP, "op", "dtype")
_QUANTILE = 0.98
# What the group says of a function's noise weighs as much as so many processes of its own.
_PRIOR = 6
# The variance of the median of n normals is so many times σ²/n: for n = 8; 1 for 2, 1.19 for 4.
_MEDIAN = 1.35
_LEAST_FLOOR = 0.01
_ASV_FACTOR = 1.1
# What asv falls back to where there are too few samples for its test.
_UNKNOWN = {"ci_99_a": float("-inf"), "ci_99_b": float("inf")}
_BY_NAME = ("benchmark", "op", "dtype", "device", "size")


def measure(
    release: Release, ops: str, dtypes: str, attributes: list[str], quick: bool
) -> dict[str, list[pl.DataFrame]]:
    """The times of each set, process by process, as tidy tables (tools/history.py)."""
    chosen = [f"'({'|'.join(names.split())})'" for names in (ops, dtypes)]
    bench = [rf"bench_time\..*track_time\('[a-z-]+', {', '.join(chosen)}"]
    asked = dict(pair.partition("=")[::2] for pair in attributes)
    rounds = 1 if quick else int(asked.pop("rounds", timing.ROUNDS))
    options = ["--quick"] if quick else ["-a", "rounds=1"]
    options += [word for pair in asked.items() for word in ("-a", "=".join(pair))]
    passes = [name for number in range(rounds) for name in _ORDER[:: -1 if number % 2 else 1]]
    sets: dict[str, list[pl.DataFrame]] = {name: [] for name in _ORDER}
    for name in tqdm(passes, desc=release.name, unit="pass"):
        slow = {"ULPWATCH_SLOWDOWN": str(SLOWDOWN)} if name == "S" else {}
        with tempfile.TemporaryDirectory() as folder:
            apart.run(Path(folder), release.name, bench, *options, environment=slow)
            table = history.load(Path(folder), [release])
        sets[name].append(table.filter(metric="time", status="measured"))
    return sets


def together(processes: list[pl.DataFrame]) -> pl.DataFrame:
    """What asv makes of the samples of several processes: one table."""
    numbers = ("value", "low", "high", "samples", "started")
    rows = pl.concat(processes)
    kept = [name for name in rows.columns if name not in numbers]
    pooled = rows.group_by(kept).agg(pl.col("samples").explode(), started=pl.col("started").max())
    ends = {"low": 0.25, "value": 0.5, "high": 0.75}
    quantile = {
        name: pl.col("samples").list.eval(pl.element().quantile(q, "linear")).list.first()
        for name, q in ends.items()
    }
    return pooled.with_columns(**quantile).select(rows.columns)


def floors(processes: list[pl.DataFrame], at_once: int) -> pl.DataFrame:
    """The noise floor of each function and, for those not measured, of each GROUP, as a relative
    difference, for verdict.judge: what two medians of ``at_once`` processes each stay within with a
    probability of _QUANTILE, where ``processes`` have measured the same release.

    The logarithms of a function's times in n processes have a variance s² of n - 1 degrees of
    freedom. Alone it says little, and functions of one GROUP have noise of like size, so its
    estimate is (_PRIOR s₀² + (n - 1) s²) / (_PRIOR + n - 1) with as many degrees of freedom, where
    s₀² is that of the group (G. K. Smyth, Linear models and empirical Bayes methods for assessing
    differential expression, 2004, section 3: a moderated variance; _PRIOR is chosen, not
    estimated). The difference over its standard error then follows Student's t; of a function that
    was not measured with _PRIOR degrees of freedom.
    """
    rows = pl.concat(processes).with_columns(log=pl.col("value").log())
    own = rows.group_by(_FUNCTION).agg(variance=pl.col("log").var(), n=pl.len() - 1)
    own = own.filter(pl.col("n") > 0)
    group = own.group_by(GROUP).agg(
        prior=(pl.col("n") * pl.col("variance")).sum() / pl.col("n").sum()
    )
    n, prior = pl.col("n"), pl.col("prior")
    functions = own.join(group, on=GROUP).select(
        *_FUNCTION,
        variance=(_PRIOR * prior + n * pl.col("variance")) / (_PRIOR + n),
        freedom=_PRIOR + n,
    )
    free = dict.fromkeys(["op", "dtype"], pl.lit(None, pl.String))
    others = group.select(
        *GROUP, **free, variance=prior, freedom=pl.lit(_PRIOR, functions.schema["freedom"])
    )
    found = pl.concat([functions, others])
    students = pl.Series([_students(freedom) for freedom in found["freedom"]], dtype=pl.Float64)
    error = (2 * _MEDIAN * pl.col("variance") / at_once).sqrt()
    floor = ((students * error).exp() - 1).clip(_LEAST_FLOOR).round(4)
    return found.select(*_FUNCTION, floor=floor).sort(_FUNCTION, nulls_last=True)


@functools.cache
def _students(n: int) -> float:
    """What Student's t with ``n`` degrees of freedom stays within, up or down, with a probability
    of _QUANTILE: |t| is beyond x with the probability I(n/(n + x²); n/2, 1/2), I being the
    regularized incomplete beta function (Abramowitz and Stegun 26.7.1, 26.5.27)."""

    def excess(x):
        beyond = mpmath.betainc(n / 2, 0.5, 0, n / (n + x * x), regularized=True)
        return beyond - (1 - _QUANTILE)

    return float(mpmath.findroot(excess, (1, 50), solver="bisect"))


def report(release: Release, sets: dict[str, list[pl.DataFrame]]) -> dict:
    """What :func:`main` prints of one release."""
    floor = floors(sets["A"] + sets["B"], len(sets["A"]))
    a, c, slowed = (together(sets[name]) for name in "ACS")
    same = verdict.judge(pair(a, c), floor)
    slow = verdict.judge(pair(a, slowed), floor).filter(pl.col("before") > FOUND_FROM)
    found = (
        slow.with_columns(backend="before_backend")
        .group_by(GROUP)
        .agg(found=(pl.col("verdict") == "worse").mean())
    )
    samples = [one.sort(*_BY_NAME, "backend")["samples"] for one in (a, c)]
    return {
        "release": release.name,
        "floors": floor.to_dicts(),
        "found": found.sort(GROUP).to_dicts(),
        "benchmarks": len(same),
        "called_changed": same["verdict"].is_in(["better", "worse"]).mean(),
        "called_changed_by_asv": pl.Series(map(_called_by_asv, *samples)).mean(),
        "slowed_down": len(slow),
        "slow_down_found": (slow["verdict"] == "worse").mean(),
    }


def _called_by_asv(a: list[float], b: list[float]) -> bool:
    """Whether `asv compare` would call it a change: beyond its factor, and significant."""
    medians = sorted(pl.Series(one).median() for one in (a, b))
    return medians[1] > _ASV_FACTOR * medians[0] and _stats.is_different(a, b, *[_UNKNOWN] * 2)


def show(found: dict) -> str:
    shares = {tuple(one[name] for name in GROUP): one["found"] for one in found["found"]}
    floors = defaultdict(list)
    for one in found["floors"]:
        floors[tuple(one[name] for name in GROUP)].append(100 * one["floor"])
    lines = [
        f"{found['release']}, in per cent",
        f"  {'noise floor:':45} {'median':>8}{'largest':>8}{'others':>8}{'found':>7}",
    ]
    for place, (*functions, others) in floors.items():
        benchmark, backend, device, size = place
        name = f"{benchmark.split('.')[1]} {backend} {device}"
        share = f"{100 * shares[place]:7.0f}" if place in shares else ""
        median, largest = statistics.median(functions), max(functions)
        lines.append(f"  {name:34} {size:>10,} {median:8.1f}{largest:8.1f}{others:8.1f}{share}")
    return "\n".join([
        *lines,
        f"  of {found['benchmarks']} benchmarks with nothing changed "
        f"{100 * found['called_changed']:.1f} % called changed (at most 2 %), "
        f"by `asv compare` {100 * found['called_changed_by_asv']:.1f} %",
        f"  of {found['slowed_down']} over {FOUND_FROM * 1e6:g} µs, made slower by "
        f"{100 * SLOWDOWN:g} %, {100 * found['slow_down_found']:.1f} % found (at least 95 %)",
    ])  # fmt: skip


def save(found: dict, results: Path, machine: str) -> None:
    """Keep the floors of these backends in ``noise.jsonl``, the others' as they are."""
    file = results / machine / "noise.jsonl"
    mine = {one["backend"] for one in found["floors"]}
    rows = [row for row in shapes.rows(file, shapes.floor) if row["backend"] not in mine]
    rows += [one | {"release": found["release"]} for one in found["floors"]]
    files.write(file, "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))


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
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dry-run", action="store_true", help="leave noise.jsonl as it is")
    args = parser.parse_args(argv)
    found = []
    try:
        machine = this_machine()
        # What else is measured here meanwhile would be in the floors.
        with files.hold(ROOT / "results" / machine / files.LOCK, "tools.noise"):
            for release in [find(name, load()) for name in args.release]:
                samples = measure(release, args.op, args.dtype, args.a, args.quick)
                found.append(report(release, samples))
                if not args.dry_run:
                    save(found[-1], ROOT / "results", machine)
    except (Mendable, ReleaseUnavailable, apart.RunFailed, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=1) if args.json else "\n".join(map(show, found)))
    held = all(one["called_changed"] < 0.02 and one["slow_down_found"] >= 0.95 for one in found)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
