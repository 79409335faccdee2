"""The driver's folder for temporary files, which outlives a kill and is found again.

Everything that the driver starts has it as TMPDIR. So what a killed driver left, files and
processes, is known by the name of the folder: an asv that goes on alone, its fork server (which
asv's end does not end), a benchmark.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

PREFIX = "ulpwatch-run-"


def folder() -> tempfile.TemporaryDirectory:
    """A new one for this process."""
    return tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")


def reclaim() -> None:
    """End and remove what drivers left here that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = path.name.removeprefix(PREFIX).partition("-")[0]
        mine = path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid()
        if mine and pid.isdigit() and not Path("/proc", pid).exists():
            end = time.monotonic() + 5
            while (orphans := _started_with(path)) and time.monotonic() < end:
                for orphan in orphans:
                    os.kill(orphan, signal.SIGKILL)
                time.sleep(0.05)
            shutil.rmtree(path, ignore_errors=True)


def _started_with(tmpdir: Path) -> list[int]:
    """The processes that were started with this TMPDIR."""
    mark, found = f"TMPDIR={tmpdir}".encode(), []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in file.read_bytes().split(b"\0"):
                found.append(int(file.parent.name))
        except OSError:  # another user's, or gone
            continue
    return found
