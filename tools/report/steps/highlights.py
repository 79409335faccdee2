"""What of the steps is worth telling: the first of a function in a release.

Libraries choose their code by the processor, so that what is joined is of one machine.
"""

from __future__ import annotations

import polars as pl

from tools.report.facts.sentences import another_way
from tools.report.steps.between import ENDS, ERRORS

# Subnormal numbers have errors of millions of ULP and few users.
_REGIONS = ("usual", "normal")
# Of fewer numbers a time is that of calling, whatever the function.
_LEAST_SIZE = 10_000
_FUNCTION = ("machine", "op", "backend", *ENDS)


def errors(steps: pl.DataFrame, regions: tuple[str, ...] = _REGIONS) -> pl.DataFrame:
    """Steps of largest errors; not those between two correctly rounded results."""
    which = pl.col("metric").is_in(ERRORS) & pl.col("place").is_in(regions)
    return steps.filter(which, pl.col("step") > 1)


def times(steps: pl.DataFrame) -> pl.DataFrame:
    """Steps of times; not between two ways to call, as from TensorFlow 1 to 2."""
    # Of a matrix product the size is the edge.
    dimensions = pl.when(pl.col("benchmark").str.contains("Matmul")).then(2).otherwise(1)
    large = pl.col("size") ** dimensions >= _LEAST_SIZE
    found = steps.filter(pl.col("metric") == "time", large)
    ends = found.select("backend", *ENDS).unique()
    same_way = [not another_way(*one) for one in ends.rows()]
    ends = ends.filter(pl.Series(same_way, dtype=pl.Boolean))
    return found.join(ends, on=["backend", *ENDS], how="semi", maintain_order="left")


def by_function(steps: pl.DataFrame) -> pl.DataFrame:
    """The first step of each function of each backend in each release, as they matter."""
    rows = steps.filter(pl.col("op").is_not_null())
    return rows.unique(("op", "backend", *ENDS), keep="first", maintain_order=True)


def together(errors: pl.DataFrame, times: pl.DataFrame, error: str) -> pl.DataFrame:
    """Where a function became faster, and its largest error ``error`` (worse or better), in the
    same dtype, release and machine; the largest error first."""
    key = [*_FUNCTION, "dtype"]
    faster = times.filter(pl.col("op").is_not_null(), verdict="better").unique(
        key, keep="first", maintain_order=True
    )
    changed = errors.filter(verdict=error).unique(key, keep="first", maintain_order=True)
    both = changed.join(faster, on=key, suffix="_time", maintain_order="left")
    return both


def alone(errors: pl.DataFrame, library: str) -> dict:
    """``all``: how many functions' errors changed, each counted for its dtype, backend and release;
    ``where``: of how many of them at some levels alone, or on one maker's processors."""
    mine = errors.filter(pl.col("op").is_not_null(), library=library)
    changes = mine.unique(["op", "dtype", "backend", *ENDS], keep="first", maintain_order=True)
    counts = changes.filter(pl.col("where") != "").group_by("where").len()
    where = dict(counts.sort("len", "where", descending=[True, False]).rows())
    return {"library": library, "all": len(changes), "where": where}
