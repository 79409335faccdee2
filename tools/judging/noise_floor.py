"""How much two measurements of one release differ, from several processes of each."""

from __future__ import annotations

import functools
import json
import statistics
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import mpmath
import polars as pl
from asv import _stats

from tools.foundation import safe_files
from tools.judging import verdict
from tools.judging.align import pair
from tools.releases.release_table import Release
from tools.results import schema


@dataclass(frozen=True)
class Kind:
    """What is measured, and how it is made slower on purpose."""

    slowdown: float
    found_from: float
    """Of less the wrapper that slows it down takes a share itself."""
    what: str


TIMES = Kind(0.10, 10e-6, "over 10 µs")
COUNTS = Kind(0.02, 0, "counts")
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


def together(processes: list[pl.DataFrame]) -> pl.DataFrame:
    """What asv makes of the samples of several processes: one table."""
    if len(processes) == 1:
        return processes[0]
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


def report(release: Release, sets: dict[str, list[pl.DataFrame]], kind: Kind) -> dict:
    """What :func:`main` prints of one release."""
    floor = floors(sets["A"] + sets["B"], len(sets["A"]))
    a, c, slowed = (together(sets[name]) for name in "ACS")
    same = verdict.judge(pair(a, c), floor)
    slow = verdict.judge(pair(a, slowed), floor).filter(pl.col("before") > kind.found_from)
    found = (
        slow.with_columns(backend="before_backend")
        .group_by(GROUP)
        .agg(found=(pl.col("verdict") == "worse").mean())
    )
    samples = [one.sort(*_BY_NAME, "backend")["samples"].drop_nulls() for one in (a, c)]
    return {
        "release": release.name,
        "kind": asdict(kind),
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
    by_asv = found["called_changed_by_asv"]
    beside = "" if by_asv is None else f", by `asv compare` {100 * by_asv:.1f} %"
    return "\n".join([
        *lines,
        f"  of {found['benchmarks']} benchmarks with nothing changed "
        f"{100 * found['called_changed']:.1f} % called changed (at most 2 %){beside}",
        f"  of {found['slowed_down']} {found['kind']['what']}, made slower by "
        f"{100 * found['kind']['slowdown']:g} %, {100 * found['slow_down_found']:.1f} % found "
        "(at least 95 %)",
    ])  # fmt: skip


def save(found: dict, results: Path, machine: str) -> None:
    """Keep the floors of these benchmarks and backends in ``noise.jsonl``, others as they are."""
    file = results / machine / "noise.jsonl"
    mine = {(one["benchmark"], one["backend"]) for one in found["floors"]}
    kept = schema.rows(file, schema.floor)
    rows = [row for row in kept if (row["benchmark"], row["backend"]) not in mine]
    rows += [one | {"release": found["release"]} for one in found["floors"]]
    safe_files.write(file, "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))
