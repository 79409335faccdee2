"""All functions over all releases: how wrong, how many instructions, how long.

An error is the largest that is known of a release at a level of x86-64 (at_levels.py): over all
normal inputs where they were swept, else a lower bound, which has a minus sign here.
Instructions and times are ratios to the best release and backend of the same function.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from benchmarks.libraries import TITLES
from tools.judging import instructions
from tools.report.facts import at_levels
from tools.report.site import DTYPES, Site

_ERRORS = ("max_ulp_exact", "max_ulp_search", "max_ulp")
_DIGITS = 3


def of_dtype(site: Site, dtype: str) -> dict:
    """``ops``; ``columns``, backend and release; ``errors`` by level, ``instructions`` and
    ``seconds``: of each op a list over the columns, null where nothing is known."""
    known_errors = {level: errors(site, dtype, level) for level in at_levels.ORDER}
    counts, times = dict(_counts(site, dtype)), dict(_times(site, dtype))
    known = {key for one in (*known_errors.values(), counts, times) for key in one}
    ops = sorted({op for *_, op in known})
    columns = sorted(
        {key[:2] for key in known},
        key=lambda one: (list(TITLES).index(one[0]), site.order[one[1]]),
    )

    def grid(values: dict[tuple, float]) -> list[list[float | None]]:
        return [[values.get((*column, op)) for column in columns] for op in ops]

    return {
        "ops": ops,
        "columns": columns,
        "errors": {level: grid(values) for level, values in known_errors.items() if values},
        "instructions": grid(_to_best(counts)),
        "seconds": grid(times),
    }


@functools.lru_cache(maxsize=len(DTYPES) * len(at_levels.ORDER))
def errors(site: Site, dtype: str, level: str) -> dict[tuple[str, str, str], float]:
    """By backend, release and op. One over all inputs is more than one of some."""
    rows = at_levels.rows(site).filter(
        pl.col("benchmark").str.contains("bench_accuracy"),
        pl.col("metric").is_in(_ERRORS),
        pl.col("op").is_not_null(),
        pl.col("backend").is_in(list(TITLES)),
        status="measured",
        level=level,
        dtype=dtype,
        region="normal",
    )
    exact = pl.col("value").filter(bound="exact").max()
    some = rows.group_by("backend", "release", "op").agg(exact=exact, any=pl.col("value").max())
    return {
        (backend, release, op): _rounded(exact_one if exact_one is not None else -any_one)
        for backend, release, op, exact_one, any_one in some.rows()
    }


def _counts(site: Site, dtype: str) -> Iterator[tuple[tuple, float]]:
    for one in site.known_records:
        if one["kind"] == "instructions" and one["dtype"] == dtype:
            cost = instructions.cost(one)
            if cost and cost.per_element > 0:
                yield (one["backend"], one["release"], one["op"]), cost.per_element


def _times(site: Site, dtype: str) -> Iterator[tuple[tuple, float]]:
    """Each release's on the first machine that has it; ratios to the best on the same machine."""
    rows = site.measured.filter(
        pl.col("benchmark").str.contains("Elementwise"),
        pl.col("backend").is_in(list(TITLES)),
        metric="time", dtype=dtype, device="cpu", size=1000,
    )  # fmt: skip
    by_machine: dict[str, dict[tuple, float]] = defaultdict(dict)
    for machine, *key, value in rows.select("machine", "backend", "release", "op", "value").rows():
        by_machine[machine][tuple(key)] = value
    done: set[tuple] = set()
    for machine in site.machines:
        found = _to_best(by_machine[machine])
        yield from ((key, value) for key, value in found.items() if key not in done)
        done |= found.keys()


def _to_best(values: dict[tuple, float]) -> dict[tuple, float]:
    best: dict[str, float] = {}
    for (*_, op), value in values.items():
        best[op] = min(value, best.get(op, value))
    return {key: _rounded(value / best[key[-1]]) for key, value in values.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def write(site: Site) -> None:
    """``heat-DTYPE.js``."""
    for dtype in DTYPES:
        site.data(f"heat-{dtype}", of_dtype(site, dtype))
