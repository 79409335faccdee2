"""Files that outlive a kill: written whole or not at all, by one process at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
from pathlib import Path
from typing import TextIO

from tools.foundation.errors import Mendable

LOCK = ".lock"
HELD = "ULPWATCH_LOCK"
"""Names the descriptor of the lock that this process, or the one that started it, holds."""
AGAIN = "ULPWATCH_AGAIN"
"""Set where what is there may be measured again, however well it was."""
LEFTOVERS = "*.new"
UNWRITABLE = "cannot be written"


class Held(Mendable):
    """Another process holds the lock; the message is one line that says which, and what to do."""

    def __init__(self, folder: Path, by: dict):
        holder = "{what} (pid {pid}, since {since})".format(**by) if by else "another process"
        super().__init__(f"{folder} is in use by {holder}: wait until that ends, or end it")
        self.alive = not by or Path("/proc", str(by["pid"])).exists()
        """False where the process that took it is gone: one that it started has it still."""


def write(file: Path, text: str) -> None:
    """Write beside, then rename: a file is whole or what it was before. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with beside.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())  # else a power cut may leave the new name on no data
        beside.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def sweep_up(folder: Path) -> None:
    """Remove what :func:`write` left below ``folder`` when its process was killed."""
    for leftover in folder.rglob(LEFTOVERS):
        pid = leftover.name.split(".")[-2]
        if pid.isdigit() and not Path("/proc", pid).exists():
            leftover.unlink(missing_ok=True)


def hold(file: Path, what: str = "", wait: bool = False) -> TextIO:
    """Lock ``file``, until what this returns is closed.

    ``what`` is told to those who come meanwhile. They get Held, or ``wait`` their turn. The kernel
    lets go when the last process with the descriptor ends, however it ends: no lock is ever stale.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    held = file.open("a+", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        held.close()
        raise Held(file.parent, _who(file)) from None
    now = dt.datetime.now(dt.UTC).isoformat(sep=" ", timespec="seconds")
    held.truncate(0)
    held.write(json.dumps({"what": what, "pid": os.getpid(), "since": now}))
    held.flush()
    return held


def is_held(file: Path) -> bool:
    """Whether this process, or the one that started it, holds ``file``."""
    try:
        return os.path.samestat(os.fstat(int(os.environ[HELD])), file.stat())
    except (KeyError, ValueError, OSError):
        return False


def _who(file: Path) -> dict:
    """Who holds the lock: what, pid and since; empty where the file does not say (yet)."""
    try:
        by = json.loads(file.read_text(encoding="utf-8"))
        return {key: by[key] for key in ("what", "pid", "since")}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
