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
    machine has no such thing; of these two, why. What was not measured has no row: asv's NaN
    counts as that where the release could run it (not selected, not yet swept, no input in the
    region).
``found_on``
    of a number that another machine or device has found for the same result bits (variants.py):
    which; else null.
``started``
    when asv started the benchmark.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import polars as pl

from tools.foundation.errors import Damaged
from tools.releases.release_table import Release
from tools.results import asv_results, schema, unavailable, variants
from tools.results.asv_results import PARAMS
from tools.results.records import KEY, key
from tools.results.schema import Row

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
    "found_on": pl.String,
    "started": pl.Datetime("ms", "UTC"),
    "benchmark": pl.String,
    "benchmark_version": pl.String,
}


def load(
    results: Path,
    releases: list[Release],
    problems: list[str] | None = None,
    only: Collection[Release] = (),
) -> pl.DataFrame:
    """The table, with the columns of SCHEMA; ``releases`` in the order given.

    With ``only``, other releases' files are not looked at. A file that cannot be read, or a line of
    one, is skipped: a line that says so is added to ``problems``, without that goes to stderr.
    """
    found = _Told() if problems is None else problems
    frames = list(_files(results, releases, only, found))
    if not frames:
        return pl.DataFrame(schema=SCHEMA)
    tables, hashes = (pl.concat(several) for several in zip(*frames, strict=True))
    if only and not hashes.filter(pl.col("results").is_null()).is_empty():
        hashes = pl.concat([hashes, _of_others(results, {one.name for one in only}, found)])
    place = {release.name: number for number, release in enumerate(releases)}
    order = pl.col("release").replace_strict(place, return_dtype=pl.Int32)
    return variants.carry(tables, hashes).select(*SCHEMA).sort(order, maintain_order=True)


def records(
    results: Path, problems: list[str] | None = None, op: str | None = None
) -> Iterator[dict]:
    """All Records (schema.py says what is in one), of ``op`` where that is given.

    Each has its ``machine`` and ``release`` besides. Damaged ones: see :func:`load`.
    """
    problems = _Told() if problems is None else problems
    for file in sorted(results.glob("*/records/*.jsonl")):
        whose = {"machine": file.parent.parent.name, "release": file.stem}
        for record in _rows(file, schema.record, problems, "" if op is None else f'"op": "{op}"'):
            yield record | whose


class _Told(list):
    """Problems that nobody else tells of."""

    def append(self, line: str) -> None:
        print(f"skipped: {line}", file=sys.stderr)
        super().append(line)


def _of_others(results: Path, those: set[str], problems: list[str]) -> pl.DataFrame:
    """What Records of other releases than ``those`` know of variants: from the same bits it may
    follow what those gave."""
    found = [pl.DataFrame(schema=variants.HASHES)]
    libraries = {name.partition("-")[0] for name in those}
    for file in sorted(results.glob("*/records/*.jsonl")):
        if file.stem.partition("-")[0] in libraries and file.stem not in those:
            lines = _rows(file, schema.record, problems, '"dtype": "float32"')
            found.append(variants.hashes(lines, file.parent.parent.name, file.stem))
    return pl.concat(found)


def _skip(line: str, problems: list[str]) -> None:
    if line not in problems:
        problems.append(line)


def _rows(
    file: Path, parse: Callable[[str], Row], problems: list[str], having: str = ""
) -> Iterator[Row]:
    """What ``parse`` makes of the lines of ``file`` ``having`` that text; none where it is not
    there. Damaged ones are skipped."""
    try:
        found = file.stat() if file.exists() else None
        rows, wrong = _parsed(file, parse, having, found.st_mtime_ns) if found else ((), ())
    except (OSError, ValueError) as error:
        return _skip(f"{file}: {error}", problems)
    for line in wrong:
        _skip(line, problems)
    yield from rows


@functools.lru_cache(maxsize=1024)
def _parsed(
    file: Path, parse: Callable[[str], Row], having: str, modified: int
) -> tuple[list[Row], list[str]]:
    """Rows and what is wrong with others. Kept, since who publishes a history asks for its Records
    twice, and to check them takes as long as all else about them."""
    rows, wrong = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if having in line:  # spares most lines the parsing
            try:
                rows.append(schema.row(file, number, line, parse))
            except Damaged as error:
                wrong.append(str(error))
    return rows, wrong


