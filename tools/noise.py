"""How much a time differs where nothing has changed: a release against itself.

``python -m tools.noise numpy-2.4.6 tensorflow-2.21.0`` measures each release three times over (A,
B and C: two processes each, in the order A B C C B A, as interleaved rounds do) and prints, by
benchmark, backend, device and size, the noise floor: what A and B differ by. Of C, which had no
part in the floor, it says how often its difference from A would be called a change, by the report's
verdict (tools/verdict.py) and by `asv compare`. A fourth set is measured with each call slowed down
by 10 % on purpose: how often is that found, in all and at each place? --quick is as in `asv run`:
one process each.

The floor goes to ``results/MACHINE/noise.jsonl``, where the verdicts take their thresholds from.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
import tempfile
from pathlib import Path

import mpmath
import polars as pl
from asv import _stats
from tqdm import tqdm

from . import apart, files, history, records, verdict
from .environments import ReleaseUnavailable
from .machine import this_machine
from .pairs import pair
from .releases import Release, ReleaseError, find, load
from .workers import ROOT

DEFAULT_OPS = "sqrt exp log sin tanh add multiply pow sum mean max matmul"
DEFAULT_DTYPES = "float32 float64"
SLOWDOWN = 0.1
# Of a shorter call the wrapper that slows it down takes a share itself.
FOUND_FROM = 10e-6
# S is the slowed one.
_ORDER = "ABCSSCBA"
_QUICK_ORDER = "ABCS"
# What shares a floor: ops and dtypes differ little in it.
GROUP = ("benchmark", "backend", "device", "size")
_QUANTILE = 0.98
# What has the scale of a group with fewer differences than that.
_WIDER = ("matrices", "backend", "size")
_FEWEST = 5
# From so many differences on their own largest ones show the quantile.
_MANY = 50
_LEAST_FLOOR = 0.01
_ASV_FACTOR = 1.1
# What asv falls back to where there are too few samples for its test.
_UNKNOWN = {"ci_99_a": float("-inf"), "ci_99_b": float("inf")}
_BY_NAME = ("benchmark", "op", "dtype", "device", "size")


def measure(
    release: Release, ops: str, dtypes: str, attributes: list[str], quick: bool
) -> dict[str, pl.DataFrame]:
    """The times of each set, as tidy tables (tools/history.py)."""
    order = _QUICK_ORDER if quick else _ORDER
    chosen = [f"'({'|'.join(names.split())})'" for names in (ops, dtypes)]
    bench = [rf"bench_time\..*track_time\('[a-z-]+', {', '.join(chosen)}"]
    options = ["--quick"] if quick else ["-a", "rounds=1"]
    options += [word for pair in attributes for word in ("-a", pair)]
    with tempfile.TemporaryDirectory() as folder:
        for name in tqdm(order, desc=release.name, unit="pass"):
            slow = {"ULPWATCH_SLOWDOWN": str(SLOWDOWN)} if name == "S" else {}
            results = Path(folder) / name
            again = ["--append-samples"] if results.exists() else []
            apart.run(results, release.name, bench, *options, *again, environment=slow)
        return {
            name: history.load(Path(folder) / name, [release]).filter(
                metric="time", status="measured"
            )
            for name in set(order)
        }


def floors(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The noise floor by GROUP, as a relative difference, for verdict.judge: what one more
    difference stays within with a probability of _QUANTILE.

    Of many differences it is their quantile. But the largest of n is exceeded by one more with a
    probability of 1/(n + 1): of three by every fourth. So among few the logarithms of the ratios
    are taken as normal, around 0, because both sides are the same release, with one scale in the
    group, estimated by s² = Σ log²(ratio) / n. One more over s then follows Student's t with n
    degrees of freedom (a normal over an independent χ² estimate of its scale), and its quantile
    times s is the floor. Real tails are heavier than normal ones, of which a few differences show
    nothing: where the largest is beyond that, it is the floor.

    Of one or two such a floor says nothing: the 20 % between two sums of ten million would be one
    of 60 000 %. A group of less than _FEWEST has the scale of all of the same backend and size; but
    of matrices, whose size is the edge, that of other matrices.
    """
    ratio = (pl.col("before") / pl.col("after")).log().abs()
    differences = (
        pair(one, other)
        .drop_nulls(["before", "after"])
        .with_columns(
            backend="before_backend", ratio=ratio,
            matrices=pl.col("benchmark").str.contains("Matmul"),
        )
    )  # fmt: skip
    law = {"scale": pl.col("ratio").pow(2).mean().sqrt(), "n": pl.len()}
    seen = pl.col("ratio").quantile(_QUANTILE, "higher")
    own = differences.group_by(*GROUP, "matrices").agg(seen=seen, **law)
    wider = differences.group_by(_WIDER).agg(**law)
    found = own.join(wider, on=_WIDER, suffix="_wider")
    few = pl.col("n") < _FEWEST
    found = found.with_columns(
        pl.when(few).then(f"{name}_wider").otherwise(name).alias(name) for name in law
    )
    by_law = pl.col("scale") * pl.Series([_students(n) if n < _MANY else 0.0 for n in found["n"]])
    floor = (pl.max_horizontal("seen", by_law).exp() - 1).clip(_LEAST_FLOOR).round(4)
    free = dict.fromkeys(["op", "dtype"], pl.lit(None, pl.String))
    return found.select(*GROUP, floor=floor, **free).sort(GROUP)


