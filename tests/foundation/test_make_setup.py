"""`make setup`: an environment that works stays until there is another one."""

import os
import shutil
import subprocess
import sys

import pytest

from tools.foundation.paths import ROOT

NOWHERE = "nothing==1.0 --hash=sha256:" + 64 * "0" + "\n"


@pytest.fixture
def folder(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").write_text(NOWHERE)
    return tmp_path


def make(folder, python=sys.executable):
    return subprocess.run(
        ["make", ".venv/installed", f"PYTHON={python}"], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PIP_NO_INDEX": "1"},
    )  # fmt: skip


def test_where_pip_cannot_install_the_old_environment_is_there_again(folder):
    (folder / ".venv").mkdir()
    (folder / ".venv" / "works").touch()
    done = make(folder)
    assert done.returncode != 0
    assert ".venv is what it was" in done.stderr
    assert [path.name for path in (folder / ".venv").iterdir()] == ["works"]
    assert not (folder / ".venv.old").exists()


def test_a_first_environment_that_cannot_be_made_leaves_none(folder):
    assert make(folder).returncode != 0
    assert not (folder / ".venv").exists()


def test_an_environment_takes_the_place_of_the_old_one(folder):
    (folder / "requirements.txt").write_text("")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "old").touch()
    assert make(folder).returncode == 0
    assert (folder / ".venv" / "installed").exists()
    assert not (folder / ".venv" / "old").exists()


def test_an_older_python_is_told_what_is_needed(folder, tmp_path):
    python = tmp_path / "python3.10"
    python.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 10); $2"\n'
    )
    python.chmod(0o755)
    done = make(folder, python)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer: make PYTHON=python3.11" in done.stderr
