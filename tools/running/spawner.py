"""Starts the benchmark processes of one release: asv's fork server, spared what needs none."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import re
import signal
from pathlib import Path

from asv import runner, util
from asv.console import log

from benchmarks import backends, levels
from benchmarks.process import probes, release_under_test
from tools.environments.environment import MARKER
from tools.foundation import safe_files, temporary
from tools.foundation.paths import CACHE
from tools.releases.release_table import Release

_MISSING = "available._Missing.track_missing"
_KNOWN = CACHE / "unavailable"
# Of benchmarks/, what decides whether a release has a function: not how it is measured or judged.
_DECIDE = (
    "libraries.py",
    "available.py",
    "levels.py",
    "ops.py",
    "process/*.py",
    "formats/ulp.py",
    "backends/*.py",
)
# Seconds that one process may try things out for, and is replaced then.
_PROBING = 900
# Of a backend that so many of its probes have hung in nothing more is asked.
_HANGS = 3
HUNG = f"hangs (no answer in {probes.SECONDS} s)"
# The shortest time of the loop that tells whether the processor is undisturbed: a process that is
# disturbed from its beginning to its end has none of its own (benchmarks/speed/contention.py).
_SPINS = CACHE / "spin"

_FATAL = re.compile(
    r"\b(LLVM ERROR|Fatal|F \w+.*Check failed|Check failed|Assertion|terminate called)"
)


class ReleaseSpawner(runner.ForkServer):
    """A fork server that starts no process where the answer is known.

    It asks once what the release can run: of all combinations of backend, op, dtype and device a
    release of NumPy can run one in seven, and a process for each of the others would take longer
    than the measurements. And it reads what one process knows of other parameters
    (benchmarks/process/exchange.py).
    """

    def __init__(self, env, root):
        super().__init__(env, root)
        self._root = root
        # asv saves the list of benchmarks before it runs them.
        path = Path(env.results_dir) / "benchmarks.json"
        self._benchmarks = util.load_json(str(path)) if path.exists() else {}
        self._begin()

    def _begin(self) -> None:
        """Nothing is known of the release."""
        env = self.env
        # Whatever happens to its processes, a release has none of another library's backends.
        self._missing = _lacking_backends(env.release)
        self._broken: list[list] = []
        self._held: dict[str, runner.ForkServer] = {}
        self._answers: dict[tuple[str, ...], float | dict] = {}
        self._failures: list[dict] = []
        self._carry(_SPINS / env.release.python, env.scratch / "spin.json")

    def close(self):
        for server in self._held.values():
            server.interrupted = self.interrupted
            server.close()
        super().close()
        self._carry(self.env.scratch / "spin.json", _SPINS / self.env.release.python)

    @staticmethod
    def _carry(here: Path, there: Path) -> None:
        """Take the number in file ``here`` over, if it is the smaller one."""
        if here.exists():
            number = json.loads(here.read_text())
            if not there.exists() or number < json.loads(there.read_text()):
                safe_files.write(there, json.dumps(number))

    def preimport(self):
        success, out = super().preimport()
        if success:
            self._ask()
        whole = success and not any(op is None for _, _, op, _, _ in self._broken)
        if not whole and self.env.mend():
            self.close()
            (self.env.scratch / probes.JOURNAL).unlink(missing_ok=True)
            super().__init__(self.env, self._root)  # another server, in the new environment
            self._begin()
            return self.preimport()
        return success, out

    def _ask(self) -> None:
        """What the release lacks and what breaks in it, from an earlier run where nothing has
        changed since: of a release of TensorFlow the answer takes as long as many a measurement.

        What broke may have been the machine's fault: that is kept for the driver's other runs only.
        """
        name = f"{self.env.release.name}-{self._digest()}.jsonl"
        journal = self.env.scratch / probes.JOURNAL
        kept = [folder / name for folder in (_KNOWN, temporary.of_command()) if folder]
        known = next((file for file in kept if file.exists()), None)
        if known:
            journal.write_text(known.read_text())
        else:
            self._probe(journal)
        lines = probes.load(journal)
        found = [row for what, *row in lines if what == probes.MISSING]
        self._missing += [row for row in found if row not in self._missing]
        self._broken = [row for what, *row in lines if what == probes.DEAD]
        (self.env.scratch / "unavailable.json").write_text(json.dumps(self._missing))
        (self.env.scratch / probes.BROKEN).write_text(json.dumps(self._broken))
        keep = kept[-1] if self._broken else kept[0]
        if not known and lines and (not self._broken or keep is not kept[0]):
            safe_files.write(keep, journal.read_text())

    def _probe(self, journal: Path) -> None:
        """Have everything tried out, in as many processes as die of it (process/probes.py)."""
        rest = "{}", "None", str(self.env.scratch / "probed.json"), _PROBING, str(self.env.scratch)
        before = None
        while True:
            out, code = super().run(_MISSING, *rest)
            lines = probes.load(journal) or [[None]]
            what, *row = lines[-1]
            if what == probes.DONE:
                return
            slow = code == util.TIMEOUT_RETCODE and lines[-1] != before
            before = lines[-1]
            if what != probes.BEGUN:
                log.warning(f"cannot tell what {self.env.release.name} lacks: {why(out, code)}")
                return
            if not slow:
                self._note_broken(journal, row, why(out, code))

    def _note_broken(self, journal: Path, row: list, reason: str) -> None:
        log.warning(f"{self.env.release.name}: {' '.join(filter(None, row))}: {reason}")
        probes.note(journal, [probes.DEAD, *row[:-1], reason])
        hung = [line for line in probes.load(journal) if line[-1] == HUNG and line[1] == row[0]]
        if len(hung) == _HANGS:
            probes.note(journal, [probes.DEAD, row[0], None, None, None, HUNG])

    def _digest(self) -> str:
        """Of all that the answer depends on: the environment, the code, the devices."""
        sha = hashlib.sha256((Path(self.env._path) / MARKER).read_bytes())
        for pattern in _DECIDE:
            for file in sorted(Path(self.benchmark_dir).glob(pattern)):
                sha.update(file.read_bytes())
        devices = sorted(Path("/dev").glob("nvidia*")), os.environ.get("CUDA_VISIBLE_DEVICES")
        sha.update(repr((devices, levels.here())).encode())
        return sha.hexdigest()[:16]

    def run(self, name, params_str, profile_path, result_file_name, timeout, cwd):
        benchmark, params = self._parse(name)
        answer, out, code = self._known(benchmark, params), self._breaks(params), 0
        if out:
            answer, code = None, 1
        elif answer is None:
            server = self._server(params.get("device", ""))
            run = server.run if server else super().run
            out, code = run(name, params_str, profile_path, result_file_name, timeout, cwd)
            # A process may have died of what it did after it had this answer (benchmarks/batch.py).
            known = self._known(benchmark, params)
            # Where it came back asv has the answer already, and what it left for itself is dropped.
            answer = known if code else None
        measured = _load(result_file_name) if answer is None and not code else answer
        if _is_infinite(measured):
            # Of a file that holds one asv would save nothing at all (asv_storage.py).
            answer, out, code = None, "an infinite number", 1
            Path(result_file_name).write_text("")
        if answer is not None:
            Path(result_file_name).write_text(json.dumps(answer))  # NaN is asv's mark for "skipped"
            return "", 0
        if code:
            self._note_failure(benchmark, params, out, code)
        return out, code

    def _server(self, device: str) -> runner.ForkServer | None:
        """The fork server of a level, which its library was told before it was loaded; None where
        ``device`` is no level."""
        if device not in levels.OF_DEVICE:
            return None
        if device not in self._held:
            with self.env.held_to(device):
                self._held[device] = runner.ForkServer(self.env, self._root)
            self._held[device].preimport()
        return self._held[device]

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
        if _row_of(self._missing, params):
            return math.nan
        for file in self.env.scratch.glob("answers-*.json"):
            for name, values, answer in json.loads(file.read_text()):
                self._answers[name, *map(str, values)] = answer
            file.unlink()
        return self._answers.pop((benchmark, *params.values()), None)

    def _breaks(self, params: dict[str, str]) -> str:
        """Why a process for this would not come back; "" where nothing is known of that."""
        row = _row_of(self._broken, params)
        return row[-1] if row else ""

    def _note_failure(self, benchmark: str, params: dict[str, str], out: str, code: int) -> None:
        """Keep the reason, which asv only prints: collect.py takes it to the results."""
        self._failures.append({"benchmark": benchmark, "params": params, "reason": why(out, code)})
        (self.env.scratch / "failures.json").write_text(json.dumps(self._failures))


def _row_of(rows: list[list], params: dict[str, str]) -> list | None:
    """The first of ``rows`` of backend, device, op, dtype (None: whichever) that is of these."""
    asked = [params.get(name) for name in ("backend", "device", "op", "dtype")]
    for row in rows:
        if all(mine in (None, theirs) for mine, theirs in zip(row, asked, strict=False)):
            return row
    return None


def _lacking_backends(release: Release) -> list[list]:
    version = release_under_test.numbers(release.version)
    return [
        [name, None, None, None, backends.none(name, release.library)]
        for name in backends.NAMES
        if not backends.has(name, release.library, version)
    ]


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
    if code == -signal.SIGALRM:
        return HUNG
    lines = [line.strip() for line in out.splitlines() if line.strip()]
    if code < 0:
        # What aborts a process says why first, and then prints a stack or what it had in hand.
        told = next(filter(_FATAL.search, lines), lines[-1] if lines else "")
        return f"killed by {signal.Signals(-code).name}" + (f": {told[:300]}" if told else "")
    return lines[-1][:300] if lines else f"exit status {code}"
