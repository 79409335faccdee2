"""Copies of the project, in which the real commands run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from asv.util import load_json
from playwright.sync_api import Browser

from . import browser

ROOT = Path(__file__).parent.parent.parent
NOT_COPIED = (".git", ".venv", ".cache", "env", "html", "results", "__pycache__", ".*_cache")


@dataclass(frozen=True)
class Project:
    """A copy of the project with a HOME of its own; its environments are the project's."""

    path: Path
    home: Path

    def start(self, module: str, *args: str, **options) -> subprocess.Popen:
        command = [sys.executable, "-m", module, *args]
        return subprocess.Popen(
            command, cwd=self.path, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def run(self, module: str, *args: str, code: int = 0) -> str:
        """What the command prints; fails where its exit code is not ``code``."""
        done = self.start(module, *args)
        try:
            out, errors = done.communicate(timeout=1800)
        finally:
            done.kill()
        assert done.returncode == code, f"{args} exits {done.returncode}:\n{out}\n{errors}"
        assert "Traceback" not in out + errors, out + errors
        return out + errors if module == "asv" else out

    def asv(self, *args: str, code: int = 0) -> str:
        return self.run("asv", *args, code=code)

    def sweep(self, *args: str) -> list[dict]:
        """The Records of a sweep."""
        return json.loads(self.run("tools.sweep", *args, "--json"))

    @property
    def machine(self) -> Path:
        """The one machine's results."""
        (file,) = self.path.glob("results/*/machine.json")
        return file.parent

    @property
    def index(self) -> dict:
        return load_json(self.path / "html" / "index.json")

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ASV_", "PYTHON", "ULPWATCH_"))
        }
        # HOME is another one, but what was downloaded and configured stays where it is.
        home = Path.home()
        stays = {
            "XDG_CACHE_HOME": home / ".cache",
            "XDG_CONFIG_HOME": home / ".config",
            "XDG_DATA_HOME": home / ".local" / "share",
            "PYENV_ROOT": home / ".pyenv",
            "NPM_CONFIG_CACHE": home / ".npm",
            "NPM_CONFIG_USERCONFIG": home / ".npmrc",
        }
        stays = {name: str(path) for name, path in stays.items()}
        return {**stays, **kept, "HOME": str(self.home)}


def copy_project(folder: Path) -> Project:
    path = folder / "ulpwatch"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode == 0:
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file() and not name.startswith("results/"):
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path / name)
    else:
        shutil.copytree(ROOT, path, ignore=shutil.ignore_patterns(*NOT_COPIED))
    env_dir = ROOT / "env"
    env_dir.mkdir(exist_ok=True)
    conf = load_json(path / "asv.conf.json", js_comments=True)
    (path / "asv.conf.json").write_text(json.dumps(conf | {"env_dir": str(env_dir.resolve())}))
    (path / "env").symlink_to(env_dir.resolve())  # for tools.sweep
    project = Project(path, folder / "home")
    project.home.mkdir()
    project.run("tools.machine")
    return project


@pytest.fixture
def project(tmp_path) -> Project:
    return copy_project(tmp_path)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory) -> Project:
    return copy_project(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[browser.Site]:
    """The committed results as ``asv publish`` publishes them."""
    project = copy_project(tmp_path_factory.mktemp("site"))
    project.run("tools.machine", "reader")  # whose numbers are none of these
    shutil.copytree(ROOT / "results", project.path / "results", dirs_exist_ok=True)
    project.asv("publish")
    with browser.served(project.path / "html") as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as program:
        yield program


@pytest.fixture
def reader(chromium) -> Iterator[browser.Reader]:
    """A new browser page; fails where it asked others for anything or wrote to the console."""
    with chromium.new_context() as context:
        reader = browser.Reader(context.new_page())
        yield reader
    assert reader.foreign == []
    assert reader.complaints == []
