"""Instructions per call, counted by valgrind's callgrind in a process of its own.

``python -m benchmarks.counting BACKEND DTYPE OP,… SIZE,…`` runs under it and counts calls;
:func:`count` starts it, and reads what callgrind wrote.

What the marks and the loop's beginning take is no part of a call: of one number it falls out of the
difference between twenty calls and ten, of many it is counted once, without a call, and taken off.
Each count is made twice, in the same process.
"""

import glob
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from . import available, backends, bench_time, levels, ops
from .speed import valgrind

DEVICE = "cpu-1"
LENGTHS, EDGES = [1, 10000], [1, 100]
"""Of arrays and of matrices: what a call costs, and what an element or a product does."""
CALLS = {1: (10, 20)}
"""How many calls are counted at once, by size."""
_FEW = (0, 2)
_REPEATS = 2
# The interpreter specializes what it has run often enough.
_WARM = {1: 100}
_WARM_FEW = 3
_EMPTY = "nothing 0"
# The first counts of all are some per cent too high.
_THROWN_AWAY = 20
_SECONDS = 1500
MISSING = "valgrind is not installed (Debian: apt-get install valgrind)"


def count(backend, dtype, names, sizes):
    """By ``OP SIZE`` the instructions of a call, and how far another count was from it, as a ratio
    less 1; of ops with these ``names``. Under ``""`` what they depend on. Raises
    Unavailable where there is no valgrind, RuntimeError where the process fails."""
    if shutil.which("valgrind") is None:
        raise backends.Unavailable(MISSING)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "valgrind", "--tool=callgrind", "--instr-atstart=no", "--error-exitcode=0",
            "--callgrind-out-file=counts", sys.executable, "-m", __name__, backend, dtype,
            ",".join(names), ",".join(map(str, sizes)),
        ]  # fmt: skip
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            said, _ = process.communicate(timeout=_SECONDS)
        finally:
            process.kill()
        if process.returncode:
            lines = said.decode("utf-8", "replace").strip().splitlines()
            # Valgrind's own begin with ==PID==.
            lines = [line for line in lines if not line.startswith("==")] or ["(no message)"]
            raise RuntimeError("valgrind exits %d: %s" % (process.returncode, lines[-1][:300]))
        return dict(_per_call(_dumps(folder)), **{"": _facts()})


def records(counts, backend, dtype):
    """Records by op: ``by_size`` has the instructions of a call and how far another count was from
    it, as a ratio less 1; the rest says what they depend on."""
    found = {}
    for name, counted in counts.items():
        if name:
            op, size = name.split()
            what = {"backend": backend, "device": DEVICE, "op": op, "dtype": dtype}
            what.update(counts[""], kind="instructions", region="calls")
            found.setdefault(op, dict(what, by_size={}))["by_size"][size] = counted
    return found


def _environment():
    """The same on every machine, but for where things lie: what is on the stack moves its end."""
    kept = {name: os.environ[name] for name in ("PATH", "ULPWATCH_RELEASE") if name in os.environ}
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return dict(
        kept,
        HOME="/",
        TMPDIR=".",  # the folder of the counts
        PYTHONPATH=os.pathsep.join([root, *_added()]),
        PYTHONHASHSEED="0",
        PYTHONNOUSERSITE="1",
        PYTHONDONTWRITEBYTECODE="1",
        OPENBLAS_NUM_THREADS="1",
        OMP_NUM_THREADS="1",
        TF_CPP_MIN_LOG_LEVEL="3",
        ULPWATCH_COUNTING="1",  # see backends/tensorflow_session.py
    )


def _added():
    """What asv's fork server has put on the path."""
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def _dumps(folder):
    """By the name of a dump its instructions."""
    found = {}
    for path in glob.glob(os.path.join(folder, "counts*")):
        with open(path) as file:
            text = file.read()
        name = re.search("^desc: Trigger: Client Request: (.*)$", text, re.MULTILINE)
        summary = re.search("^summary: ([0-9]+)", text, re.MULTILINE)
        if name and summary:
            found[name.group(1)] = int(summary.group(1))
    return found


def _per_call(dumps):
    """By ``OP SIZE`` the instructions per call, the second count, and how far the first is from it,
    as a ratio less 1."""
    repeats = {}
    for name, instructions in dumps.items():
        op, size, repeat, calls = name.split()
        repeats.setdefault("%s %s" % (op, size), {})[int(repeat), int(calls)] = instructions
    empty = repeats.pop(_EMPTY)[1, 0]
    for name, counted in repeats.items():
        few, many = CALLS.get(int(name.split()[1]), _FEW)
        first, second = [
            (counted[repeat, many] - counted.get((repeat, few), empty)) / float(many - few)
            for repeat in range(_REPEATS)
        ]
        yield name, [second, abs(first - second) / second]


def _facts():
    """What a count depends on beside the release."""
    version = subprocess.check_output(["valgrind", "--version"]).decode().strip()
    return {
        "valgrind": version.partition("-")[2],
        # It shows every program an AVX2 processor, where the real one has that.
        "level": min(levels.here() or "", "v3"),
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
    }


def main(backend, dtype, names, sizes):
    marks = valgrind.Marks()
    if not marks.is_counting:
        raise SystemExit("run it under valgrind: see count()")
    module = available.start_one(backend, DEVICE, None, dtype)
    for _ in range(_THROWN_AWAY):
        marks.count("%s 0 0" % _EMPTY, abs, (1,), 2)
    marks.count("%s 1 0" % _EMPTY, abs, (1,), 0)
    for op in [ops.OPS[name] for name in names.split(",")]:
        try:
            module.check(op, dtype)
        except backends.Unavailable:
            continue
        for size in map(int, sizes.split(",")):
            function, given = module.timed_call(op, dtype, bench_time.arguments(op, dtype, size))
            for _ in range(_WARM.get(size, _WARM_FEW)):
                function(*given)
            for repeat in range(_REPEATS):
                for calls in filter(None, CALLS.get(size, _FEW)):
                    marks.count(
                        "%s %d %d %d" % (op.name, size, repeat, calls), function, given, calls
                    )


if __name__ == "__main__":
    main(*sys.argv[1:])
