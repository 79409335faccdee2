"""A release's steps with a row for each function: what happened to it, and not to each number."""

from __future__ import annotations

import polars as pl

from tools.judging import bands, verdict
from tools.report.steps.between import ERRORS

_FUNCTION = ("op", "dtype", "backend")
# What is told of a function: metrics that are of one kind.
_KINDS = {**dict.fromkeys(ERRORS, "error"), "nonmonotonic_exact": "nonmonotonic"}


def accuracy(steps: pl.DataFrame) -> list[dict]:
    """Rows of all that is no measure of speed; ``bands``: the names of an error's before and
    after."""
    rows = _first(steps.filter(~pl.col("unit").is_in(verdict.MEASURES)))
    for row in rows:
        row["bands"] = None
        if row["unit"] == "ulp" and row["dtype"]:
            named = [bands.NAMES[bands.of(row[side], row["dtype"])] for side in ("before", "after")]
            row["bands"] = named if row["crossed"] else None
    return rows


def speed(steps: pl.DataFrame) -> list[dict]:
    """Rows of times, memory and instructions: of arrays, where a function has steps of these; of
    one number they are the call's, and Python's."""
    mine = steps.filter(pl.col("unit").is_in(verdict.MEASURES))
    of_one = pl.col("place") == "1"
    return _first(pl.concat([mine.filter(of_one == one) for one in (False, True)]))


def _first(steps: pl.DataFrame) -> list[dict]:
    """The first step of each function and kind of number; ``others``: of how many numbers more.
    One over a gap comes after the others: it may be of a release in between."""
    steps = steps.sort("gap", maintain_order=True)
    kind = pl.col("metric").replace(_KINDS)
    key = [*_FUNCTION, "kind"]
    told = steps.with_columns(kind=kind, others=pl.len().over(*_FUNCTION, kind) - 1)
    return told.unique(key, keep="first", maintain_order=True).to_dicts()


def words(accurate: list[dict], fast: list[dict]) -> str:
    """``3 functions are more accurate, 1 is less; 12 take less time, 4 take more``. A function
    counts once for each dtype and way to call it; a step over a gap may be another release's."""
    told = [
        *_counts(accurate, "error", ("is", "are"), "more accurate", "less"),
        *_counts(fast, "time", ("takes", "take"), "less time", "more"),
        *_counts(fast, "instructions", ("takes", "take"), "fewer instructions", "more"),
    ]
    if not told:
        return "no function’s error or speed changed"
    first, *others = told
    number, _, rest = first.partition(" ")
    return "; ".join([f"{number} function{'s' if number != '1' else ''} {rest}", *others])


def _counts(rows, kind: str, verbs: tuple[str, str], better: str, less: str) -> list[str]:
    mine = [row["verdict"] for row in rows if row["kind"] == kind and row["op"] and not row["gap"]]
    good, bad = mine.count("better"), mine.count("worse")
    worse = better.replace(better.split()[0], less, 1)
    told = [f"{good} {verbs[good != 1]} {better}"] if good else []
    if bad:
        told.append(f"{bad} {verbs[bad != 1]} {less if good else worse}")
    return [", ".join(told)] if told else []
