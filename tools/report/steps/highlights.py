"""What of the steps is worth telling: the first of a function in a release, on one machine.

Libraries choose their code by the processor, so that a step belongs to a machine, and what is
joined is of one.
"""

from __future__ import annotations

import itertools

import polars as pl

from tools.report.facts.sentences import another_way
from tools.report.site import Site
from tools.report.steps.between import ENDS, ERRORS

# Subnormal numbers have errors of millions of ULP and few users.
_REGIONS = ("usual", "normal")
# Of fewer numbers a time is that of calling, whatever the function.
_LEAST_SIZE = 10_000
# Machines are compared that have in common a tenth of what the two with most have.
_FEW = 0.1
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
    ends = found.select("backend", *ENDS).rows()
    return found.filter(pl.Series([not another_way(*one) for one in ends], dtype=pl.Boolean))


def by_function(steps: pl.DataFrame) -> pl.DataFrame:
    """The first step of each function of each backend in each release, as they matter; one that
    several machines have alike is told once: ``on`` names them."""
    rows = steps.filter(pl.col("op").is_not_null())
    rows = rows.unique(_FUNCTION, keep="first", maintain_order=True)
    alike = [*_FUNCTION[1:], "metric", "dtype", "place", "device", "before", "after"]
    on = pl.col("machine").sort().over(alike, mapping_strategy="join").alias("on")
    return rows.with_columns(on).unique(alike, keep="first", maintain_order=True)


def together(errors: pl.DataFrame, times: pl.DataFrame, error: str) -> pl.DataFrame:
    """Where a function became faster, and its largest error ``error`` (worse or better), in the
    same dtype, release and machine; the largest error first."""
    key = [*_FUNCTION, "dtype"]
    first = {"keep": "first", "maintain_order": True}
    faster = times.filter(pl.col("op").is_not_null(), verdict="better").unique(key, **first)
    changed = errors.filter(verdict=error).unique(key, **first)
    both = changed.join(faster, on=key, suffix="_time", maintain_order="left")
    return both.with_columns(on=pl.concat_list("machine"))


def apart(site: Site, errors: pl.DataFrame, library: str) -> list[dict]:
    """Of each two machines: how many of the library's changes that both could show each has alone.

    A change is a function's of a dtype in a release, whatever the region. Two machines that have
    hardly any in common beside another two are left out.
    """
    found = []
    for pair in itertools.combinations(site.machines, 2):
        measured = [_measured(site, machine, library) for machine in pair]
        seen = [_changes(errors.filter(machine=machine, library=library)) for machine in pair]
        both = {one for mine in seen for one in mine if _ends(one) <= measured[0] & measured[1]}
        if both:
            first, second = (mine & both for mine in seen)
            found.append({
                "machines": pair, "library": library, "all": len(both),
                "alone": [len(first - second), len(second - first)],
                "shared": len(first & second),
            })  # fmt: skip
    most = max((one["all"] for one in found), default=0)
    return [one for one in found if one["all"] >= _FEW * most]


def _changes(errors: pl.DataFrame) -> set[tuple]:
    return set(errors.select("op", "dtype", "backend", *ENDS).rows())


def _ends(change: tuple) -> set[tuple]:
    *function, before, after = change
    return {(*function, before), (*function, after)}


def _measured(site: Site, machine: str, library: str) -> set[tuple]:
    rows = site.on(machine).filter(pl.col("metric").is_in(ERRORS), library=library)
    return set(rows.select("op", "dtype", "backend", "release").rows())
