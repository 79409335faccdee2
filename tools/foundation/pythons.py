"""Where a Python of a given minor version is: PATH, pyenv, uv's own store, or fetched by uv."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.version import Version
from uv import find_uv_bin

from tools.foundation import clean_environment


class NoInterpreter(LookupError):
    """There is no such Python here; the message says what to install."""


@functools.cache
def find_python(minor: str) -> Path:
    """An interpreter of CPython ``minor`` (like ``3.11``).

    Raises NoInterpreter where there is none and none can be fetched.
    """
    for candidate in (*_on_path(minor), *_in_pyenv(minor), *_from_uv("find", minor)):
        if _is_minor(candidate, minor):
            return candidate
    if _uv("python", "install", minor) is not None:
        for candidate in _from_uv("find", minor):
            if _is_minor(candidate, minor):
                return candidate
    raise NoInterpreter(
        f"needs Python {minor}: `pyenv install {minor}` or `uv python install {minor}`"
    )


def _on_path(minor: str) -> list[Path]:
    # A machine with one Python may call it python3 only; ours here is in a virtual environment.
    names = (f"python{minor}", f"{sys.base_prefix}/bin/python{minor}", "python3", "python")
    return [Path(found) for name in names if (found := shutil.which(name))]


def _in_pyenv(minor: str) -> list[Path]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = [path for path in root.glob(f"versions/{minor}.*") if path.name.count(".") == 2]
    numbered = [path for path in installed if path.name.replace(".", "").isdigit()]
    newest_first = sorted(numbered, key=lambda path: Version(path.name), reverse=True)
    return [path / "bin" / "python" for path in newest_first]


def _from_uv(command: str, minor: str) -> list[Path]:
    found = _uv("python", command, "--managed-python", minor)
    return [Path(found)] if found else []


def _uv(*args: str) -> str | None:
    """What ``uv args`` prints, None where it fails (no network, nothing found)."""
    try:
        command, env = [find_uv_bin(), *args, "--no-config"], clean_environment.for_uv()
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=env)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _is_minor(python: Path, minor: str) -> bool:
    """Whether ``python`` really runs, and is what its name says (a pyenv shim may be neither)."""
    code = "import platform as p; print(p.python_implementation(), p.python_version())"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.startswith(f"CPython {minor}.")
