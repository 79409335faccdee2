"""Instructions by release: what a call and an element take, and what made them change."""

from __future__ import annotations

import itertools
from collections import defaultdict

from tools.judging import instructions
from tools.report.facts.sentences import another_way
from tools.report.site import Site

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
