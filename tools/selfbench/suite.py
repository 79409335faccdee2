"""What it takes to run the suite on whole releases."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.running import isolated_run
from tools.selfbench.rows import row

ACCURACY = ["bench_accuracy|bench_reduction|bench_behaviour"]
TIME = ["bench_time|bench_startup|bench_memory|bench_conversion"]


def accuracy() -> list[dict]:
    """The quick accuracy profile of a NumPy and a TensorFlow release, all backends, of results that
    were never seen."""
    rows = []
    for release, most in (("numpy-2.4.6", 4), ("tensorflow-2.21.0", 12)):
        with tempfile.TemporaryDirectory() as results, tempfile.TemporaryDirectory() as nothing:
            cold = {"ULPWATCH_KEPT": nothing}
            seconds = isolated_run.run(Path(results), release, ACCURACY, environment=cold)
        rows.append(row(f"quick accuracy of {release}", seconds / 60, "min", most=most))
    return rows


def times() -> list[dict]:
    """All that is of time, in the quick profile, and what it costs beside what is measured."""
    rows = []
    for release, minutes, overhead in (("numpy-2.4.6", 4, 0.15), ("tensorflow-2.21.0", 10, 0.4)):
        with tempfile.TemporaryDirectory() as results:
            seconds = isolated_run.run(Path(results), release, TIME, "--quick")
            timed = isolated_run.times(Path(results))
        measured = sum(one["number"] * sum(one["samples"]) for one in timed.values())
        each = (seconds - measured) / len(timed)
        rows += [
            row(f"times of {release}, quick", seconds / 60, "min", most=minutes),
            row(f"times of {release}", len(timed), "combinations"),
            row(f"overhead in {release}, warm-up included", each, "s each", most=overhead),
        ]
    return rows