def _files(
    results: Path, releases: list[Release], only: Collection[Release], problems: list[str]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The rows of one results file after the other, and the variants that its Records know."""
    by_hash = {release.hash: release for release in releases}
    try:
        known = asv_results.benchmarks(results)
    except Damaged as error:
        return _skip(str(error), problems)
    seen: set[tuple[str, str]] = set()
    for path in _paths(results, releases, only):
        try:
            machine, commit, numbers = asv_results.numbers(path, known)
            if not machine == asv_results.machine(path.parent) == path.parent.name:
                raise Damaged(f"{path} is of machine {machine!r}, not of its folder's")
            if commit not in by_hash:
                raise Damaged(f"{path} is of a release that releases.toml lacks")
            if (machine, commit) in seen:
                raise Damaged(f"{path}: {by_hash[commit].name} has another file already")
        except Damaged as error:
            _skip(str(error), problems)
            continue
        seen.add((machine, commit))
        yield _tidy(numbers, path.parent, by_hash[commit], problems)


def _paths(results: Path, releases: list[Release], only: Collection[Release]) -> list[Path]:
    """The results files, named by the first 8 digits of the hash, in the order of releases."""
    place = {release.hash[:8]: number for number, release in enumerate(releases)}
    wanted = {release.hash[:8] for release in only}
    paths = {path for path in results.glob("*/*.json") if path.name != "machine.json"}
    if wanted:
        paths = {path for path in paths if path.name[:8] in wanted}
    return sorted(paths, key=lambda path: (place.get(path.name[:8], -1), path))


def _whole(records: Iterable[Row]) -> pl.DataFrame:
    """Of what the Records are of all inputs there are, in the quick profile too."""
    schema = dict.fromkeys(KEY, pl.String)
    kinds = pl.DataFrame([key(one) for one in records], schema, orient="row")
    of = [name for name in KEY if name != "kind"]
    sampled = kinds.filter(kind="sample")
    return kinds.filter(kind="exact").join(sampled, on=of, how="anti").select(of)


def _tidy(
    numbers: pl.DataFrame, folder: Path, release: Release, problems: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``numbers`` with what lies beside them in the machine's ``folder``, as SCHEMA has it; and the
    variants that its Records know."""

    def beside(kind: str, parse: Callable[[str], Row]) -> list[Row]:
        return list(_rows(folder / kind / f"{release.name}.jsonl", parse, problems))

    table = unavailable.explain(
        numbers,
        unavailable.missing(beside("environments", schema.listing)),
        unavailable.failures(beside("failures", schema.failure)),
        release.library,
    ).with_columns(
        library=pl.lit(release.library),
        version=pl.lit(release.version),
        release=pl.lit(release.name),
        uploaded=pl.lit(release.uploaded.date()),
        machine=pl.lit(folder.name),
        metric=pl.col("benchmark").str.split(".").list.last().str.strip_prefix("track_"),
    )
    records = beside("records", schema.record)
    table = _judge(table, _whole(records))
    hashes = variants.hashes(records, folder.name, release.name)
    return table.select([name for name in SCHEMA if name != "found_on"]), hashes


def _judge(table: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """With ``status`` and ``bound``."""
    metric, value = pl.col("metric"), pl.col("value")
    status = pl.when(value.is_null()).then(pl.lit("failed"))
    status = status.when(value.is_nan()).then(pl.lit("unavailable")).otherwise(pl.lit("measured"))
    exact = (metric == "max_ulp_exact") | ((metric == "max_ulp") & pl.col("whole"))
    bound = pl.when(exact).then(pl.lit("exact")).otherwise(pl.lit("lower bound"))
    is_error = metric.str.starts_with("max_ulp") & value.is_not_nan()
    whole = whole.with_columns(whole=True)
    table = table.join(whole, on=whole.columns[:-1], how="left", maintain_order="left")
    return table.with_columns(
        status=status, bound=pl.when(is_error).then(bound), value=value.fill_nan(None)
    )