@functools.cache
def _students(n: int) -> float:
    """What Student's t with ``n`` degrees of freedom stays within, up or down, with a probability
    of _QUANTILE: |t| is beyond x with the probability I(n/(n + x²); n/2, 1/2), I being the
    regularized incomplete beta function (Abramowitz and Stegun 26.7.1, 26.5.27)."""

    def excess(x):
        beyond = mpmath.betainc(n / 2, 0.5, 0, n / (n + x * x), regularized=True)
        return beyond - (1 - _QUANTILE)

    return float(mpmath.findroot(excess, (1, 50), solver="bisect"))


def report(release: Release, sets: dict[str, pl.DataFrame]) -> dict:
    """What :func:`main` prints of one release."""
    floor = floors(sets["A"], sets["B"])
    same = verdict.judge(pair(sets["A"], sets["C"]), floor)
    slow = verdict.judge(pair(sets["A"], sets["S"]), floor).filter(pl.col("before") > FOUND_FROM)
    found = (
        slow.with_columns(backend="before_backend")
        .group_by(GROUP)
        .agg(found=(pl.col("verdict") == "worse").mean())
    )
    samples = [sets[name].sort(*_BY_NAME, "backend")["samples"] for name in "AC"]
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
    lines = [
        f"{found['release']}, in per cent: noise floor, how many of those made slower were found"
    ]
    shares = {tuple(one[name] for name in GROUP): one["found"] for one in found["found"]}
    for one in found["floors"]:
        kind = one["benchmark"].split(".")[1]
        place = f"{kind} {one['backend']} {one['device']}"
        share = shares.get(tuple(one[name] for name in GROUP))
        last = "" if share is None else f"{100 * share:6.0f}"
        lines.append(f"  {place:34} {one['size']:>10,} {100 * one['floor']:6.1f}{last}")
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
    rows = [row for row in records.load(file) if row["backend"] not in mine]
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
        for release in [find(name, load()) for name in args.release]:
            found.append(report(release, measure(release, args.op, args.dtype, args.a, args.quick)))
            if not args.dry_run:
                save(found[-1], ROOT / "results", machine)
    except (ReleaseError, ReleaseUnavailable, apart.RunFailed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=1) if args.json else "\n".join(map(show, found)))
    held = all(one["called_changed"] < 0.02 and one["slow_down_found"] >= 0.95 for one in found)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
