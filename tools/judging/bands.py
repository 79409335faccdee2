"""Bands of errors that people read: what matters is that an error leaves one, not its ratio."""

from __future__ import annotations

import polars as pl

from benchmarks.formats import ulp

CORRECT = 0.501
"""A correctly rounded result is off by half an ULP, which is known to 2^-10 ULP in float64."""
NAMES = ("correctly rounded", "under 1 ULP", "under 2", "under 4", "over 4", "no correct digit")


def ends(dtype: str) -> tuple[float, ...]:
    """Upper ends of all bands but the last, in ULP: from there on an error is as large as the
    result, of which no digit is correct."""
    return CORRECT, 1, 2, 4, 2.0 ** (ulp.FORMATS[dtype].precision - 1)


def of(value: float, dtype: str) -> int:
    """The place of an error's band among NAMES."""
    return sum(value > end for end in ends(dtype))


def crossed(before: str, after: str) -> pl.Expr:
    """How many bands lie between the errors in two columns; 0 of what is no error in ULP. Of rows
    with ``unit`` and ``dtype``."""
    return pl.when(pl.col("unit") == "ulp").then((_of(after) - _of(before)).abs()).otherwise(0)


def _of(column: str) -> pl.Expr:
    def above(place: int) -> pl.Expr:
        known = {dtype: ends(dtype)[place] for dtype in ulp.FORMATS}
        end = pl.col("dtype").replace_strict(known, default=None, return_dtype=pl.Float64)
        return (pl.col(column) > end).fill_null(False).cast(pl.Int32)

    return sum((above(place) for place in range(1, len(NAMES) - 1)), above(0))
