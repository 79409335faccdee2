"""What a release can run is tried out, and any try may crash, hang or use up the memory.

XLA's compiler aborts the process for some types on some processors (TensorFlow 2.7 to 2.9 with
AVX512_FP16). So a journal says what was begun; tools/running/spawner.py, which sees the process
end, adds what it died of and starts another one, which goes on from there.
"""

import contextlib
import json
import os
import resource
import signal

from . import exchange

JOURNAL, BROKEN = "probes.jsonl", "broken.json"
BEGUN, MISSING, DEAD, DONE = "begun", "missing", "broken", "done"
# A probe takes less than 10 s where it works (TensorFlow's first, on one core).
SECONDS = 120


class Journal(object):
    """The probes so far, this process's after those of processes that died of one.

    Its file has a line ``[what, backend, device, op, dtype, reason]`` for each that was "begun", is
    "missing" or "broken", and "done" at its end; the last one begun is what a process died of.
    """

    def __init__(self):
        folder = exchange.folder()
        self._file = folder and os.path.join(folder, JOURNAL)
        self._lines = load(self._file) if folder else []
        if folder:
            _bound_memory()

    @property
    def missing(self):
        # Rows of a backend's devices come again with each process.
        return [list(row) for row in dict.fromkeys(tuple(r[1:]) for r in self._of(MISSING))]

    def is_known(self, backend, op, dtype):
        return self.is_broken(backend) or any(
            (row[1], row[3], row[4]) == (backend, op, dtype) for row in self._lines
        )

    def is_broken(self, backend):
        """Whether nothing of ``backend`` can be asked."""
        return any(row[1] == backend and row[3] is None for row in self._of(DEAD))

    @contextlib.contextmanager
    def probe(self, backend, op=None, dtype=None):
        """Do what may not come back. What it raises is why it is broken."""
        self._note(BEGUN, backend, None, op, dtype, None)
        if self._file:
            signal.alarm(SECONDS)  # the default is to end the process, whatever it is in
        try:
            yield
        except Exception as error:
            said = (str(error).strip().splitlines() or [""])[0]
            reason = "%s: %s" % (type(error).__name__, said)
            self._note(DEAD, backend, None, op, dtype, reason[:300])
        finally:
            if self._file:
                signal.alarm(0)

    def lacks(self, *row):
        self._note(MISSING, *row)

    def done(self):
        self._note(DONE, None, None, None, None, None)

    def _of(self, what):
        return [row for row in self._lines if row[0] == what]

    def _note(self, *line):
        self._lines.append(list(line))
        if self._file:
            note(self._file, line)


def note(path, line):
    """Add a line. It is the kernel's when this returns: a crash does not lose it."""
    with open(path, "a") as file:
        file.write(json.dumps(line) + "\n")


def load(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file]


def _bound_memory():
    """A probe that takes more than the machine has gets MemoryError; where the kernel has to end a
    process, it ends this one."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(Exception):
        resource.setrlimit(resource.RLIMIT_DATA, (total, total))
    with contextlib.suppress(Exception), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
