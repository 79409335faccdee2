"""asv's view of the environments: one for all, whose folder is that of the release in hand."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from asv import util
from asv.console import log
from asv.environment import Environment

from benchmarks import levels
from benchmarks.process import release_under_test
from tools.environments.environment import ReleaseUnavailable, ensure_for, mend
from tools.foundation import clean_environment, code_digest, temporary
from tools.foundation.paths import CACHE
from tools.releases.release_table import Release
from tools.releases.repository import ReleaseRepo
from tools.results import records

# What is known of results by their bits, from release to release (benchmarks/process/exchange.py).
_KEPT = CACHE / "kept"
ONE_KIND = (
    "a release runs on the Python that releases.toml says: leave out --environment; "
    "--python names one whose library is measured, as in `asv run --python PATH numpy`"
)


class ReleaseEnvironment(Environment):
    """asv's view: one environment for all, whose folder is that of the release in hand."""

    tool_name = "release"
    current: ReleaseEnvironment | None = None
    """The one that asv made; asv.conf.json asks for one."""
    machine: str | None = None
    """The name that results are saved under."""

    def __init__(self, conf, python, requirements, tagged_env_vars):
        if python != "release":
            raise util.UserError(ONE_KIND)
        ReleaseEnvironment.current = self
        self._requirements = {}  # asv reads it before it sets it
        self.results_dir = conf.results_dir
        self._release: Release | None = None
        self._installed: str | None = None
        self._left_out: set[str] = set()
        self._held: dict[str, str] = {}
        # What the benchmarks leave for each other and for the records, while asv runs.
        self._all_scratch = tempfile.TemporaryDirectory(prefix="ulpwatch-")
        super().__init__(conf, python, requirements, tagged_env_vars)
        self._global_env_vars |= {
            "PYTHONNOUSERSITE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # TensorFlow leaves a file for each function that it compiles.
            "TMPDIR": self._all_scratch.name,
        }

    @classmethod
    def matches(cls, python: str) -> bool:
        return python == "release"

    def create(self) -> None:
        """Nothing yet: what is made depends on the release."""
        self._is_setup = True

    @property
    def installed_commit_hash(self) -> str | None:
        return self._installed

    def _get_installed_commit_hash(self) -> str | None:
        return self._installed

    def install_project(self, conf, repo: ReleaseRepo, commit_hash: str) -> None:
        """Turn to the environment of a release. Raises ReleaseUnavailable (logged, one line)."""
        if self._installed == commit_hash:
            return
        self._installed = None
        release = repo.release(commit_hash)
        try:
            folder = Path(self.results_dir)
            path = ensure_for(release, Path(self._env_dir), folder, self.machine or "")
            self._path = str(path)
        except ReleaseUnavailable as error:
            # asv comes twice, to find the benchmarks and to run them.
            if commit_hash not in self._left_out:
                log.error(f"left out: {error}")
            self._left_out.add(commit_hash)
            raise
        self._release = release
        self._installed = commit_hash
        self._set_commit_hash(commit_hash)
        self.scratch.mkdir(exist_ok=True)
        kept = Path(os.environ.get("ULPWATCH_KEPT", _KEPT)) / code_digest.digest("accuracy.sweep")
        kept.mkdir(parents=True, exist_ok=True)
        self._global_env_vars |= {
            "ASV_ENV_DIR": self._path,
            "ULPWATCH_RELEASE": release.requirement,
            "ULPWATCH_SCRATCH": os.fspath(self.scratch),
            "ULPWATCH_KEPT": os.fspath(kept),
            "ULPWATCH_RECORDS": str(
                records.path(folder.absolute(), self.machine or "", release.name)
            ),
        }

    @contextlib.contextmanager
    def held_to(self, device: str) -> Iterator[None]:
        """What is started meanwhile computes at the level that ``device`` is (levels.py)."""
        library, version = self.release.library, self.release.version
        self._held = levels.variables(library, release_under_test.numbers(version), device)
        try:
            yield
        finally:
            self._held = {}

    @property
    def release(self) -> Release:
        """The one in hand; there is one as soon as asv has installed it."""
        assert self._release is not None
        return self._release

    @property
    def scratch(self) -> Path:
        """Where the processes that measure the release in hand leave what they found."""
        return Path(self._all_scratch.name) / self.release.name

    def end(self) -> None:
        """End what was started to measure, and remove what it left."""
        temporary.end(Path(self._all_scratch.name))
        self._all_scratch.cleanup()

    def run(self, args, env=None, **kwargs):
        log.debug(f"Running {args} in {self._path}")
        # The matrix's variables are in ``env``, beside the shell's of the same kind.
        env = clean_environment.clean(os.environ if env is None else env)
        env |= self.env_vars | self._held
        try:
            return self.run_executable("python", args, env=env, **kwargs)
        except util.ProcessError:
            if not self.mend():
                raise
            return self.run_executable("python", args, env=env, **kwargs)

    def mend(self) -> bool:
        """Whether something failed because of a damaged file in the environment, which is made anew
        then. Raises ReleaseUnavailable."""
        found = mend(self.release, Path(self._path))
        if found:
            log.warning(f"files of {self.release.name} were damaged: its environment is made anew")
        return found
