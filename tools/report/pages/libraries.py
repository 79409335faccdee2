"""Which library for which function: of all that were measured, who is most accurate, and who is
fastest at which size."""

from __future__ import annotations

import polars as pl

from benchmarks.libraries import BY_NAME, OF_BACKEND, QUESTION, TITLES
from tools.judging import verdict
from tools.report.facts import at_levels
from tools.report.facts.sentences import newest, same_results
from tools.report.site import Site

DTYPES = ("float32", "float64")
SIZES = (1, 1000, 1000000)
# What differs by less is no reason to choose: in ULP, and of times where nobody has measured noise.
_ULP, _TIME = 0.01, verdict.DEFAULT_FLOORS["seconds"]
_LEVELS = ("v3", "gpu")


def write(site: Site) -> None:
    """The page: a table for each dtype and device, and how far each library is from NumPy."""
    tables = [
        table
        for dtype in DTYPES
        for device in ("cpu", "gpu")
        if (table := _table(site, dtype, device))["rows"]
    ]
    measured = set(site.measured.filter(metric="distance_ulp")["library"])
    same = [same_results(site, one) for one in BY_NAME if one in measured]
    site.page("libraries.html", "libraries.html", title="Which library?", tables=tables, same=same)


def _table(site: Site, dtype: str, device: str) -> dict:
    errors, level = _errors(site, dtype, device)
    machine, times = _times(site, dtype, device)
    ops = sorted({one["op"] for one in [*errors, *times]})
    rows = [
        {
            "op": op,
            "accurate": _least([one for one in errors if one["op"] == op], lambda a: a + _ULP),
            "fast": {
                size: _least(
                    [one for one in times if (one["op"], one["size"]) == (op, size)],
                    lambda a: a * (1 + _TIME),
                )
                for size in SIZES
            },
        }
        for op in ops
    ]
    releases = {one["release"] for one in [*errors, *times]}
    return {"dtype": dtype, "device": device, "level": level, "machine": machine, "rows": rows,
            "sizes": SIZES, "releases": sorted(releases)}  # fmt: skip


def _errors(site: Site, dtype: str, device: str) -> tuple[list[dict], str]:
    """The largest error of each backend's newest release, over the same normal numbers: where one
    was proved over all inputs and the other was not, nobody could tell which is better."""
    level = _LEVELS[device == "gpu"]
    table = at_levels.rows(site).filter(
        pl.col("benchmark").str.starts_with("bench_accuracy."),
        metric="max_ulp", status="measured", dtype=dtype, level=level, region="normal",
    )  # fmt: skip
    return _of_newest(site, table).to_dicts(), level


def _times(site: Site, dtype: str, device: str) -> tuple[str, list[dict]]:
    """Of the machine that has timed most libraries, the two of the question among them."""
    best: tuple[str, list[dict]] = ("", [])
    most = 0
    for machine in site.machines:
        table = site.on(machine).filter(
            pl.col("size").is_in(SIZES), pl.col("op").is_not_null(),
            ~pl.col("benchmark").str.contains("Matmul"),  # its size is no count of numbers
            metric="time", status="measured", dtype=dtype, device=device,
        )  # fmt: skip
        found = _of_newest(site, table)
        libraries = set(found["library"])
        processors = {site.processors(machine)[one] for one in set(found["release"])} - {None}
        if len(libraries) > most and set(QUESTION) <= libraries and len(processors) <= 1:
            best, most = (machine, found.to_dicts()), len(libraries)
    return best


def _of_newest(site: Site, table: pl.DataFrame) -> pl.DataFrame:
    """The rows of each library's newest release that has any."""
    releases = [row["release"] for row in newest(site, table).values()]
    return table.filter(pl.col("release").is_in(releases))


def _least(rows: list[dict], alike) -> dict | None:
    """Who has the least, all who are as good, and the best of the others; None where only one
    library has it, which says nothing."""
    rows = sorted((one for one in rows if one["value"] is not None), key=lambda one: one["value"])
    if len({OF_BACKEND[one["backend"]] for one in rows}) < 2:
        return None
    good = [one for one in rows if one["value"] <= alike(rows[0]["value"])]
    rest = rows[len(good) :]
    return {"best": good[0], "names": _names(good, rest), "next": rest[0] if rest else None}


def _names(good: list[dict], rest: list[dict]) -> list[str]:
    """Of a library all of whose ways to call it are as good, its name alone."""
    there = {OF_BACKEND[one["backend"]] for one in rest}
    found = [
        TITLES[one["backend"]]
        if OF_BACKEND[one["backend"]] in there
        else BY_NAME[OF_BACKEND[one["backend"]]].title
        for one in sorted(good, key=lambda one: list(TITLES).index(one["backend"]))
    ]
    return list(dict.fromkeys(found))
