"""Instructions by release: what a call and an element take, and what made them change."""

from __future__ import annotations

import itertools
from collections import defaultdict

from benchmarks import counting
from tools.judging import instructions
from tools.report.facts.sentences import another_way
from tools.report.site import Site

_LIBM = "libm"
# A step of an element is told from this ratio on: another compiler is worth some per cent.
_LEAST_RATIO = 1.1


def by_release(site: Site, records: list[dict]) -> list[dict]:
    """Of the Records of a function, in the order of releases: ``call``, ``element``, and ``by``,
    the functions that take most. Of several machines' the newest valgrind's count."""
    found: dict[tuple[str, str, str], dict] = {}
    for one in records:
        cost = one["kind"] == "instructions" and instructions.cost(one)
        if cost:
            key = one["release"], one["backend"], one["dtype"]
            row = {"call": cost.per_call, "element": round(cost.per_element, 4),
                   "by": instructions.taken_by(one), "valgrind": one["valgrind"]}  # fmt: skip
            if key not in found or row["valgrind"] > found[key]["valgrind"]:
                found[key] = row
    order = sorted(found, key=lambda key: site.order[key[0]])
    return [dict(zip(("release", "backend", "dtype"), key, strict=True), **found[key])
            for key in order]  # fmt: skip


def steps(rows: list[dict]) -> list[dict]:
    """Where what an element takes changed from one counted release to the next: newest first."""
    by_line = defaultdict(list)
    for row in rows:
        by_line[row["backend"], row["dtype"]].append(row)
    found = []
    for (backend, dtype), line in by_line.items():
        for before, after in itertools.pairwise(line):
            low, high = sorted((before["element"], after["element"]))
            same_way = not another_way(backend, before["release"], after["release"])
            if same_way and low > 0 and high >= _LEAST_RATIO * low:
                found.append({"backend": backend, "dtype": dtype, "before": before, "after": after})
    return found[::-1]


def largest(site: Site, libraries: list[str], most: int) -> dict[str, list[dict]]:
    """By library the steps with the largest ratio, of each function and release one, in the order
    of versions; as :func:`steps`, with ``op``."""
    by_op = defaultdict(list)
    for record in site.known_records:
        if record["kind"] == "instructions":
            by_op[record["op"]].append(record)
    found: dict[str, list[dict]] = {library: [] for library in libraries}
    for op, records in by_op.items():
        for step in steps(by_release(site, records)):
            library = step["after"]["release"].partition("-")[0]
            found.setdefault(library, []).append(step | {"op": op})
    for library, mine in found.items():
        best: dict[tuple[str, str], dict] = {}
        for step in sorted(mine, key=_ratio, reverse=True):
            best.setdefault((step["op"], step["after"]["release"]), step)
        chosen = list(best.values())[:most]
        found[library] = sorted(chosen, key=lambda one: site.order[one["after"]["release"]])
    return found


def _ratio(step: dict) -> float:
    ratio = step["after"]["element"] / step["before"]["element"]
    return max(ratio, 1 / ratio)


def of_c_library(site: Site, backend: str) -> list[dict]:
    """By dtype the functions of the newest counted release of which the C library's libm takes the
    most instructions: ``ops``, of so many ``all`` elementwise ones."""
    counted = [
        one
        for one in site.known_records
        if one["kind"] == "instructions" and one["backend"] == backend and one["functions"]
    ]
    if not counted:
        return []
    newest = max((one["release"] for one in counted), key=site.order.__getitem__)
    mine = [one for one in counted if one["release"] == newest]
    found = []
    for dtype in counting.DTYPES:
        of_dtype = [one for one in mine if one["dtype"] == dtype]
        ops = sorted({one["op"] for one in of_dtype if one["functions"][0][1] == _LIBM})
        if ops:
            found.append({"release": newest, "dtype": dtype, "ops": ops,
                          "all": len({one["op"] for one in of_dtype})})  # fmt: skip
    return found
