"""Processes of benchmarks/worker.py in a release's environment, spoken to in lines of JSON."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks import levels
from benchmarks.process import release_under_test
from tools.foundation import clean_environment
from tools.foundation.paths import ROOT
from tools.releases.release_table import Release


class WorkerError(RuntimeError):
    """A worker failed; the message is its last words."""


class Unavailable(WorkerError):
    """The release or the machine cannot run this; the message says why."""


class Worker:
    """One process; call it with a question, get its answer. Use it as a context manager."""

    def __init__(self, environment: Path, release: Release, backend: str, device: str, op: str,
                 dtype: str):  # fmt: skip
        # TensorFlow leaves a file for each function that it compiles.
        self._tmpdir = tempfile.TemporaryDirectory(prefix="ulpwatch-")
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed in close)
        self._process = subprocess.Popen(
            [environment / "bin" / "python", "-m", "benchmarks.worker", backend, device, op, dtype],
            cwd=ROOT,
            env=_environment(release, device) | {"TMPDIR": self._tmpdir.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        assert self._process.stdin and self._process.stdout  # for the type checker: both are pipes
        self._given, self._said = self._process.stdin, self._process.stdout
        first = self.read()
        if "unavailable" in first:
            self.close()
            raise Unavailable(f"{release.name}: {first['unavailable']}")

    def ask(self, do: str, **options) -> dict:
        """The answer to one question (see benchmarks/worker.py). Raises WorkerError."""
        self.send(do, **options)
        return self.read()

    def send(self, do: str, **options) -> None:
        """Ask without waiting: the answers come in the order of the questions."""
        with contextlib.suppress(BrokenPipeError):  # the read says what it died of
            self._given.write(json.dumps({"do": do, **options}) + "\n")
            self._given.flush()

    def search(self, progress, **options) -> dict:
        """The outcome of a search; ``progress`` is called with the evaluations so far."""
        answer = self.ask("search", **options)
        while set(answer) == {"evaluations"}:
            progress(answer["evaluations"])
            answer = self.read()
        return answer

    def read(self) -> dict:
        """The next answer. Raises WorkerError."""
        line = self._said.readline()
        if not line:
            self._process.wait()
            self._stderr.seek(0)
            words = self._stderr.read().strip().splitlines() or ["(no message)"]
            raise WorkerError(f"worker ended ({self._process.returncode}): {words[-1]}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._given.close()
        self._said.close()
        self._stderr.close()
        self._tmpdir.cleanup()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _environment(release: Release, device: str) -> dict[str, str]:
    version = release_under_test.numbers(release.version)
    switches = levels.variables(release.library, version, device)
    return (
        clean_environment.clean()
        | switches
        | {
            "ULPWATCH_RELEASE": release.requirement,
            "PYTHONNOUSERSITE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # Keep freed blocks: giving their pages back and faulting them in again takes a third of
            # the time of a sweep whose results are known.
            "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
            "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
        }
    )
