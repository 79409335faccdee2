"""Starts the benchmark processes of one release: asv's fork server, spared what needs none."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import signal
from pathlib import Path

from asv import runner, util
from asv.console import log

from . import files
from .environments import MARKER

_MISSING = "available._Missing.track_missing"
_CACHE = Path(__file__).parent.parent / ".cache" / "unavailable"
# Of benchmarks/, what decides whether a release has a function: not how it is measured or judged.
_DECIDE = ("available.py", "_release.py", "ops.py", "ulp.py", "backends/*.py")
# The shortest time of the loop that tells whether the processor is undisturbed: a process that is
# disturbed from its beginning to its end has none of its own (benchmarks/quiet.py).
_SPINS = Path(__file__).parent.parent / ".cache" / "spin"


class ReleaseSpawner(runner.ForkServer):
    """A fork server that starts no process where the answer is known.

    It asks once what the release can run: of all combinations of backend, op, dtype and device a
    release of NumPy can run one in seven, and a process for each of the others would take longer
    than the measurements. And it reads what one process knows of other parameters
    (benchmarks/_scratch.py).
    """

    def __init__(self, env, root):
        super().__init__(env, root)
        self._missing: list[list] = []
        self._answers: dict[tuple[str, ...], float | dict] = {}
        self._failures: list[dict] = []
        # asv saves the list of benchmarks before it runs them.
        path = Path(env.results_dir) / "benchmarks.json"
        self._benchmarks = util.load_json(str(path)) if path.exists() else {}
        self._carry(_SPINS / env.release.python, env.scratch / "spin.json")

    def close(self):
        super().close()
        self._carry(self.env.scratch / "spin.json", _SPINS / self.env.release.python)

    @staticmethod
    def _carry(here: Path, there: Path) -> None:
        """Take the number in file ``here`` over, if it is the smaller one."""
        if here.exists():
            number = json.loads(here.read_text())
            if not there.exists() or number < json.loads(there.read_text()):
                files.write(there, json.dumps(number))

    def preimport(self):
        success, out = super().preimport()
        if success:
            self._missing = self._ask()
        return success, out

    def _ask(self) -> list[list]:
        """What the release lacks, from an earlier run where nothing has changed since: of a release
        of TensorFlow the answer takes as long as many a measurement."""
        kept = _CACHE / f"{self.env.release.name}-{self._digest()}.json"
        answer = self.env.scratch / "unavailable.json"  # where benchmarks/available.py looks
        if not kept.exists():
            scratch = str(self.env.scratch)
            out, code = super().run(_MISSING, "{}", "None", str(answer), 900, scratch)
            if code:
                log.warning(f"cannot tell what {self.env.release.name} lacks: {out.strip()[-300:]}")
                return []
            files.write(kept, answer.read_text())
        answer.write_text(kept.read_text())
        return json.loads(answer.read_text())

    def _digest(self) -> str:
        """Of all that the answer depends on: the environment, the code, the devices."""
        sha = hashlib.sha256((Path(self.env._path) / MARKER).read_bytes())
        for pattern in _DECIDE:
            for file in sorted(Path(self.benchmark_dir).glob(pattern)):
                sha.update(file.read_bytes())
        devices = sorted(Path("/dev").glob("nvidia*")), os.environ.get("CUDA_VISIBLE_DEVICES")
        sha.update(repr(devices).encode())
        return sha.hexdigest()[:16]

    def run(self, name, params_str, profile_path, result_file_name, timeout, cwd):
        benchmark, params = self._parse(name)
        answer, out, code = self._known(benchmark, params), "", 0
        if answer is None:
            out, code = super().run(name, params_str, profile_path, result_file_name, timeout, cwd)
            # A process may have died of what it did after it had this answer (benchmarks/batch.py).
            answer = self._known(benchmark, params) if code else self._forget(benchmark, params)
        measured = _load(result_file_name) if answer is None and not code else answer
        if _is_infinite(measured):
            # Of a file that holds one asv would save nothing at all (keeping.py).
            answer, out, code = None, "an infinite number", 1
            Path(result_file_name).write_text("")
        if answer is not None:
            Path(result_file_name).write_text(json.dumps(answer))  # NaN is asv's mark for "skipped"
            return "", 0
        if code:
            self._note_failure(benchmark, params, out, code)
        return out, code

    def _parse(self, name: str) -> tuple[str, dict[str, str]]:
        """The benchmark and its parameters by name, from asv's ``benchmark-index``."""
        benchmark, _, index = name.partition("-")
        known = self._benchmarks.get(benchmark)
        if not index or not known:
            return benchmark, {}
        values = next(itertools.islice(itertools.product(*known["params"]), int(index), None))
        # asv keeps parameters as their repr, like "'numpy'".
        return benchmark, dict(
            zip(known["param_names"], (v.strip("'") for v in values), strict=True)
        )

    def _known(self, benchmark: str, params: dict[str, str]) -> float | dict | None:
        """The answer, where it needs no process; NaN for what the release lacks. Given once: asv
        asks again when it wants to have it measured again."""
        asked = [params.get(name) for name in ("backend", "device", "op", "dtype")]
        for row in self._missing:
            if all(mine in (None, theirs) for mine, theirs in zip(row, asked, strict=False)):
                return math.nan
        for file in self.env.scratch.glob("answers-*.json"):
            for name, values, answer in json.loads(file.read_text()):
                self._answers[name, *map(str, values)] = answer
            file.unlink()
        return self._answers.pop((benchmark, *params.values()), None)

    def _forget(self, benchmark: str, params: dict[str, str]) -> None:
        """Drop what a process left for itself: asv has it already."""
        self._known(benchmark, params)

    def _note_failure(self, benchmark: str, params: dict[str, str], out: str, code: int) -> None:
        """Keep the reason, which asv only prints: gather.py takes it to the results."""
        self._failures.append({"benchmark": benchmark, "params": params, "reason": why(out, code)})
        (self.env.scratch / "failures.json").write_text(json.dumps(self._failures))


def _load(file: str):
    text = Path(file).read_text()
    return json.loads(text) if text else None


def _is_infinite(answer: float | dict | None) -> bool:
    numbers = answer.get("samples") if isinstance(answer, dict) else [answer]
    return any(isinstance(one, float) and math.isinf(one) for one in numbers or ())


def why(out: str, code: int) -> str:
    """One line for why a benchmark's process gave no answer."""
    if code == util.TIMEOUT_RETCODE:
        return "timed out"
    lines = [line.strip() for line in out.splitlines() if line.strip()]
    last = lines[-1][:300] if lines else ""
    if code < 0:
        name = signal.Signals(-code).name
        return f"killed by {name}" + (f": {last}" if last else "")
    return last or f"exit status {code}"
