"""A command's folder for temporary files, which outlives a kill and is found again.

Everything that tools.measure, or an asv of its own, starts has it, or a folder in it, as TMPDIR. So
what a killed one left, files and processes, is known by the name of the folder: an asv that goes on
alone, its fork server (which asv's end does not end), a benchmark.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from tools.foundation import safe_files

PREFIX = "ulpwatch-run-"


def folder() -> tempfile.TemporaryDirectory:
    """A new one for this process."""
    return tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")


@contextlib.contextmanager
def own() -> Iterator[None]:
    """All temporary files of this process in a folder of its own, where it has none yet."""
    before = tempfile.tempdir
    if of_command() is not None:
        yield
        return
    with folder() as tempfile.tempdir:
        try:
            yield
        finally:
            tempfile.tempdir = before


def of_command() -> Path | None:
    """That of this process, or of the one that started it; None where neither has one."""
    folder = Path(tempfile.gettempdir())
    return folder if folder.name.startswith(PREFIX) else None


def reclaim(hold: Callable[[], TextIO]) -> TextIO:
    """What ``hold`` returns, when what killed commands left here is ended and removed.

    Raises what ``hold`` raises: files.Held at once where a living process is named, else after 10 s
    of looking again. For what a killed command started may hold its lock a moment longer than it
    can be found: before its `exec` a process has the command's environment, after its end none, but
    has its files.
    """
    deadline = time.monotonic() + 10
    while True:
        left = list(_left())
        for path in left:
            end(path)
        try:
            held = hold()
        except safe_files.Held as error:
            if error.alive or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            for path in left:
                shutil.rmtree(path, ignore_errors=True)
            return held


def _left() -> Iterator[Path]:
    """The folders of commands that are gone."""
    mine = of_command()
    for path in (mine.parent if mine else Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        pid = path.name.removeprefix(PREFIX).partition("-")[0]
        ours = path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid()
        if ours and pid.isdigit() and not Path("/proc", pid).exists():
            yield path


def end(tmpdir: Path) -> None:
    """End what was started with this TMPDIR, and whatever that starts meanwhile."""
    deadline = time.monotonic() + 5
    while (orphans := _started_with(tmpdir)) and time.monotonic() < deadline:
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        time.sleep(0.05)


def _started_with(tmpdir: Path) -> list[int]:
    """The processes that were started with this TMPDIR, or one below it."""
    mark, found = f"TMPDIR={tmpdir}".encode(), []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if any((one + b"/").startswith(mark + b"/") for one in file.read_bytes().split(b"\0")):
                found.append(int(file.parent.name))
        except OSError:  # another user's, or gone
            continue
    return found
