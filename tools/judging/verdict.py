"""Better, worse, same, noise, new, gone, unavailable: the one place that decides.

``same``, ``better``, ``worse``
    a count is compared exactly, because the inputs are the same in every release, and an ULP error
    to RESOLUTION. A time (or an amount of memory) is the same where the ratio of the medians is
    within the noise floor that `python -m tools.noise` has measured on the machine.
``noise``
    a difference that may be none: beyond the floor, but not between the nearest quartiles of the
    samples, where those of one side are further apart than APART (half of its processes may have
    been disturbed all along); or, of what a guided search has found, less than SEARCH_LUCK.
``new``, ``gone``
    a number on one side only.
``unavailable``
    a number on one side, and on the other a release or machine that has no such thing.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tools.results import schema, wildcards
from tools.results.completeness import APART

VERDICTS = ("worse", "better", "noise", "same", "new", "gone", "unavailable")
DEFAULT_FLOORS = {"seconds": 0.10, "bytes": 0.10, "instructions": 0.01}
"""By unit the noise floor where `tools.noise` has measured none. Of times and memory that is an
assumption, and a coarse one. Counts of instructions are the same on every machine: of 192 of NumPy
2.4.6, counted in three orders, none is more than 0.25 % apart, of 212 of TensorFlow 2.21 none more
than 0.4 %."""
OF_CALLS = ("seconds", "instructions")
"""The units of what a call takes, of which a part is Python's."""
MEASURES = tuple(DEFAULT_FLOORS)
"""The units of what is measured with noise. All else is counted or computed, exactly."""
_ASSUMED = ("seconds", "bytes")
SEARCH_LUCK = 0.05
"""A guided search depends a little on which release was searched before (README, "Accuracy")."""

RESOLUTION = {"float64": 2.0**-10}
FINE = 2.0**-24
"""In ULP, of float64 and of all others: to the filter (x87's long double, which tells 2^-11 ULP of
float64) many inputs are off by 0.5, and which of them mpmath looks at has changed once. Of a
million products with the same bits the worst is 0.4999953 or 0.4999976."""

_FLOOR_KEYS = ("benchmark", "backend", "op", "dtype", "size", "device")
NO_FLOORS = pl.DataFrame(
    schema={**dict.fromkeys(_FLOOR_KEYS, pl.String), "size": pl.Int64, "floor": pl.Float64}
)


def floors(file: Path) -> pl.DataFrame:
    """The noise floors in ``file`` (``results/MACHINE/noise.jsonl``), none where it is not there.

    ``floor`` is the relative difference that A/A runs stay within (0.05 is 5 %), null in the other
    columns means any. Raises Damaged.
    """
    rows = [[row[name] for name in NO_FLOORS.columns] for row in schema.rows(file, schema.floor)]
    return pl.DataFrame(rows, NO_FLOORS.schema, orient="row")


def judge(pairs: pl.DataFrame, floors: pl.DataFrame) -> pl.DataFrame:
    """``pairs`` (align.py) with ``floor``, ``assumed``, ``ratio`` and ``verdict`` besides.

    ``ratio`` is after/before, null where one is missing, before is 0 or the ratio no float64 (an
    error of 2^1023 ULP after one of less than 0.5 is there); ``floor`` is null for what is compared
    exactly, and ``assumed`` where nobody has measured it. Of two backends, the larger one holds.
    """
    by_backend = [
        wildcards.look_up(pairs.with_columns(backend=side), floors, _FLOOR_KEYS, "floor")
        for side in ("before_backend", "after_backend")
    ]
    return pairs.with_columns(
        floor=pl.when(pl.col("unit").is_in(MEASURES)).then(
            pl.coalesce(pl.max_horizontal(by_backend), _default_floor())
        ),
        assumed=pl.col("unit").is_in(_ASSUMED) & pl.max_horizontal(by_backend).is_null(),
        ratio=pl.when(pl.col("before") != 0, _ratio().is_finite()).then(_ratio()),
    ).with_columns(verdict=_verdict())


def _default_floor() -> pl.Expr:
    return pl.col("unit").replace_strict(DEFAULT_FLOORS, default=None, return_dtype=pl.Float64)


def _ratio() -> pl.Expr:
    return pl.col("after") / pl.col("before")


def _verdict() -> pl.Expr:
    statuses = pl.concat_list("before_status", "after_status")
    difference = pl.when(pl.col("after") > pl.col("before")).then(pl.lit("worse"))
    return (
        pl.when(statuses.list.contains("unavailable"))
        .then(pl.lit("unavailable"))
        .when(pl.col("before").is_null())
        .then(pl.lit("new"))
        .when(pl.col("after").is_null())
        .then(pl.lit("gone"))
        .when((pl.col("before") == pl.col("after")) | _within(pl.col("floor")) | _alike())
        .then(pl.lit("same"))
        .when(_disagree() & (_nearest() <= 1 + pl.col("floor")))
        .then(pl.lit("noise"))
        .when((pl.col("metric") == "max_ulp_search") & _within(pl.lit(SEARCH_LUCK)))
        .then(pl.lit("noise"))
        .otherwise(difference.otherwise(pl.lit("better")))
    )


def _alike() -> pl.Expr:
    """Whether two ULP errors are nearer than what can be told apart."""
    resolution = pl.col("dtype").replace_strict(RESOLUTION, default=FINE, return_dtype=pl.Float64)
    near = (pl.col("before") - pl.col("after")).abs() <= resolution
    return (near & (pl.col("unit") == "ulp")).fill_null(False)


def _within(floor: pl.Expr) -> pl.Expr:
    """Whether the larger is at most ``floor`` above the smaller, whichever came first."""
    smaller, larger = pl.min_horizontal("before", "after"), pl.max_horizontal("before", "after")
    return (larger <= smaller * (1 + floor)).fill_null(False)


def _disagree() -> pl.Expr:
    """Whether the samples of a side are so far apart that its processes disagree."""
    apart = [pl.col(f"{side}_high") > APART * pl.col(f"{side}_low") for side in ("before", "after")]
    return pl.any_horizontal(apart).fill_null(False) & pl.col("floor").is_not_null()


def _nearest() -> pl.Expr:
    """The ratio of the nearest quartiles of the samples, below 1 where they overlap; a number
    without samples is a point."""

    def end(side: str, which: str) -> pl.Expr:
        return pl.coalesce(f"{side}_{which}", side)

    worse, better = [
        end(one, "low") / end(other, "high")
        for one, other in (("after", "before"), ("before", "after"))
    ]
    return pl.max_horizontal(worse, better)
