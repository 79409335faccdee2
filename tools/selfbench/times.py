"""Our times beside pyperf's, of the same call in the same environment."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pyperf

from benchmarks.speed import timing
from tools.environments.environment import ensure
from tools.foundation import clean_environment
from tools.foundation.paths import ROOT
from tools.releases.release_table import find, load
from tools.running import isolated_run
from tools.selfbench.rows import row

NUMPY, TENSORFLOW = "numpy-2.4.6", "tensorflow-2.21.0"


class Case(NamedTuple):
    """``size`` is asv's, of matrices the edge; ``function(arguments)`` is what a user writes."""

    release: str
    backend: str
    op: str
    size: int
    function: str
    arguments: str


CASES = [
    *(Case(NUMPY, "numpy", op, size, f"np.{op}", arguments)
      for op, arguments in (("sqrt", "x"), ("exp", "x"), ("add", "x, y"))
      for size in (1, 10**4, 10**6)),
    *(Case(NUMPY, "numpy", "matmul", edge, "np.matmul", "x, y") for edge in (1, 100, 1000)),
    *(Case(TENSORFLOW, "tensorflow", "exp", size, "tf.exp", "x") for size in (1, 10**4, 10**6)),
]  # fmt: skip
# A process each in every turn, as many as a time of the history has.
_TURNS, _VALUES, _SECONDS = timing.ROUNDS, 20, 0.01

_SETUP = {
    "numpy": "import numpy as np",
    "tensorflow": "import tensorflow as tf",
}
# Our inputs, in each process at one of the places that ours take by turns. pyperf runs the setup
# before every value: without a call in it, the first one's page faults are part of each value (393
# instead of 334 µs for np.exp of a million).
_INPUTS = """
import os
from benchmarks import bench_time, ops, backends
op = ops.OPS[{op!r}]
places = bench_time.places(op, 'float32', {size})
_, arguments = backends.load({backend!r}).timed_call(
    op, 'float32', places[os.getpid() % len(places)])
x, y = (arguments * 2)[:2]
call = {function}
call(*arguments)
"""


def against_pyperf() -> list[dict]:
    """For each case both times and their difference: within 5 %, or 60 ns where that is more.

    Both call the function that is in hand. Of one number, pyperf's time with the name looked up in
    each call is beside them, which a program may pay, too.
    """
    rows = []
    for case in CASES:
        written = f"{case.function}({case.arguments})"
        name = f"{written} of {case.size}" + ("²" if case.op == "matmul" else "")
        statements = [f"call({case.arguments})", *([written] if case.size == 1 else [])]
        mine, theirs, *looked_up = _by_turns(case, statements)
        allowed = max(0.05 * theirs, 60e-9)
        rows += [
            row(f"{name}, pyperf", theirs * 1e6, "µs"),
            row(f"{name}, Ulpwatch", mine * 1e6, "µs"),
            row(f"{name}, difference", abs(mine - theirs) / allowed, "of what is allowed", most=1),
            *(row(f"{name}, looked up, pyperf", one * 1e6, "µs") for one in looked_up),
        ]
    return rows


def _by_turns(case: Case, statements: list[str]) -> list[float]:
    """Our median and the lower quartile of pyperf's values of each statement, in seconds.

    By turns, because a neighbour's load goes on for minutes, and is in whichever comes then. Its
    short disturbances are in pyperf's values and not in ours; undisturbed ones are all alike.
    """
    params = f"'{case.backend}', '{case.op}', 'float32', {case.size}, 'cpu'"
    bench = rf"bench_time\..*track_time\({params}\)"
    values: list[list[float]] = [[] for _ in statements]
    with tempfile.TemporaryDirectory() as results:
        for turn in range(_TURNS):
            options = ["-a", "rounds=1", *(["--append-samples"] if turn else [])]
            isolated_run.run(Path(results), case.release, [bench], *options)
            for mine, statement in zip(values, statements, strict=True):
                mine += _pyperf(case, statement)
        (ours,) = isolated_run.times(Path(results)).values()
    theirs = [statistics.quantiles(mine, n=4)[0] for mine in values]
    return [statistics.median(ours["samples"]), *theirs]


def _pyperf(case: Case, statement: str) -> list[float]:
    """pyperf's values in seconds: of one process, calibrated by pyperf."""
    environment = ensure(find(case.release, load()), ROOT / "env")
    with tempfile.TemporaryDirectory() as folder:
        # pyperf is plain Python: this environment's own copy serves the release's too.
        (Path(folder) / "pyperf").symlink_to(Path(pyperf.__file__).parent)
        out = Path(folder) / "out.json"
        setup = _SETUP[case.backend] + _INPUTS.format(**case._asdict())
        subprocess.run(
            [environment / "bin" / "python", "-m", "pyperf", "timeit", "--quiet", "-o", out,
             "--processes=1", f"--values={_VALUES}", f"--min-time={_SECONDS}",
             "--inherit-environ=PYTHONPATH,ULPWATCH_RELEASE,TF_CPP_MIN_LOG_LEVEL",
             "-s", setup, statement],
            check=True, stdout=sys.stderr,
            env={**clean_environment.clean(), "PYTHONPATH": f"{ROOT}:{folder}",
                 "TF_CPP_MIN_LOG_LEVEL": "3", "ULPWATCH_RELEASE": case.release.replace("-", "==")},
        )  # fmt: skip
        runs = json.loads(out.read_text())["benchmarks"][0]["runs"]
    return [value for run in runs for value in run.get("values", ())]
