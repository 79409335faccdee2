"""Runs asv for tools.measure, and keeps an account of what came of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asv.results import Results
from asv.util import UserError, load_json

from tools.environments.environment import ReleaseUnavailable, ensure_for
from tools.foundation import safe_files
from tools.foundation.paths import ROOT
from tools.releases.release_table import Release
from tools.results import completeness, schema
from tools.running import scheduler
from tools.running.scheduler import Part

# No later unit would do better.
_HOPELESS = (safe_files.UNWRITABLE, "No space left on device", "Read-only file system")


class Driver:
    """asv, on the results of one machine, whose lock this process holds."""

    def __init__(self, folder: Path, env_dir: Path, lock: int, tmpdir: str):
        self.log = ROOT / ".cache" / "measure.log"
        safe_files.write(self.log, "")
        self.failures: list[str] = []
        self._folder, self._env_dir, self._lock, self._tmpdir = folder, env_dir, lock, tmpdir
        self._able: dict[Release, bool] = {}

    def discover(self, chosen: list[Release]) -> bool:
        """Have asv list the benchmarks as they are now; False where no release can be had.

        Raises UserError.
        """
        able = next((release for release in chosen if self.can(release)), None)
        if able is None:
            return False
        code, output = self._asv([able], "--bench", "just-discover")
        if code:
            raise UserError(f"asv finds no benchmarks: {_last_line(output)}")
        return True

    def results(
        self, release: Release, benchmarks: dict[str, dict], read: Callable = completeness.results
    ) -> dict[str, Any]:
        """What there is, by benchmark: what ``read`` (of completeness.py) finds in asv's file.

        Raises UserError.
        """
        found = {}
        for path in self._folder.glob(f"{release.hash[:8]}-*.json"):
            try:
                file = load_json(str(path), Results.api_version)
                found = {name: read(file, one) for name, one in benchmarks.items()}
            except UserError:
                raise
            except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise UserError(f"{path} is no whole results file of asv's: {error!r}") from None
        return found

    def run(
        self, releases: list[Release], unit: list[Part], benchmarks: dict, *options: str
    ) -> bool:
        """Measure ``unit``, and note what failed; False where no release can be had.

        Raises UserError where going on is no use.
        """
        able = [release for release in releases if self.can(release)]
        if not able:
            return False
        bench = [word for regex in scheduler.regexes(unit) for word in ("--bench", regex)]
        if len(able) > 1:
            bench.append("--interleave-rounds")
        _, output = self._asv(able, *bench, *options)
        hopeless = [line for line in output.splitlines() if any(word in line for word in _HOPELESS)]
        if hopeless:
            raise UserError(f"{_plain(hopeless[-1])}: mend that, and the same command goes on")
        for release in able:
            self._account(release, unit, benchmarks, output)
        return True

    def _account(self, release: Release, unit: list[Part], benchmarks: dict, output: str) -> None:
        found = self.results(release, benchmarks)
        reasons = {
            (row["benchmark"], *row["params"].values()): row["reason"]
            for row in schema.rows(
                self._folder / "failures" / f"{release.name}.jsonl", schema.failure
            )
        }
        alike = defaultdict(list)
        for part in unit:
            for name, wanted in part.missing.items():
                for one in sorted(wanted):
                    if found.get(name, {}).get(one) is None:
                        plain = (name, *(value.strip("'") for value in one))
                        reason = reasons.get(plain) or _last_line(output)
                        alike[reason].append(f"{name}({', '.join(one)})")
        for reason, failed in alike.items():
            more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
            self.failures.append(f"failed: {release.name} {failed[0]}{more}: {reason}")

    def can(self, release: Release) -> bool:
        """Whether its environment is there or can be made."""
        if release not in self._able:
            try:
                ensure_for(release, self._env_dir, self._folder.parent, self._folder.name)
                self._able[release] = True
            except ReleaseUnavailable as error:
                self.failures.append(f"left out: {error}")
                self._able[release] = False
        return self._able[release]

    def _asv(self, releases: list[Release], *options: str) -> tuple[int, str]:
        """Exit code and output of `asv run`, which shares the lock: it may outlive this process."""
        names = " ".join(release.name for release in releases)
        command = [sys.executable, "-m", "asv", "run", "--show-stderr", *options, names]
        environment = os.environ | {"TMPDIR": self._tmpdir, safe_files.HELD: str(self._lock)}
        # tools.measure asks for what is not there, or again for what its user names.
        environment[safe_files.AGAIN] = "1"
        done = subprocess.run(
            command, cwd=ROOT, env=environment, pass_fds=(self._lock,), text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            with self.log.open("a", encoding="utf-8") as log:
                log.write(f"{command[2:]}\n{done.stdout}\n\n")
        return done.returncode, done.stdout


def _last_line(output: str) -> str:
    lines = [_plain(line) for line in output.splitlines()]
    return next((line for line in reversed(lines) if line), "asv said nothing")[:300]


def _plain(line: str) -> str:
    """Without asv's marks of progress."""
    return re.sub(r"^\s*(\[[ .%\d]+\])?[ ·]*", "", line).strip()
