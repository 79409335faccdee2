"""Two releases side by side: each number of the one with that of the other.

Between releases of one library, numbers are of the same backend. Between two libraries, each
backend of the one stands beside each of the other.
"""

from __future__ import annotations

import itertools

import polars as pl

KEYS = ("benchmark", "metric", "unit", "op", "dtype", "region", "size", "variant", "device")
_SIDE = ("value", "low", "high", "status", "reason", "bound", "backend")


def pair(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows of two releases' parts of the tidy table (tools/results/history.py), of one machine.

    Beside KEYS, and for ``after`` the same: ``before`` (the value), ``before_low``,
    ``before_high``, ``before_status`` (null: not measured), ``before_reason``, ``before_bound``,
    ``before_backend``. Each row has a number on one side at least.

    An exact maximum is never beside a lower bound: such a pair becomes two rows of one side each.
    """
    rows = pl.concat(
        [_join(before, after, *backends) for backends in _backends(before, after)]
        or [_join(before, after, None, None)]
    )
    rows = rows.filter(
        (pl.col("before_status") == "measured") | (pl.col("after_status") == "measured")
    )
    differ = (pl.col("before_bound") != pl.col("after_bound")).fill_null(False)
    mixed = rows.filter(differ)
    return pl.concat([rows.filter(~differ), _without(mixed, "after"), _without(mixed, "before")])


def _backends(before: pl.DataFrame, after: pl.DataFrame) -> list[tuple[str | None, str | None]]:
    ours, theirs = (side["backend"].unique().sort().to_list() for side in (before, after))
    if set(before["library"]) == set(after["library"]):
        return [(backend, backend) for backend in sorted({*ours, *theirs}, key=str)]
    # What is of no backend (the import of a library) stands beside its like.
    return [(b, a) for b, a in itertools.product(ours, theirs) if (b is None) == (a is None)]


def _join(
    before: pl.DataFrame, after: pl.DataFrame, before_backend: str | None, after_backend: str | None
) -> pl.DataFrame:
    rows = _side(before, "before", before_backend).join(
        _side(after, "after", after_backend), on=KEYS, how="full", coalesce=True, nulls_equal=True
    )
    # A row of one side alone still says which backends it is about.
    return rows.with_columns(
        before_backend=pl.lit(before_backend, pl.String),
        after_backend=pl.lit(after_backend, pl.String),
    )


def _side(table: pl.DataFrame, side: str, backend: str | None) -> pl.DataFrame:
    names = {"value": side} | {name: f"{side}_{name}" for name in _SIDE[1:]}
    mine = table.filter(pl.col("backend").eq_missing(backend))
    return mine.select(*KEYS, *(pl.col(old).alias(new) for old, new in names.items()))


def _without(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """``rows`` as if ``side`` had not been measured."""
    theirs = [name for name in rows.columns if name.startswith(side) and name != f"{side}_backend"]
    return rows.with_columns(pl.lit(None, rows.schema[name]).alias(name) for name in theirs)
