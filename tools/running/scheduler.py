"""How the work is cut: what is missing, in parts, as many at once as take minutes per release.

A Part is what one class of benchmarks lacks for one op; it is not cut further, because one
computation gives its metrics and regions. Instructions are counted for all ops at once. A unit is
some parts of the same releases, measured by one `asv run`, which starts in seconds (NumPy) or a
quarter of a minute (TensorFlow) for each of them: of less than a minute per release that would be
most. Times are measured in eight rounds, each of which starts the library.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.releases.release_table import Release
from tools.results.completeness import Combination

UNIT_SECONDS = 60.0
TIMES_SECONDS = 240.0
GUESS_SECONDS = 20.0
QUICK_GUESS_SECONDS = 4.0
Missing = dict[str, set[Combination]]
"""Combinations of parameters to measure, by benchmark."""


@dataclass
class Part:
    """What is missing of the benchmarks of one class, for one op."""

    group: str
    """Module and class, like ``bench_time.Matmul``."""
    op: str
    """As asv writes it, like ``'exp'``; empty in a class that has no ops."""
    missing: Missing = field(default_factory=lambda: defaultdict(set))


@dataclass
class Stage:
    """Releases that are measured together (interleaved), and what they lack."""

    releases: list[Release]
    parts: list[Part]
    times: bool = False
    """Nothing but times; else none at all."""


def parts(missing: Missing, benchmarks: dict[str, dict]) -> list[Part]:
    """``missing`` combinations by benchmark, cut into Parts in the order of ``benchmarks``."""
    found: dict[tuple[str, str], Part] = {}
    for name, benchmark in benchmarks.items():
        names = benchmark["param_names"]
        by_op = "op" in names and benchmark.get("unit") != "instructions"
        place = names.index("op") if by_op else None
        group = name.rpartition(".")[0]
        # In the order of the list of ops, not of the alphabet.
        ops = [""] if place is None else benchmark["params"][place]
        for op in ops:
            mine = {one for one in missing[name] if place is None or one[place] == op}
            if mine:
                found.setdefault((group, op), Part(group, op)).missing[name] |= mine
    return list(found.values())


def stages(
    lacking: dict[Release, Missing],
    benchmarks: dict[str, dict],
    interleave: int = 1,
    together: bool = False,
) -> list[Stage]:
    """First all that is no time, release by release; then times, ``interleave`` releases of a
    library at a time: those that lack one or, ``together``, all, where one of them lacks it."""
    times = {name for name, benchmark in benchmarks.items() if benchmark["type"] == "time"}
    plan = []
    for release, missing in lacking.items():
        rest = {name: one for name, one in benchmarks.items() if name not in times}
        plan.append(Stage([release], parts(missing, rest)))
    timed = {name: benchmarks[name] for name in benchmarks if name in times}
    for turns in _in_turns(lacking, times, interleave, together):
        union = {name: set().union(*(lacking[r][name] for r in turns)) for name in timed}
        plan.append(Stage(turns, parts(union, timed), times=True))
    return [stage for stage in plan if stage.parts]


def _in_turns(
    lacking: dict, times: set[str], interleave: int, whole: bool
) -> Iterable[list[Release]]:
    by_library = defaultdict(list)
    for release, missing in lacking.items():
        if whole or any(missing[name] for name in times):
            by_library[release.library].append(release)
    for mine in by_library.values():
        for first in range(0, len(mine), interleave):
            yield mine[first : first + interleave]


def regexes(unit: list[Part]) -> list[str]:
    """What asv's ``--bench`` takes to select exactly the ``unit``."""
    whole: Missing = defaultdict(set)
    for part in unit:
        for name, missing in part.missing.items():
            whole[name] |= missing
    found = []
    for name, missing in whole.items():
        if _is_product(missing):
            found.append(_regex(name, missing))
        else:  # short enough for an argument each
            found += [_regex(name, part.missing[name]) for part in unit if part.missing.get(name)]
    return found


def _is_product(combinations: set[Combination]) -> bool:
    columns = [set(column) for column in zip(*combinations, strict=True)]
    return math.prod(map(len, columns)) == len(combinations)


def _regex(name: str, combinations: set[Combination]) -> str:
    if combinations == {()}:
        return f"^{re.escape(name)}$"
    if _is_product(combinations):
        columns = [sorted(set(column)) for column in zip(*combinations, strict=True)]
        inside = ", ".join(_either(column) for column in columns)
    else:
        inside = _either([", ".join(one) for one in sorted(combinations)])
    return rf"^{re.escape(name)}\({inside}\)$"


def _either(values: list[str]) -> str:
    return "(?:" + "|".join(re.escape(value) for value in values) + ")"


class Pace:
    """How many parts take UNIT_SECONDS of a release (of times TIMES_SECONDS): guessed at first,
    learnt from every unit."""

    def __init__(self, guess: float = GUESS_SECONDS) -> None:
        self._seconds: dict[tuple[str, str], float] = defaultdict(lambda: guess)

    def take(self, stage: Stage) -> list[Part]:
        """The first parts of ``stage``: one at least, and what else fits."""
        count, seconds = 0, 0.0
        for part in stage.parts:
            seconds += self._of(stage, part)
            if count and seconds > (TIMES_SECONDS if stage.times else UNIT_SECONDS):
                break
            count += 1
        return stage.parts[:count]

    def learn(self, stage: Stage, unit: list[Part], seconds: float) -> None:
        """``unit``, taken from ``stage``, took ``seconds`` of all its releases together."""
        # Of what a release lacks parts take no time, and say nothing of the others.
        ratio = max(0.5, seconds / self.seconds(stage, unit))
        for key in {(stage.releases[0].library, part.group) for part in unit}:
            self._seconds[key] *= ratio

    def seconds(self, stage: Stage, unit: list[Part]) -> float:
        """What ``unit`` will take of all the releases of ``stage`` together."""
        return sum(self._of(stage, part) for part in unit) * len(stage.releases)

    def _of(self, stage: Stage, part: Part) -> float:
        return self._seconds[stage.releases[0].library, part.group]
