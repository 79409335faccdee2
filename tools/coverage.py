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


def results(file: dict[str, Any], benchmark: dict[str, Any]) -> dict[Combination, float | None]:
    """What ``file`` (asv's results as JSON) has of the ``benchmark`` in its present version.

    NaN is for what the release cannot run, None for what failed; what was never measured is not
    in it. Raises ValueError, TypeError, KeyError or AttributeError where the file is none of
    asv's.
    """
    row = file["results"].get(benchmark["name"])
    if row is None:
        return {}
    # asv cuts off what is null at the end of a row, and writes null for a list of nulls.
    row = dict(zip(file["result_columns"], row, strict=False))
    if row["version"] != benchmark["version"]:
        return {}
    every = combinations(row["params"])
    found = dict(zip(every, row["result"] or [None] * len(every), strict=True))
    for place in file.get(KEY, {}).get(benchmark["name"], ()):
        del found[every[place]]
    return found


def combinations(params: Iterable[Iterable[str]]) -> list[Combination]:
    """All combinations, in asv's order; one that is empty for a benchmark without parameters."""
    return list(itertools.product(*params))
