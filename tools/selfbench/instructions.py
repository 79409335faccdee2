"""What counts of instructions cost, whether they repeat, and what is found with them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import polars as pl

from tools.judging import noise_floor, verdict
from tools.judging.align import pair
from tools.releases.release_table import Release, find, load
from tools.results import history
from tools.running import isolated_run
from tools.selfbench.rows import row

_MINUTES = {"numpy": 1, "tensorflow": 5}


def counts(releases: list[str]) -> list[dict]:
    """Each release (or the newest of a library) counted twice, and once slowed down on purpose."""
    table = load()
    return [row for name in releases for row in _of(find(name, table))]


def _of(release: Release) -> list[dict]:
    first, seconds = _count(release)
    again, _ = _count(release)
    slowed, _ = _count(release, ULPWATCH_SLOWDOWN=str(noise_floor.COUNTS.slowdown))
    same, slow = (verdict.judge(pair(first, other), verdict.NO_FLOORS) for other in (again, slowed))
    apart = [abs(ratio - 1) for ratio in same["ratio"].drop_nulls()]
    near = sum(one <= 0.002 for one in apart) / len(apart)
    name = release.name
    minutes = _MINUTES[release.library]
    return [
        row(f"{name}: all counts", seconds / 60, "min", most=minutes),
        row(f"{name}: a number", seconds / len(first), "s", most=0.5),
        row(f"{name}: again, within 0.2 %", near, "of 1", least=0.99),
        row(f"{name}: again, farthest", 100 * max(apart), "%", most=1),
        row(f"{name}: unchanged called changed", _called(same), "of 1", most=0),
        row(f"{name}: 2 % slower found", _called(slow), "of 1", least=0.99),
    ]


def _called(judged: pl.DataFrame) -> float:
    changed = judged.filter(pl.col("verdict").is_in(["worse", "better"]))
    return len(changed) / len(judged)


def _count(release: Release, **environment: str) -> tuple[pl.DataFrame, float]:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        isolated_run.run(
            Path(folder), release.name, ["bench_instructions"], environment=environment
        )
        seconds = time.perf_counter() - started
        found = history.load(Path(folder), [release])
    return found.filter(metric="instructions", status="measured"), seconds
