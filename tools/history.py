"""All that was measured, as one tidy table: whatever shows a number reads it here.

One row per number:

``library``, ``version``, ``release``, ``uploaded``, ``machine``
    whose it is: ``numpy``, ``2.4.6``, ``numpy-2.4.6``, the day of upload, the machine's name.
``metric``, ``benchmark``, ``benchmark_version``, ``unit``
    what it is: the method's name without ``track_``, asv's full name, its version, its unit.
``backend``, ``device``, ``op``, ``dtype``, ``region``, ``size``, ``variant``
    of what: null where the metric is not by that. ``region`` is the data set of a reduction;
    ``variant`` has any other parameter, as ``name=value``.
``value``, ``low``, ``high``, ``samples``
    the number; the 25 % and 75 % quantiles of a time's samples, and the samples where recorded.
``bound``
    of a largest error: ``exact`` where all inputs there are were tried, else ``lower bound``.
``status``, ``reason``
    ``measured``; ``failed``, in a benchmark that ran; ``unavailable``, where the release or the
    machine has no such thing, with the reason. What was not measured has no row: asv's NaN counts
    as that where the release could run it (not selected, not yet swept, no input in the region).
``started``
    when asv started the benchmark.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from . import asv_files
from .asv_files import PARAMS, Unreadable
from .records import KEY
from .releases import Release

SCHEMA = {
    "library": pl.String,
    "version": pl.String,
    "release": pl.String,
    "uploaded": pl.Date,
    "machine": pl.String,
    "metric": pl.String,
    **PARAMS,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "samples": pl.List(pl.Float64),
    "unit": pl.String,
    "bound": pl.String,
    "status": pl.String,
    "reason": pl.String,
    "started": pl.Datetime("ms", "UTC"),
    "benchmark": pl.String,
    "benchmark_version": pl.String,
}
_WHOSE = ["machine", "release"]
_ABILITY = ["backend", "device", "op", "dtype"]


def load(results: Path, releases: list[Release], problems: list[str] | None = None) -> pl.DataFrame:
    """The table, with the columns of SCHEMA; releases in the order given.

    A file that cannot be read is skipped and named in one line on stderr; the lines are added to
    ``problems`` too, so that a command can tell by its exit code.
    """
    problems = [] if problems is None else problems
    frames = list(_files(results, releases, problems))
    table = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)
    order = {release.name: place for place, release in enumerate(releases)}
    table = table.pipe(_explain, *_unavailable(results, problems)).pipe(
        _bound, _kinds(results, problems)
    )
    place = pl.col("release").replace_strict(order, return_dtype=pl.Int64)
    return table.select(SCHEMA.keys()).sort(place, maintain_order=True)


def records(
    results: Path, problems: list[str] | None = None, op: str | None = None
) -> Iterator[dict]:
    """All Records (benchmarks/sweep.py says what is in one), of ``op`` where that is given.

    Each has its ``machine`` and ``release`` besides. Damaged ones: see :func:`load`.
    """
    for file in sorted(results.glob("*/records/*.jsonl")):
        for line in _read(file, problems).splitlines():
            if op is None or f'"op": "{op}"' in line:  # spares most lines the parsing
                try:
                    record = dict(json.loads(line), machine=_machine(file), release=file.stem)
                except (ValueError, TypeError) as error:
                    _skip(f"{file} has a line that is no Record: {error}", problems)
                    continue
                yield record


def _skip(line: str, problems: list[str] | None) -> None:
    print(f"skipped: {line}", file=sys.stderr)
    if problems is not None:
        problems.append(line)


def _read(file: Path, problems: list[str] | None) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        _skip(f"{file}: {error}", problems)
        return ""


def _machine(file: Path) -> str:
    """records.path() puts a machine's files below a folder of its name."""
    return file.parent.parent.name


def _files(results: Path, releases: list[Release], problems: list[str]) -> Iterator[pl.DataFrame]:
    """The numbers of one results file after the other."""
    by_hash = {release.hash: release for release in releases}
    try:
        known = asv_files.benchmarks(results)
    except Unreadable as error:
        return _skip(str(error), problems)
    seen: set[tuple[str, str]] = set()
    for path in sorted(results.glob("*/*.json")):
        if path.name == "machine.json":
            continue
        try:
            commit, machine, numbers = asv_files.numbers(path, known)
            if machine != asv_files.machine(path.parent):
                raise Unreadable(f"{path} is of machine {machine!r}, not of its folder's")
            if commit not in by_hash:
                raise Unreadable(f"{path} is of a release that releases.toml lacks")
            if (machine, commit) in seen:
                raise Unreadable(f"{path}: {by_hash[commit].name} has another file already")
        except Unreadable as error:
            _skip(str(error), problems)
            continue
        seen.add((machine, commit))
        yield _tidy(numbers, by_hash[commit], machine)


