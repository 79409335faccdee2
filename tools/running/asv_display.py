"""What asv prints of a run: numbers that there are, not a line for every combination of parameters.

A benchmark has thousands of them, of which a release can run one in seven, and a run selects fewer.
"""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import asv.results
from asv.console import log

selected: dict[str, set[int] | None] = {}
"""By benchmark, the places of the combinations that the run in hand selects; None: all."""


def format_benchmark_result(results, benchmark: dict) -> tuple[str | None, str | None]:
    """asv's own, of the smallest table that has all numbers selected."""
    grid, places = _smallest(results, benchmark)
    if not benchmark["params"]:
        return asv.results.format_benchmark_result(results, benchmark)
    if not places:
        return "n/a", None
    part = _Part(results, benchmark["params"], places)
    return asv.results.format_benchmark_result(part, benchmark | {"params": grid})


def _smallest(results, benchmark: dict) -> tuple[list[list[str]], list[int]]:
    """Of each parameter the values for which there is a number or a failure, and the places of
    their combinations."""
    chosen = selected.get(benchmark["name"])
    values = results.get_result_value(benchmark["name"], benchmark["params"])
    every = list(enumerate(itertools.product(*benchmark["params"])))
    # asv has null, its mark for a failure, where a parameter came later than the results.
    known = set(itertools.product(*results.get_result_params(benchmark["name"])))
    kept = [
        one for place, one in every
        if (chosen is None or place in chosen) and one in known
        and (values[place] is None or not math.isnan(values[place]))
    ]  # fmt: skip
    if not kept:
        return [], []
    used = [set(column) for column in zip(*kept, strict=True)]
    grid = [
        [value for value in params if value in mine]
        for params, mine in zip(benchmark["params"], used, strict=True)
    ]
    inside = set(itertools.product(*grid))
    return grid, [place for place, one in every if one in inside]


class _Part:
    """asv's Results at some places of the combinations of a benchmark's ``params``."""

    def __init__(self, results, params: list[list[str]], places: list[int]):
        self._results, self._params, self._places = results, params, places
        self.stderr = results.stderr

    def get_result_value(self, name, params):
        return self._of(self._results.get_result_value(name, self._params))

    def get_result_stats(self, name, params):
        return self._of(self._results.get_result_stats(name, self._params))

    def _of(self, values):
        return [values[place] for place in self._places]


class Search:
    """What `asv find` has measured; it names a greatest change also where there is none."""

    def __init__(self):
        self._found: list[list] = []
        self.log = SimpleNamespace(**{
            name: getattr(log, name) for name in ("error", "warning", "indent", "debug", "flush")
        }, info=self._say)  # fmt: skip

    def note(self, results, benchmarks) -> None:
        for name, benchmark in benchmarks.items():
            self._found.append(results.get_result_value(name, benchmark["params"]))

    def _say(self, text: str, *args, **options) -> None:
        if text.startswith("Greatest") and not self._found:
            text += ": the later of two, neither of which was measured"
        elif text.startswith("Greatest") and self._are_equal():
            text = f"No change: the {len(self._found)} releases measured have equal numbers"
        log.info(text, *args, **options)

    def _are_equal(self) -> bool:
        plain = [
            tuple("n/a" if value is not None and math.isnan(value) else value for value in one)
            for one in self._found
        ]
        return len(set(plain)) == 1
