"""Instructions per call, counted by valgrind's callgrind in a process of its own.

``python -m benchmarks.counting BACKEND`` runs under it and counts calls of all functions in all
dtypes; :func:`count` starts it, and reads what it found.

A count is that of many calls less that of few, so that neither the marks nor the loop's beginning
are in it. All is compiled and warm before the first one. Where the memory lies, and what the
interpreter has specialized, is worth 3 per cent of a short call: so all are counted in several
passes, until two passes agree.
"""

import gc
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile

from . import available, backends, bench_time, levels, libraries, ops
from .speed import valgrind

DEVICE = "cpu-1"
LENGTHS, EDGES = [1, 10000], [1, 100]
"""Of arrays and of matrices: what a call costs, and what an element or a product does."""
DTYPES = ["float32", "float64"]
AGREE, USABLE = 0.001, 0.01
"""How far two counts may be apart, as a ratio less 1, not to be repeated, and to be kept."""
ORDERS = {
    "table": list,
    "reversed": lambda calls: calls[::-1],
    "name": lambda calls: sorted(calls, key=lambda call: call[0]),
}
"""In which all is counted: which memory a call finds depends on it, see tools/noise.py."""
MISSING = "valgrind is not installed (Debian: apt-get install valgrind)"
# As many calls are counted as make so many instructions, ten at most, and three times as many.
_INSTRUCTIONS, _CALLS = 300000, 10
# In a pass; what differs from one to the next is the memory that allocators have at hand, which
# adds.
_COUNTS = 3
_PASSES = 2, 10  # at least, at most
_WARM = {1: 100}  # the interpreter specializes what it has run often enough
_WARM_AT_LEAST, _WARM_AGAIN = 3, 4
# Functions that take a smaller share are not kept, nor more than ten.
_SHARE, _FUNCTIONS = 0.01, 10
_SECONDS = 3000
_KEPT = "PATH", "ULPWATCH_RELEASE", "ULPWATCH_SLOWDOWN", "ULPWATCH_ORDER"
_FOUND = "found.json"
_PREPARE = "prepare"  # compile all that will be counted, and keep it
_UNAVAILABLE = 69  # sysexits.h: a service is unavailable


def sizes(op):
    """At which this op (a row of ops.py) is counted."""
    return EDGES if op is ops.MATMUL else LENGTHS


