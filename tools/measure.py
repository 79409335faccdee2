"""Measure releases, one after the other, in small units that survive a kill.

A unit is one `asv run` of a part of the benchmarks, about a minute of work; asv saves it when it
ends. Whatever stops this, the same command goes on where it was: what is in the results is not
measured again (unless --again), what failed is tried again. Accuracy comes first, times last: with
--interleave N in rounds over N releases at a time, so that a machine's slow hour is not held
against one release.

examples:
  python -m tools.measure "numpy>=2.0"
  python -m tools.measure ALL -b bench_accuracy -b "track_special_failures.*'sin'"
  python -m tools.measure latest --interleave 4

exit code: 0 all is measured; 2 something that you can mend; 3 nothing was measured; 4 some of it
failed, the rest is saved; 130 stopped. (1 is for "worse": tools.compare.)
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.util import UserError, load_json
from tqdm import tqdm

from . import coverage, files, records, scratch, units
from .coverage import Combination
from .environments import ReleaseUnavailable, ensure
from .releases import Release, ReleaseError, load, select
from .workers import ROOT

DONE, MEND, NOTHING, FAILED, STOPPED = 0, 2, 3, 4, 130
# What no later unit would do better with; the first is asv_plugin's word for it.
_HOPELESS = ("cannot be written", "No space left on device", "Read-only file system")


class Driver:
    """Measures with asv and keeps an account of it; holds the lock of the machine's results."""

    def __init__(self, conf: Config, machine: str, lock: int, tmpdir: str):
        self.results, self.machine = Path(conf.results_dir), machine
        self.env_dir = Path(conf.env_dir)
        self.failures: list[str] = []
        self._lock, self._tmpdir = lock, tmpdir
        self._able: dict[Release, bool] = {}
        self.log = ROOT / ".cache" / "measure.log"
        self.log.parent.mkdir(exist_ok=True)
        self.log.write_text("")

    def can(self, release: Release) -> bool:
        """Whether its environment is there or can be made."""
        if release not in self._able:
            try:
                ensure(release, self.env_dir)
                self._able[release] = True
            except ReleaseUnavailable as error:
                self.fail(f"left out: {error}")
                self._able[release] = False
        return self._able[release]

    def fail(self, line: str) -> None:
        self.failures.append(line)
        tqdm.write(line, file=sys.stderr)

    def asv(self, chosen: list[Release], *options: str) -> tuple[int, str]:
        """Exit code and output of `asv run` on these releases."""
        command = [sys.executable, "-m", "asv", "run", "--show-stderr", "--record-samples"]
        environment = os.environ | {"TMPDIR": self._tmpdir, files.HELD: str(self._lock)}
        done = subprocess.run(
            [*command, *options, " ".join(release.name for release in chosen)],
            cwd=ROOT, env=environment, pass_fds=(self._lock,), text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            with self.log.open("a") as log:
                log.write(f"{' '.join(command[2:])} {options} {chosen}\n{done.stdout}\n\n")
        return done.returncode, done.stdout

    def file(self, release: Release) -> dict:
        """Its results as JSON, empty where there are none. Raises UserError."""
        found = list((self.results / self.machine).glob(f"{release.hash[:8]}-*.json"))
        return load_json(str(found[0]), 2) if found else {"results": {}}

    def unmeasured(
        self, release: Release, wanted: dict[str, set[Combination]], benchmarks: dict[str, dict]
    ) -> dict[str, set[Combination]]:
        """What of ``wanted`` has no result, by benchmark. Raises UserError."""
        file = self.file(release)
        try:
            return {
                name: combinations
                - (coverage.measured(file, benchmarks[name]) - coverage.failed(file, name))
                for name, combinations in wanted.items()
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"{release.name}: its results are not asv's: {error!r}") from None


    def run(self, stage: Stage, unit: list[Part], *options: str) -> None:
        """Measure ``unit``, and note what failed. Raises UserError where going on is no use."""
        chosen = [release for release in stage.releases if self.can(release)]
        if not chosen:
            return
        bench = [word for regex in units.regexes(unit) for word in ("--bench", regex)]
        if len(chosen) > 1:
            bench.append("--interleave-rounds")
        code, output = self.asv(chosen, *bench, *options)
        hopeless = [line for line in output.splitlines() if any(word in line for word in _HOPELESS)]
        if hopeless:
            raise UserError(f"{_plain(hopeless[-1])}; mend that, and the same command goes on")
        for release in chosen:
            self._account(release, unit, output, code)

    def _account(self, release: Release, unit: list[Part], output: str, code: int) -> None:
        file = self.file(release)
        for part in unit:
            for name, wanted in part.missing.items():
                if failed := coverage.failed(file, name) & wanted:
                    first = f"{name}({', '.join(min(failed))})"
                    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
                    self.fail(f"failed: {release.name} {first}{more}: {_reason(output, failed)}")
                elif code not in (0, 2):
                    self.fail(f"failed: {release.name} {name} {part.op}: {_last_line(output)}")


def _reason(output: str, failed: set[Combination]) -> str:
    """The last line of what one of the ``failed`` wrote; asv heads it with its parameters."""
    for params, text in re.findall(r"For parameters: (.*)\n((?:(?!.*For parameters:).*\n?)*)", output):
        if tuple(params.strip().split(", ")) in failed:
            return _last_line(text.partition("\n\n")[0])
    return _last_line(output)


def _last_line(output: str) -> str:
    lines = [_plain(line) for line in output.splitlines()]
    return next((line for line in reversed(lines) if line), "asv said nothing")[:300]


def _plain(line: str) -> str:
    """Without asv's marks of progress."""
    return re.sub(r"^\s*(\[[ .%\d]+\])?[ ·]*", "", line).strip()


def measure(args: argparse.Namespace) -> int:
    """What ``python -m tools.measure`` does; returns its exit code. Raises UserError, ReleaseError,
    files.Held, OSError."""
    conf = Config.load(str(ROOT / "asv.conf.json"))
    conf.results_dir, conf.env_dir = str(ROOT / conf.results_dir), str(ROOT / conf.env_dir)
    chosen = select("" if args.range == "ALL" else args.range, load())
    machine = records.this_machine()
    scratch.reclaim()
    lock = Path(conf.results_dir, machine, files.LOCK)
    with files.hold(lock, "tools.measure") as held, scratch.folder() as tmpdir:
        files.sweep_up(lock.parent.parent)
        driver = Driver(conf, machine, held.fileno(), tmpdir)
        benchmarks = _discover(driver, chosen, conf, args.bench)
        return _drive(driver, chosen, benchmarks, args)


def _discover(driver: Driver, chosen: list[Release], conf: Config, bench: list[str]) -> Benchmarks:
    """The benchmarks as they are now. Raises UserError."""
    able = next((release for release in chosen if driver.can(release)), None)
    if able is None:
        raise Nothing
    code, output = driver.asv([able], "--bench", "just-discover")
    if code:
        raise UserError(_last_line(output))
    found = Benchmarks.load(conf, regex=bench)
    if not found:
        raise UserError(f"no benchmark matches {' '.join(bench)}: `asv run -b` says more")
    return found


class Nothing(Exception):
    """There is not one number to show."""


def _drive(driver: Driver, chosen: list[Release], benchmarks: Benchmarks, args) -> int:
    wanted = {}
    for name, benchmark in benchmarks.items():
        every = coverage.combinations(benchmark["params"])
        selected = benchmarks.benchmark_selection[name]
        wanted[name] = {every[place] for place in selected} if selected is not None else {()}
    lacking = {}
    for release in chosen:
        try:
            lacking[release] = driver.unmeasured(release, wanted, benchmarks)
        except UserError as error:
            driver.fail(f"left out: {release.name}: {error}")
    if args.again:
        lacking = dict.fromkeys(lacking, wanted)
    plan = units.stages(lacking, benchmarks, args.interleave)
    _walk(driver, plan, ["--quick"] if args.quick else [])
    ...
