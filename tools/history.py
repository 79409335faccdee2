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
from collections.abc import Collection, Iterator
from pathlib import Path

import polars as pl

from . import asv_files, rules
from .asv_files import PARAMS, Unreadable
from .records import KEY
from .records import path as records_path
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
_ABILITY = ("backend", "device", "op", "dtype")


def load(
    results: Path,
    releases: list[Release],
    problems: list[str] | None = None,
    only: Collection[Release] = (),
) -> pl.DataFrame:
    """The table, with the columns of SCHEMA; ``releases`` in the order given.

    With ``only``, other releases' files are not looked at. A file that cannot be read is skipped
    and named in one line on stderr; the lines are added to ``problems`` too, so that a command can
    tell by its exit code.
    """
    problems = [] if problems is None else problems
    frames = list(_files(results, releases, only, problems))
    return pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)


def records(
    results: Path, problems: list[str] | None = None, op: str | None = None
) -> Iterator[dict]:
    """All Records (benchmarks/sweep.py says what is in one), of ``op`` where that is given.

    Each has its ``machine`` and ``release`` besides. Damaged ones: see :func:`load`.
    """
    problems = [] if problems is None else problems
    for file in sorted(results.glob("*/records/*.jsonl")):
        for line in _read(file, problems).splitlines():
            if op is not None and f'"op": "{op}"' not in line:  # spares most lines the parsing
                continue
            try:
                whose = {"machine": file.parent.parent.name, "release": file.stem}
                yield dict(json.loads(line), **whose)
            except (ValueError, TypeError) as error:
                _skip(f"{file} has a line that is no Record: {error}", problems)


def _skip(line: str, problems: list[str]) -> None:
    print(f"skipped: {line}", file=sys.stderr)
    problems.append(line)


def _read(file: Path, problems: list[str]) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        _skip(f"{file}: {error}", problems)
        return ""


def _files(
    results: Path, releases: list[Release], only: Collection[Release], problems: list[str]
) -> Iterator[pl.DataFrame]:
    """The rows of one results file after the other."""
    by_hash = {release.hash: release for release in releases}
    try:
        known = asv_files.benchmarks(results)
    except Unreadable as error:
        return _skip(str(error), problems)
    seen: set[tuple[str, str]] = set()
    for path in _paths(results, releases, only):
        try:
            commit, machine, numbers = asv_files.numbers(path, known)
            if not machine == asv_files.machine(path.parent) == path.parent.name:
                raise Unreadable(f"{path} is of machine {machine!r}, not of its folder's")
            if commit not in by_hash:
                raise Unreadable(f"{path} is of a release that releases.toml lacks")
            if (machine, commit) in seen:
                raise Unreadable(f"{path}: {by_hash[commit].name} has another file already")
        except Unreadable as error:
            _skip(str(error), problems)
            continue
        seen.add((machine, commit))
        release = by_hash[commit]
        missing = _missing(path.parent / "environments" / f"{release.name}.jsonl", problems)
        whole = _whole(records_path(results, machine, release.name), problems)
        yield _tidy(_explain(numbers, missing, release.library), whole, release, machine)


def _paths(results: Path, releases: list[Release], only: Collection[Release]) -> list[Path]:
    """The results files, named by the first 8 digits of the hash, in the order of releases."""
    place = {release.hash[:8]: number for number, release in enumerate(releases)}
    wanted = {release.hash[:8] for release in only}
    paths = {path for path in results.glob("*/*.json") if path.name != "machine.json"}
    if wanted:
        paths = {path for path in paths if path.name[:8] in wanted}
    return sorted(paths, key=lambda path: (place.get(path.name[:8], -1), path))


def _missing(file: Path, problems: list[str]) -> pl.DataFrame | None:
    """What the release cannot run here, null in _ABILITY meaning any; None where nobody asked."""
    if not file.exists():
        return None
    try:
        rows = json.loads(_read(file, problems) or "{}").get("unavailable")
        schema = dict.fromkeys([*_ABILITY, "because"], pl.String)
        return None if rows is None else pl.DataFrame(rows, schema, orient="row")
    except (ValueError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        return _skip(f"{file} is no listing of an environment: {error}", problems)


def _whole(file: Path, problems: list[str]) -> pl.DataFrame:
    """Of what the Records in ``file`` are of all inputs there are, in the quick profile too."""
    schema = dict.fromkeys(KEY, pl.String)
    try:
        kinds = pl.read_ndjson(file, schema=schema) if file.exists() else pl.DataFrame([], schema)
    except (OSError, pl.exceptions.PolarsError) as error:
        _skip(f"{file} has a line that is no Record: {error}", problems)
        kinds = pl.DataFrame([], schema)
    of = [name for name in KEY if name != "kind"]
    sampled = kinds.filter(kind="sample")
    return kinds.filter(kind="exact").join(sampled, on=of, how="anti").select(of)


def _explain(numbers: pl.DataFrame, missing: pl.DataFrame | None, library: str) -> pl.DataFrame:
    """With ``reason``, and without rows for what was not measured: see the module's docstring."""
    # What belongs to another library is not even unavailable.
    others = pl.col("backend").str.split("-").list.first() != library
    skipped = pl.col("value").is_nan().fill_null(False)
    table = numbers.filter(~(skipped & others.fill_null(False)))
    table = table.with_columns(reason=pl.lit(None, pl.String))
    if missing is None:
        return table
    table = table.with_columns(reason=rules.look_up(table, missing, _ABILITY, "because"))
    return table.filter(~skipped | pl.col("reason").is_not_null())


def _tidy(
    numbers: pl.DataFrame, whole: pl.DataFrame, release: Release, machine: str
) -> pl.DataFrame:
    metric, value = pl.col("metric"), pl.col("value")
    status = pl.when(value.is_null()).then(pl.lit("failed"))
    status = status.when(value.is_nan()).then(pl.lit("unavailable")).otherwise(pl.lit("measured"))
    exact = (metric == "max_ulp_exact") | ((metric == "max_ulp") & pl.col("whole"))
    bound = pl.when(exact).then(pl.lit("exact")).otherwise(pl.lit("lower bound"))
    is_error = metric.str.starts_with("max_ulp") & (pl.col("status") == "measured")
    return (
        numbers.join(whole.with_columns(whole=True), on=whole.columns, how="left",
                     maintain_order="left")
        .with_columns(
            library=pl.lit(release.library),
            version=pl.lit(release.version),
            release=pl.lit(release.name),
            uploaded=pl.lit(release.uploaded.date()),
            machine=pl.lit(machine),
            metric=pl.col("benchmark").str.split(".").list.last().str.strip_prefix("track_"),
            value=value.fill_nan(None),
            status=status,
            reason=pl.when(value.is_nan()).then("reason"),
        )
        .with_columns(bound=pl.when(is_error).then(bound))
        .select(SCHEMA.keys())
    )  # fmt: skip
