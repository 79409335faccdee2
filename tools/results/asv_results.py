"""asv's results files, read as columns: 60 releases of 6000 numbers each in a second or two.

asv's own ``Results.load`` makes a dict per number; beside that, this reads what it reads, by the
same rules (``Results.get_result_keys``, ``_compatible_results``): numbers of another version of
a benchmark, and of parameters that it no longer has, are stale and left out.
"""

from __future__ import annotations

import ast
import functools
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from asv.benchmarks import Benchmarks
from asv.machine import Machine
from asv.results import Results
from asv.util import UserError, load_json

from tools.foundation.errors import Damaged

PARAMS = {
    "backend": pl.String,
    "device": pl.String,
    "op": pl.String,
    "dtype": pl.String,
    "region": pl.String,
    "size": pl.Int64,
    "variant": pl.String,
}
# What the reductions call a region is their data set.
_COLUMN_OF = {"data": "region"}
_NUMBERS = {"result": "value", "stats_q_25": "low", "stats_q_75": "high", "samples": "samples"}


def load(path: Path, version: int) -> dict:
    """The JSON in ``path``, in asv's format ``version``. Raises Damaged."""
    try:
        return load_json(str(path), version)
    except UserError as error:
        raise Damaged(str(error)) from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} is no file of asv's: {error}") from None


def benchmarks(results: Path) -> dict[str, dict]:
    """asv's list of benchmarks by name. Raises Damaged."""
    return load(results / "benchmarks.json", Benchmarks.api_version)


def machine(folder: Path) -> str:
    """The name of the machine whose results are in ``folder``. Raises Damaged."""
    facts = load(folder / "machine.json", Machine.api_version)
    if not isinstance(facts.get("machine"), str):
        raise Damaged(f"{folder / 'machine.json'} has no name of a machine")
    return facts["machine"]


def numbers(path: Path, known: dict[str, dict]) -> tuple[str, str, pl.DataFrame]:
    """Machine, commit and the numbers in ``path`` of the benchmarks in ``known``.

    The table has the columns of PARAMS, ``benchmark``, ``benchmark_version``, ``unit``,
    ``started``, ``value`` (null: failed, NaN: skipped), ``low``, ``high``, ``samples``.
    Raises Damaged.
    """
    file = load(path, Results.api_version)
    try:
        frames = list(_frames(file, known))
        if not frames:
            frames = [_frame({"params": [], "result": []}, _NOTHING, []).clear()]
        return str(file["params"]["machine"]), str(file["commit_hash"]), pl.concat(frames)
    except (KeyError, ValueError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        what = str(error).splitlines()[0] if str(error) else repr(error)
        raise Damaged(f"{path} is no whole results file: {what}") from None


_NOTHING = {"name": "", "version": "", "unit": "", "params": [], "param_names": []}


def _frames(file: dict, known: dict[str, dict]) -> Iterator[pl.DataFrame]:
    for name, row in file["results"].items():
        columns = dict(zip(file["result_columns"], row, strict=False))  # trailing nulls are cut
        benchmark = known.get(name)
        if benchmark and columns.get("version") in (None, benchmark["version"]):
            yield _frame(columns, benchmark, file.get("unmeasured", {}).get(name, []))


def _frame(columns: dict, benchmark: dict, unmeasured: list[int]) -> pl.DataFrame:
    names = tuple(benchmark["param_names"])
    grid = _grid(names, tuple(map(tuple, columns["params"] or [])))
    series = [_series(columns.get(key), column, len(grid)) for key, column in _NUMBERS.items()]
    value = next(one for one in series if one.name == "value")
    if value.is_infinite().any():
        raise ValueError(f"an infinite number in {benchmark['name']}")
    # Places that Ulpwatch's plugin lists: asv itself writes null for parameters that came later.
    value.scatter(unmeasured, math.nan)
    frame = grid.with_columns(
        [
            pl.lit(benchmark["name"]).alias("benchmark"),
            pl.lit(str(benchmark["version"])).alias("benchmark_version"),
            pl.lit(benchmark["unit"], pl.String).alias("unit"),
            pl.lit(columns.get("started_at"), pl.Int64).cast(pl.Datetime("ms", "UTC"))
            .alias("started"),
            *series,
        ]
    )  # fmt: skip
    if all(set(a) <= set(b) for a, b in zip(columns["params"], benchmark["params"], strict=True)):
        return frame
    return frame.join(_grid(names, tuple(map(tuple, benchmark["params"]))), on=list(PARAMS),
                      how="semi", nulls_equal=True)  # fmt: skip


def _series(values: list | None, column: str, length: int) -> pl.Series:
    """``values`` as a column; asv writes null for a column of nulls."""
    kind = pl.List(pl.Float64) if column == "samples" else pl.Float64
    if values is None:
        return pl.repeat(None, length, dtype=kind, eager=True).alias(column)
    if len(values) != length:
        raise ValueError(f"{len(values)} numbers for {length} combinations of parameters")
    return pl.Series(column, values, kind)


@functools.lru_cache(maxsize=256)
def _grid(names: tuple[str, ...], values: tuple[tuple[str, ...], ...]) -> pl.DataFrame:
    """All combinations of parameters, in asv's order, as the columns of PARAMS.

    A parameter that has no column of its own goes into ``variant``, as ``name=value``.
    """
    if len(names) != len(values):
        raise ValueError(f"parameters {names} with {len(values)} lists of values")
    rows = [
        row(dict(zip(names, combination, strict=True)))
        for combination in itertools.product(*map(_parse, values))
    ]
    return pl.DataFrame(rows, schema=PARAMS, orient="row")


def row(params: dict) -> dict:
    """One combination of parameters, by name, as a row of PARAMS."""
    row = {_COLUMN_OF.get(name, name): value for name, value in params.items()}
    others = [f"{name}={row.pop(name)}" for name in list(row) if name not in PARAMS]
    return row | {"variant": ", ".join(others) or None}


def _parse(values: tuple[str, ...]) -> list:
    """asv keeps parameters as their repr, like ``'numpy'`` with the quotes."""
    return [ast.literal_eval(value) for value in values]