def count(backend):
    """Rows of op, dtype, size, the instructions of a call, how far another pass is from it (as a
    ratio less 1), and what takes them: rows of function, library and share.

    And what all that depends on. Raises Unavailable where there is no valgrind, or where the
    backend cannot be counted, RuntimeError where the process fails."""
    if shutil.which("valgrind") is None:
        raise backends.Unavailable(MISSING)
    with tempfile.TemporaryDirectory() as folder:
        plain = [sys.executable, "-m", __name__, backend]
        if backend in libraries.KEEPING:
            subprocess.run([*plain, _PREPARE], cwd=folder, env=_environment(), timeout=_SECONDS,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        command = [
            "valgrind", "--tool=callgrind", "--instr-atstart=no", "--error-exitcode=0",
            "--callgrind-out-file=" + valgrind.OUT, *plain,
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
        if process.returncode == _UNAVAILABLE:
            with open(os.path.join(folder, _FOUND)) as file:
                raise backends.Unavailable(json.load(file))
        if process.returncode:
            lines = said.decode("utf-8", "replace").strip().splitlines()
            # Valgrind's own begin with ==PID==.
            lines = [line for line in lines if not line.startswith("==")] or ["(no message)"]
            raise RuntimeError("valgrind exits %d: %s" % (process.returncode, lines[-1][:300]))
        with open(os.path.join(folder, _FOUND)) as file:
            rows = json.load(file)
        return [[*row[:-1], _functions(folder, row[-1])] for row in rows], _facts()


def records(rows, facts, backend):
    """Records, by op and dtype, with all sizes."""
    found = {}
    for op, dtype, size, instructions, apart, functions in rows:
        if instructions <= 0:
            continue  # waiting took more in the shorter of two runs
        key = {"backend": backend, "device": DEVICE, "op": op, "dtype": dtype}
        of_op = found.setdefault(
            "%s %s" % (op, dtype),
            dict(key, kind="instructions", region="calls", by_size={}, **facts),
        )
        of_op["by_size"][str(size)] = [instructions, apart]
        if size > 1:
            of_op["functions"] = functions
    return found


def _environment():
    """The same on every machine, but for where things lie: what is on the stack moves its end."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
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


def _functions(folder, dump):
    with open(os.path.join(folder, valgrind.dump_file(dump))) as file:
        counts = valgrind.functions(file)
    total = float(sum(counts.values()))
    most = [[*what, round(n / total, 3)] for what, n in counts.most_common(_FUNCTIONS)]
    return [row for row in most if row[-1] >= _SHARE]


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


def main(backend, how=None):
    marks = valgrind.Marks()
    if not marks.is_counting and how != _PREPARE:
        raise SystemExit("run it under valgrind: see count()")
    try:
        module = available.start_one(backend, DEVICE, None, None)
    except backends.Unavailable as error:
        _leave(str(error))
        raise SystemExit(_UNAVAILABLE)
    if how == _PREPARE:
        list(_prepared(module))
        return
    gc.disable()  # it would come at some counts and not at others
    calls = ORDERS[os.environ.get("ULPWATCH_ORDER", "table")](list(_prepared(module)))
    marks.start()
    slower = _slower(marks)
    unsettled = counted = [_Counted(marks, key, run, slower) for key, run in calls]
    for number in range(_PASSES[1]):
        for one in unsettled:
            one.count()
        if number + 1 >= _PASSES[0]:
            unsettled = [one for one in unsettled if one.apart() > AGREE]
    rows = [one.row() for one in counted]
    _leave(rows)


def _leave(what):
    with open(_FOUND, "w") as file:
        json.dump(what, file)


def _prepared(module):
    for dtype in DTYPES:
        for op in [*ops.ELEMENTWISE, *ops.REDUCTIONS, ops.MATMUL]:
            try:
                yield from [((op.name, dtype, n), _calls(module, op, dtype, n)) for n in sizes(op)]
            except Exception as error:  # available.py says what is not there, and why
                print("%s %s: %s" % (op.name, dtype, error))


def _calls(module, op, dtype, size):
    """What makes as many warm calls as it is asked for."""
    function, given = module.timed_call(op, dtype, bench_time.arguments(op, dtype, size))

    def run(calls):
        for _ in range(calls):
            function(*given)

    run(_WARM.get(size, _WARM_AT_LEAST))
    return run


class _Counted(object):
    """The counts of one function, dtype and size."""

    def __init__(self, marks, key, run, slower):
        self._marks, self._key, self._run = marks, key, run
        self._few = min(max(_INSTRUCTIONS // marks.count(run, 1), 1), _CALLS)
        self._passes = []
        if slower:
            self._run = slower(run, self._pass())

    def count(self):
        """Once more."""
        self._run(_WARM_AGAIN * self._few)
        self._passes = sorted([*self._passes, self._pass()])

    def apart(self):
        """How far the two passes that agree best are from one another, as a ratio less 1."""
        return self._best()[0]

    def row(self):
        apart, instructions = self._best()
        return [*self._key, instructions, apart, self._dump]

    def _best(self):
        return min(
            (high / low - 1 if low > 0 else float("inf"), low)
            for low, high in zip(self._passes, self._passes[1:])
        )

    def _pass(self):
        """The instructions of a call: of each number of calls the smallest count is taken."""
        numbers = self._few, 3 * self._few
        few, many = [min(self._marks.count(self._run, n) for _ in range(_COUNTS)) for n in numbers]
        self._dump = self._marks.dumps
        return (many - few) / float(numbers[1] - numbers[0])


def _slower(marks):
    """Of calls what makes them take ULPWATCH_SLOWDOWN more instructions: tools/selfbench/."""
    share = float(os.environ.get("ULPWATCH_SLOWDOWN", 0))
    if not share:
        return None

    def add(numbers):
        any(itertools.repeat(0, numbers))  # which allocates none

    add(2000)
    of_number = (marks.count(add, 2000) - marks.count(add, 1000)) / 1000.0

    def slower(run, instructions):
        def slowed(calls):
            run(calls)
            add(int(calls * instructions * share / of_number))

        return slowed

    return slower


if __name__ == "__main__":
    main(*sys.argv[1:])
