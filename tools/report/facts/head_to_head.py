"""How the newest releases of the two libraries of the question differ: float32 on the CPU."""

from __future__ import annotations

import polars as pl

from benchmarks.libraries import BY_NAME
from tools.judging import align, verdict
from tools.report.facts.sentences import BACKENDS, DISTANCE, OURS, SIZES, THEIRS, TIMED, holder
from tools.report.site import Site

_BOTH = (THEIRS, OURS)
_TITLES = [BY_NAME[library].title for library in (OURS, THEIRS)]
# Errors that differ by less are not worth a choice, as on the start page.
_ULP = 0.01
_ERRORS = (
    pl.col("metric").is_in(["max_ulp", "max_ulp_exact"]), pl.col("dtype") == "float32",
    pl.col("region") == "normal", pl.col("device") == "cpu",
    pl.col("backend").is_in(BACKENDS), pl.col("benchmark").str.contains("bench_accuracy"),
)  # fmt: skip


def table(site: Site) -> dict:
    """``rows`` by function, and of each kind of number the machine and releases it is from."""
    apart, errors, times = distances(site), _compared(site, *_ERRORS), _compared(site, *TIMED)
    rows = []
    for op in sorted({*apart["rows"], *errors["rows"], *times["rows"]}):
        row = {
            "op": op,
            "distance": apart["rows"].get(op),
            "error": _error(errors["rows"].get(op, [])),
            "times": {
                one["size"]: one for one in times["rows"].get(op, []) if one["size"] in SIZES
            },
        }
        rows.append(row | {"take": take(row)})
    of = {"distance": apart, "error": errors, "time": times}
    return {
        "rows": rows,
        "sizes": SIZES,
        "of": {kind: {"machine": one["machine"], "releases": one["releases"]}
               for kind, one in of.items()},
    }  # fmt: skip


def distances(site: Site) -> dict:
    """Between the one and the other that is installed with it, in representable numbers."""
    machine, newest = holder(site, (THEIRS,), *DISTANCE)
    found = {"machine": machine, "releases": newest, "rows": {}}
    if machine:
        rows = site.on(machine).filter(*DISTANCE, release=newest[THEIRS]["release"])
        found["rows"] = dict(rows.select("op", pl.col("value").cast(pl.Int64)).rows())
    return found


def _compared(site: Site, *which: pl.Expr) -> dict:
    """The one's numbers (before) beside the other's (after), judged, by op."""
    machine, newest = holder(site, _BOTH, *which)
    found: dict = {"machine": machine, "releases": newest, "rows": {}}
    if machine:
        ours, theirs = (
            site.on(machine).filter(*which, release=newest[library]["release"])
            for library in (OURS, THEIRS)
        )
        floors = site.floors(machine)
        judged = verdict.judge(align.pair(ours, theirs), floors).drop_nulls(["before", "after"])
        for row in judged.to_dicts():
            found["rows"].setdefault(row["op"], []).append(row)
    return found


def _error(rows: list[dict]) -> dict | None:
    """Exact maxima where both have them, else the largest errors on the same inputs."""
    return min(rows, key=lambda row: row["metric"] != "max_ulp_exact", default=None)


def take(row: dict) -> str:
    """Which library to take for what, in words."""
    parts = []
    error = row["error"]
    if error and abs(error["before"] - error["after"]) > _ULP:
        library = _TITLES[error["before"] > error["after"]]
        parts.append(f"{library}: more accurate")
    for library, word in zip(_TITLES, ("worse", "better"), strict=True):
        sizes = [size for size, one in sorted(row["times"].items()) if one["verdict"] == word]
        if sizes:
            all_sizes = len(sizes) == len(row["times"])
            which = "" if all_sizes else f" on {', '.join(f'{size:,}' for size in sizes)}"
            parts.append(f"{library}: faster{which}")
    if not parts and (error or row["times"]):
        return "either"
    return "; ".join(parts)
