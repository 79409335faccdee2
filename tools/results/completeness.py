"""Which combinations of parameters a results file has measured.

asv keeps one list of numbers per benchmark and writes NaN, its mark for "skipped", for what a run
did not select: a file alone does not tell what was never measured from what the release cannot
run. So the plugin adds a key to asv's files (asv ignores keys that it does not know): of each
benchmark, the places in its list that nobody has measured yet. It is in the same file as the
numbers, so that a kill leaves both or neither; without it, everything in the file was measured.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from benchmarks.libraries import is_of_another

KEY = "unmeasured"
APART = 1.25
"""The quartiles of a time's samples are within this ratio, or its processes disagree."""
Combination = tuple[str, ...]
"""One value for each parameter of a benchmark, as asv writes them: ``("'numpy'", "1000")``."""


def results(file: dict[str, Any], benchmark: dict[str, Any]) -> dict[Combination, float | None]:
    """What ``file`` (asv's results as JSON) has of the ``benchmark`` in its present version.

    NaN is for what the release cannot run, None for what failed; what was never measured is not
    in it. Raises ValueError, TypeError, KeyError or AttributeError where the file is none of
    asv's.
    """
    found = _column(file, benchmark, "result").items()
    never = set(file.get(KEY, {}).get(benchmark["name"], ()))
    return {one: value for place, (one, value) in enumerate(found) if place not in never}


def unsettled(file: dict[str, Any], benchmark: dict[str, Any]) -> set[Combination]:
    """The combinations of whose samples the quartiles are further apart than APART: one process was
    slower than another all along, and the median may be what neither has seen. Raises as results.
    """
    low = _column(file, benchmark, "stats_q_25")
    high = _column(file, benchmark, "stats_q_75")
    ends = {one: (low[one], high[one]) for one in low}
    return {one for one, (a, b) in ends.items() if a and b is not None and b > APART * a}


def _column(
    file: dict[str, Any], benchmark: dict[str, Any], name: str
) -> dict[Combination, float | None]:
    """A column of the ``benchmark``'s row, empty where the row is of another version."""
    row = file["results"].get(benchmark["name"])
    if row is None:
        return {}
    # asv cuts off what is null at the end of a row, and writes null for a list of nulls.
    row = dict(zip(file["result_columns"], row, strict=False))
    if row["version"] != benchmark["version"]:
        return {}
    every = combinations(row["params"])
    return dict(zip(every, row.get(name) or [None] * len(every), strict=True))


def combinations(params: Iterable[Iterable[str]]) -> list[Combination]:
    """All combinations, in asv's order; one that is empty for a benchmark without parameters."""
    return list(itertools.product(*params))


def of_library(params: Iterable[Iterable[str]], library: str) -> list[list[str]]:
    """``params`` without the backends of other libraries, which no file of this one has: a
    benchmark's list has room for each combination, and most would be another's."""
    return [[one for one in values if not is_of_another(library, plain(one))] for values in params]


def plain(value: str) -> str:
    """A parameter's value without the quotes of its repr."""
    return value.strip("'")
