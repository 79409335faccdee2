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

KEY = "unmeasured"
Combination = tuple[str, ...]
"""One value for each parameter of a benchmark, as asv writes them: ``("'numpy'", "1000")``."""


def measured(file: dict[str, Any], benchmark: dict[str, Any]) -> set[Combination]:
    """The combinations that ``file`` (asv's results as JSON) has results of, failed ones too, for
    the ``benchmark`` in its present version. Raises ValueError, TypeError, KeyError where the file
    is none of asv's."""
    row = _row(file, benchmark["name"])
    if row is None or row.get("version") != benchmark["version"]:
        return set()
    unmeasured = set(file.get(KEY, {}).get(benchmark["name"], ()))
    return {
        combination
        for place, combination in enumerate(combinations(row["params"]))
        if place not in unmeasured
    }


def failed(file: dict[str, Any], name: str) -> set[Combination]:
    """The combinations of the benchmark ``name`` that ran and gave no result."""
    row = _row(file, name)
    if row is None:
        return set()
    every = combinations(row["params"])
    results = row["result"] or [None] * len(every)
    unmeasured = set(file.get(KEY, {}).get(name, ()))
    return {
        combination
        for place, (combination, result) in enumerate(zip(every, results, strict=True))
        if result is None and place not in unmeasured
    }


def combinations(params: Iterable[Iterable[str]]) -> list[Combination]:
    """All combinations, in asv's order; one that is empty for a benchmark without parameters."""
    return list(itertools.product(*params))


def _row(file: dict[str, Any], name: str) -> dict[str, Any] | None:
    row = file["results"].get(name)
    # asv cuts off what is null at the end of a row.
    return row and dict.fromkeys(file["result_columns"]) | dict(
        zip(file["result_columns"], row, strict=False)
    )
