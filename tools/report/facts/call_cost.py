"""What a call costs, whatever the function: the time of one number."""

from __future__ import annotations

import itertools

import polars as pl

from tools.report.facts.sentences import TIMED, another_way
from tools.report.site import Site

# A step is told where half of the functions changed by this ratio, and nearly all the same way,
# between their nearest quartiles: a disturbed minute falls on a few of them, and a process that is
# disturbed all along on one half of the samples of each.
_LEAST_RATIO = 1.25
_SAME_WAY = 0.9
_FEWEST = 5
_KEY = ("op", "machine", "backend", "release", "value", "low", "high")


def steps(site: Site) -> list[dict]:
    """From one measured release to the next, in the order of versions: ``before`` and ``after``,
    the medians over the same functions of the time of one float32 on the CPU, and ``ratio``, the
    median of the functions' own ratios (1 and more; ``verdict`` says which way)."""
    rows = (
        site.measured.filter(*TIMED, pl.col("size") == 1)
        .select(_KEY)
        .with_columns(pl.col("low", "high").fill_null(pl.col("value")))
    )
    found = []
    for (machine, backend), mine in rows.partition_by("machine", "backend", as_dict=True).items():
        releases = sorted(mine["release"].unique(), key=site.order.__getitem__)
        pythons = site.pythons(machine)
        for before, after in itertools.pairwise(releases):
            if another_way(backend, before, after):
                continue
            sides = [mine.filter(release=name) for name in (before, after)]
            step = _step(*sides)
            if step:
                found.append(step | {
                    "before_release": before, "after_release": after, "backend": backend,
                    "machine": machine, "pythons": [pythons.get(before), pythons.get(after)],
                })  # fmt: skip
    return sorted(found, key=lambda one: (site.order[one["after_release"]], one["machine"]))


def _step(before: pl.DataFrame, after: pl.DataFrame) -> dict | None:
    both = before.join(after, on="op", suffix="_after")
    if len(both) < _FEWEST:
        return None
    ratios = both["value_after"] / both["value"]
    least = both["low_after"] / both["high"]
    slower = ratios.median() > 1
    if not slower:
        ratios, least = 1 / ratios, both["low"] / both["high_after"]
    if least.median() < _LEAST_RATIO or (least > 1).mean() < _SAME_WAY:
        return None
    return {
        "ratio": ratios.median(), "verdict": "worse" if slower else "better", "ops": len(both),
        "before": both["value"].median(), "after": both["value_after"].median(),
    }  # fmt: skip