def _tidy(numbers: pl.DataFrame, release: Release, machine: str) -> pl.DataFrame:
    value = pl.col("value")
    status = pl.when(value.is_null()).then(pl.lit("failed"))
    status = status.when(value.is_nan()).then(pl.lit("unavailable")).otherwise(pl.lit("measured"))
    return numbers.with_columns(
        library=pl.lit(release.library),
        version=pl.lit(release.version),
        release=pl.lit(release.name),
        uploaded=pl.lit(release.uploaded.date()),
        machine=pl.lit(machine),
        metric=pl.col("benchmark").str.split(".").list.last().str.strip_prefix("track_"),
        value=value.fill_nan(None),
        status=status,
        reason=pl.lit(None, pl.String),
        bound=pl.lit(None, pl.String),
    ).select(SCHEMA.keys())


def _unavailable(results: Path, problems: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What cannot run, with the reason (null in _ABILITY: whichever), and whose was listed."""
    listed, rows = [], []
    for file in sorted(results.glob("*/environments/*.jsonl")):
        try:
            missing = json.loads(_read(file, problems) or "{}").get("unavailable")
            mine = [[_machine(file), file.stem, *row] for row in missing or []]
            pl.DataFrame(mine, _MISSING_SCHEMA, orient="row")
        except (ValueError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
            _skip(f"{file} is no listing of an environment: {error}", problems)
            continue
        rows += mine
        if missing is not None:
            listed.append([_machine(file), file.stem])
    return (
        pl.DataFrame(rows, _MISSING_SCHEMA, orient="row"),
        pl.DataFrame(listed, dict.fromkeys(_WHOSE, pl.String), orient="row"),
    )


_MISSING_SCHEMA = dict.fromkeys([*_WHOSE, *_ABILITY, "because"], pl.String)


def _explain(table: pl.DataFrame, missing: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """With reasons, and without rows for what was not measured: see the module's docstring."""
    for nulls in missing.select(pl.col(_ABILITY).is_null()).unique().rows():
        keys = [name for name, null in zip(_ABILITY, nulls, strict=True) if not null]
        alike = missing.filter(
            pl.col(name).is_null() == null for name, null in zip(_ABILITY, nulls, strict=True)
        )
        found = alike.unique([*_WHOSE, *keys]).select(*_WHOSE, *keys, "because")
        table = table.join(found, on=[*_WHOSE, *keys], how="left", maintain_order="left")
        table = table.with_columns(reason=pl.coalesce("reason", "because")).drop("because")
    skipped = pl.col("status") == "unavailable"
    table = table.with_columns(reason=pl.when(skipped).then("reason"))
    table = table.join(
        listed.with_columns(listed=True), on=_WHOSE, how="left", maintain_order="left"
    )
    # What belongs to another library is not even unavailable.
    others = pl.col("backend").str.split("-").list.first() != pl.col("library")
    not_asked = pl.col("listed") & pl.col("reason").is_null()
    return table.filter(~(skipped & (others | not_asked).fill_null(False)))


def _kinds(results: Path, problems: list[str]) -> pl.DataFrame:
    """Of what there are Records, by kind."""
    frames = [pl.DataFrame(schema=dict.fromkeys([*KEY, *_WHOSE], pl.String))]
    for file in sorted(results.glob("*/records/*.jsonl")):
        try:
            frame = pl.read_ndjson(file, schema=dict.fromkeys(KEY, pl.String))
        except (OSError, pl.exceptions.PolarsError) as error:
            _skip(f"{file} has a line that is no Record: {error}", problems)
            continue
        frames.append(frame.with_columns(machine=pl.lit(_machine(file)), release=pl.lit(file.stem)))
    return pl.concat(frames)


def _bound(table: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """With ``bound``: the quick profile has all inputs of 16-bit types, and its Records say so."""
    keys = [*_WHOSE, *(name for name in KEY if name != "kind")]
    whole = kinds.group_by(keys).agg(
        whole=(pl.col("kind") == "exact").any() & ~(pl.col("kind") == "sample").any()
    )
    table = table.join(whole, on=keys, how="left", maintain_order="left")
    metric = pl.col("metric")
    exact = (metric == "max_ulp_exact") | ((metric == "max_ulp") & pl.col("whole"))
    bound = pl.when(exact).then(pl.lit("exact")).otherwise(pl.lit("lower bound"))
    is_error = metric.str.starts_with("max_ulp") & (pl.col("status") == "measured")
    return table.with_columns(bound=pl.when(is_error).then(bound))
