"""Commits and pushes, whoever else pushes meanwhile (tools/push.py says how)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT

WAITS = (5, 10, 20, 40)
"""Seconds before it is tried again."""
_WHO = ("-c", "user.name=github-actions[bot]",
        "-c", "user.email=41898282+github-actions[bot]@users.noreply.github.com",
        "-c", "core.hooksPath=/dev/null")  # fmt: skip
_SECRET = ("ORIGIN", "TOKEN")


class GitError(Mendable):
    """What git says."""


def push(
    project: Path,
    origin: str,
    branch: str,
    findings: Callable[[], None],
    waits: Sequence[float] = WAITS,
) -> None:
    """Commit the table and the results in ``project``, bring the README up to date with
    ``findings``, push both. Raises GitError where that failed after all ``waits``."""

    def git(*args: str) -> str:
        done = subprocess.run(["git", *_WHO, *args], cwd=project, capture_output=True, text=True)
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split()).replace(origin, "ORIGIN")
            raise GitError(f"git {args[0]}: {said}")
        return done.stdout.strip()

    def commit(message: str, *paths: str) -> None:
        git("add", "--", *paths)
        if git("diff", "--cached", "--name-only"):
            git("commit", "--message", message)

    commit("Results of the night", "releases.toml", "results")
    measured = git("rev-parse", "HEAD")
    for wait in (*waits, None):
        try:
            # In a rebase "theirs" is what is put on top: what was measured here.
            git("pull", "--rebase", "--strategy-option=theirs", origin, branch)
            measured = git("rev-parse", "HEAD")
            findings()
            commit("Findings of the night", "README.md", "docs")
            git("push", origin, f"HEAD:{branch}")
            return
        except GitError:
            subprocess.run(["git", "rebase", "--abort"], cwd=project, capture_output=True)
            git("reset", "--hard", measured)
            if wait is None:
                raise
            time.sleep(wait)


def findings() -> None:
    """Made by the code that is there after the pull, which is not told the token."""
    environment = {name: value for name, value in os.environ.items() if name not in _SECRET}
    command = [sys.executable, "-m", "tools.readme"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise GitError(f"the README's findings were not made: {done.stderr[-300:]}")
