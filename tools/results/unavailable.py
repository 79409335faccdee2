"""Why a number is not there: it cannot be had, it failed, or nobody measured it."""

from __future__ import annotations

import re

import polars as pl

from benchmarks.libraries import OF_BACKEND
from tools.results import wildcards
from tools.results.asv_results import PARAMS, row
from tools.results.schema import Row

_ABILITY = ("backend", "device", "op", "dtype")
# Folders of this machine, which are nobody else's: of packages and of this project (TensorFlow 1.15
# writes "defined at home/me/…", without the first slash), then all that begin with a slash. The
# names of nodes ("std/sub") and devices ("/job:localhost/…") are none.
_FOLDERS = re.compile(
    r"(?<![\w./])[\w./+~@=-]*/(?:(?:site|dist)-packages/|(?=benchmarks/))"
    r"|(?<![\w./:])/(?:[\w.+~@=-]+/)+"
)


def without_folders(text: str) -> str:
    """A reason as any machine would give it."""
    return _FOLDERS.sub("…/", text)


def missing(listings: list[Row]) -> pl.DataFrame | None:
    """What a release cannot run, from the listing of its environment; None where nobody asked.

    Null in _ABILITY means any.
    """
    rows = listings[0].get("unavailable") if listings else None
    schema = dict.fromkeys([*_ABILITY, "because"], pl.String)
    return None if rows is None else pl.DataFrame(rows, schema, orient="row")


def failures(lines: list[Row]) -> pl.DataFrame:
    """Why benchmarks failed, by benchmark and PARAMS, from ``failures/RELEASE.jsonl``."""
    rows = [
        row(line["params"]) | {"benchmark": line["benchmark"], "failure": line["reason"]}
        for line in lines
    ]
    schema = dict.fromkeys([*PARAMS, "benchmark", "failure"], pl.String)
    keys = ["benchmark", *PARAMS]
    return pl.DataFrame(rows, schema).cast(PARAMS).unique(keys, keep="last")


def explain(
    numbers: pl.DataFrame, missing: pl.DataFrame | None, failures: pl.DataFrame, library: str
) -> pl.DataFrame:
    """``numbers`` with ``reason``, and without rows for what was not measured.

    asv's NaN is "skipped": unavailable where ``missing`` has it, else not measured. What belongs
    to another library is not even unavailable.
    """
    skipped = pl.col("value").is_nan().fill_null(False)
    of = pl.col("backend").replace_strict(OF_BACKEND, default=None, return_dtype=pl.String)
    others = of != library
    table = numbers.filter(~(skipped & others.fill_null(False)))
    if missing is None:
        table = table.with_columns(because=pl.lit(None, pl.String))
    else:
        table = table.with_columns(wildcards.look_up(table, missing, _ABILITY, "because"))
        table = table.filter(~skipped | pl.col("because").is_not_null())
    keys = [name for name in failures.columns if name != "failure"]
    table = table.join(failures, on=keys, how="left", nulls_equal=True, maintain_order="left")
    reason = pl.when(skipped).then("because").when(pl.col("value").is_null()).then("failure")
    return table.with_columns(reason=reason).drop("because", "failure")
