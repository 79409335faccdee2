"""One exact, separate environment per release, made once, and asv's view of them."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from asv import util
from asv.console import log
from asv.environment import Environment
from packaging.version import Version
from uv import find_uv_bin

from . import definitions, files, records, scratch, variables, wheels
from .errors import Mendable
from .interpreters import NoInterpreter, find_python
from .releases import Release, ReleaseRepo

# asv_runner and mpmath, which every release's environment needs beside the release. They lie in a
# folder of their own that comes last on the path, so that they take nobody's place: a release
# finds its own typing_extensions first. The versions in it run on Python 3.6 and on the newest.
HARNESS = Path(__file__).parent / "harness.txt"
MARKER = "ulpwatch.json"
# The first setuptools that uv can build source packages with (PEP 517, without a pyproject.toml):
# what TensorFlow needs that has no wheel is built with this one where its own day had none.
BUILDABLE_SINCE = dt.datetime(2019, 3, 10, tzinfo=dt.UTC)
# NVIDIA's driver is loaded. TensorFlow finds no GPU without CUDA's libraries, which it brings since
# 2.14 as an extra of 3 GB; before, they are the machine's to have.
_GPU = Path("/proc/driver/nvidia/version")
_BRINGS_CUDA = "2.14"
# What is known of results by their bits, from release to release (benchmarks/_scratch.py).
_KEPT = Path(__file__).parent.parent / ".cache" / "kept"


ONE_KIND = (
    "a release runs on the Python that releases.toml says: leave out --python and --environment"
)


class ReleaseUnavailable(util.ProcessError):
    """This release cannot be had here; the message is one line that says why.

    A ProcessError, because that is what asv takes as "this commit cannot be built, go on".
    """

    def __init__(self, message: str):
        super().__init__([], 1, "", message)
        self.message = message

    def __str__(self) -> str:
        return self.message


def ensure(release: Release, env_dir: Path) -> Path:
    """The folder of ``release``'s environment, made if it is missing, damaged or out of date.

    Raises ReleaseUnavailable.
    """
    path = env_dir.absolute() / release.name
    try:
        if not (is_whole(path, release) and _harness_is_whole(path.parent)):
            # One at a time: another may be making it, or the harness, just now.
            with files.hold(path.parent / files.LOCK, wait=True):
                if not is_whole(path, release):
                    _make(path, release)
                _harness(path.parent, release)
    except OSError as error:
        raise ReleaseUnavailable(f"{release.name}: no environment at {path}: {error}") from None
    return path


def ensure_for(release: Release, env_dir: Path, results: Path, machine: str) -> Path:
    """The same, to measure for ``machine``. Raises ReleaseUnavailable, also where its results are
    of other files."""
    path = ensure(release, env_dir)
    try:
        then = records.listing(results, machine, release.name).get("wheels", {})
        wheels.compare(release.name, listing(path).get("wheels", {}), then)
    except Mendable as error:
        raise ReleaseUnavailable(str(error)) from None
    return path


def mend(release: Release, path: Path) -> bool:
    """Make the environment in ``path`` anew where a file in it is not what its package says, by its
    hash; whether one was. For when something in it fails: to hash a TensorFlow takes seconds.

    Raises ReleaseUnavailable.
    """
    with files.hold(path.parent / files.LOCK, wait=True):
        try:
            odd = set(listing(path).get("odd", ()))
            whole = all(_damaged(site, by_hash=True) <= odd for site in _sites(path))
        except (OSError, ValueError):
            whole = False
        if not whole:
            _make(path, release)
    return not whole


def _sites(path: Path) -> list[Path]:
    return list(path.glob("lib/python3*/site-packages"))


def listing(path: Path) -> dict:
    """What is in the environment: release, Python, packages with versions, day of resolution."""
    return json.loads((path / MARKER).read_text())


def is_whole(path: Path, release: Release) -> bool:
    """Whether the environment in ``path`` is that of ``release``, as it was made."""
    try:
        marker = listing(path)
        if marker["recipe"] != _recipe(release) or marker["packages"] != _packages(path):
            return False
        if not _holds(release, marker["packages"]):
            return False
        # What was so when it was made, an odd package may be for good.
        odd = set(marker.get("odd", ()))
        return all(_damaged(site) <= odd for site in _sites(path))
    except (OSError, ValueError, KeyError, ReleaseUnavailable):
        return False


def _holds(release: Release, packages: list[str]) -> bool:
    """Whether ``packages``, lines of `pip freeze`, have this very release and no other of it."""
    pinned = (line.partition("==") for line in packages)
    found = [version for name, _, version in pinned if name.lower() == release.library]
    return len(found) == 1 and Version(found[0]) == release.parsed


def _damaged(site: Path, by_hash: bool = False) -> set[str]:
    """Of the files that the packages in ``site`` list (RECORD), those that are not there, or not as
    long as it says, or have another hash; `pip freeze` looks at no file."""
    found = set()
    for record in site.glob("*.dist-info/RECORD"):
        with record.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row]
        for name, digest, size in (row for row in rows if len(row) == 3):
            as_long = _is_as_long(site / name, size)
            if not as_long or (by_hash and digest and not _has_hash(site / name, digest)):
                found.add(name)
    return found


def _is_as_long(file: Path, size: str) -> bool:
    """Bytecode is compiled anew, also what came in a wheel (numpy/distutils has some)."""
    try:
        return str(file.stat().st_size) == size or not size or file.suffix == ".pyc"
    except FileNotFoundError:
        return False


def _has_hash(file: Path, digest: str) -> bool:
    """Whether ``file`` has the ``digest`` of RECORD, like ``sha256=`` and URL-safe base64."""
    name, _, wanted = digest.partition("=")
    with file.open("rb") as content:
        found = hashlib.file_digest(content, name).digest()
    is_wanted = base64.urlsafe_b64encode(found).rstrip(b"=").decode() == wanted.rstrip("=")
    return is_wanted or file.suffix == ".pyc"


def _recipe(release: Release) -> str:
    """Changes when environments must be made anew."""
    text = f"3 {_wanted(release)} {release.python} {release.uploaded} {HARNESS.read_text()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _make(path: Path, release: Release) -> None:
    try:
        python = find_python(release.python)
    except NoInterpreter as error:
        raise ReleaseUnavailable(f"{release.name} {error}") from None
    log.info(f"Making the environment of {release.name} (Python {release.python})")
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    virtualenv = [sys.executable, "-m", "virtualenv", "--quiet", "--no-seed"]
    _run(release, *virtualenv, "--python", str(python), str(path))
    site = next(path.glob("lib/python3*/site-packages"))
    for leftover in site.glob("_virtualenv.p*"):  # prints a SyntaxError on Python 3.6, 3.7
        leftover.unlink()
    _lock(release, path)
    _install(release, path)
    if _damaged(site, by_hash=True):
        # Files are hard links into uv's cache: it has been damaged through another environment.
        _install(release, path, "--reinstall", "--no-cache")
    packages = _packages(path)
    if not _holds(release, packages):
        raise ReleaseUnavailable(f"{release.name}: uv installed another one: {' '.join(packages)}")
    (site / "ulpwatch-harness.pth").write_text(f"{_harness(path.parent, release)}\n")
    # uv's own --compile-bytecode fails on Python 3.6. Without bytecode TensorFlow takes twice
    # as long to import, every time. Packages may hold files for other Pythons: not an error.
    compile_all = [str(path / "bin" / "python"), "-m", "compileall", "-q", "-j0"]
    compile_all += [str(site), str(path.parent / "harness")]
    subprocess.run(compile_all, capture_output=True, env=variables.clean())
    marker = {
        "release": release.requirement,
        "recipe": _recipe(release),
        "python": _run(release, str(path / "bin" / "python"), "--version").strip(),
        "packages": packages,
        "wheels": wheels.installed(path / wheels.LOCK, site),
        "odd": sorted(_damaged(site, by_hash=True)),
        "resolved_before": _day_after(release).isoformat(),
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    (path / MARKER).write_text(json.dumps(marker, indent=1))


def _lock(release: Release, path: Path) -> None:
    """Choose the release with its dependencies as of its day. Raises ReleaseUnavailable."""
    wanted = path / "wanted.txt"
    wanted.write_text(f"{_wanted(release)}\n")
    lock = path / wheels.LOCK
    options = ["--python", str(path / "bin" / "python"), "--format", "pylock.toml", "--no-header"]
    _uv(release, "pip", "compile", str(wanted), *options, "-o", str(lock), *_limits(release))
    try:
        wheels.check(release.name, lock, release.library, release.sha256)
    except wheels.OtherFile as error:
        raise ReleaseUnavailable(str(error)) from None


def _install(release: Release, path: Path, *options: str) -> None:
    target = ["--python", str(path / "bin" / "python"), "-r", str(path / wheels.LOCK)]
    # The limits also hold for what builds a package that has no wheel.
    _uv(release, "pip", "install", *options, *target, *_limits(release))


def _limits(release: Release) -> list[str]:
    """To files as of the release's day (its own and its dependencies' take hours to come)."""
    limits = [f"--exclude-newer={_stamp(_day_after(release))}"]
    if release.uploaded < BUILDABLE_SINCE:
        for tool in ("setuptools", "wheel"):
            limits.append(f"--exclude-newer-package={tool}={_stamp(BUILDABLE_SINCE)}")
    return limits


def _wanted(release: Release) -> str:
    """What to install: on a machine with a GPU also what the release needs to run there."""
    brings = release.library == "tensorflow" and release.parsed >= Version(_BRINGS_CUDA)
    if not (brings and _GPU.exists()):
        return release.requirement
    return f"{release.library}[and-cuda]=={release.version}"


def _harness(env_dir: Path, release: Release) -> Path:
    """The folder with asv_runner and mpmath, made once for all environments."""
    folder = env_dir / "harness"
    if not _harness_is_whole(env_dir):
        shutil.rmtree(folder, ignore_errors=True)
        # 3.7, because that is the oldest that asv_runner asks for; its source runs on 3.6 too.
        options = ["--target", str(folder), "--python-version", "3.7", "--no-deps"]
        hashed = ["--require-hashes", "-r", str(HARNESS)]
        _uv(release, "pip", "install", *options, *hashed)
        (folder / "digest").write_text(_harness_digest())
    return folder


def _harness_is_whole(env_dir: Path) -> bool:
    stamp = env_dir / "harness" / "digest"
    try:
        return stamp.read_text() == _harness_digest() and not _damaged(stamp.parent)
    except (OSError, ValueError):
        return False


def _harness_digest() -> str:
    return hashlib.sha256(HARNESS.read_bytes()).hexdigest()


def _packages(path: Path) -> list[str]:
    target = ["--python", str(path / "bin" / "python")]
    return _uv(None, "pip", "freeze", *target).split()


def _day_after(release: Release) -> dt.datetime:
    return release.uploaded + dt.timedelta(days=1)


def _stamp(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _uv(release: Release | None, *args: str) -> str:
    """What ``uv args`` prints; no file of settings that the user has changes what it installs."""
    command = find_uv_bin(), *args, "--quiet", "--no-config"
    return _run(release, *command, env=variables.for_uv())


def _run(release: Release | None, *command: str, env: dict[str, str] | None = None) -> str:
    env = variables.clean() if env is None else env
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        name = release.name if release else "environment"
        raise ReleaseUnavailable(f"{name}: {Path(command[0]).name}: {' '.join(lines)[:400]}")
    return done.stdout


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
        self.release: Release | None = None
        self._installed: str | None = None
        self._left_out: set[str] = set()
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
            whose = Path(self.results_dir), self.machine or ""
            self._path = str(ensure_for(release, Path(self._env_dir), *whose))
        except ReleaseUnavailable as error:
            # asv comes twice, to find the benchmarks and to run them.
            if commit_hash not in self._left_out:
                log.error(f"left out: {error}")
            self._left_out.add(commit_hash)
            raise
        self.release = release
        self._installed = commit_hash
        self._set_commit_hash(commit_hash)
        self.scratch.mkdir(exist_ok=True)
        kept = Path(os.environ.get("ULPWATCH_KEPT", _KEPT)) / definitions.digest("sweep")
        kept.mkdir(parents=True, exist_ok=True)
        whose = self.machine or "", release.name
        self._global_env_vars |= {
            "ASV_ENV_DIR": self._path,
            "ULPWATCH_RELEASE": release.requirement,
            "ULPWATCH_SCRATCH": os.fspath(self.scratch),
            "ULPWATCH_KEPT": os.fspath(kept),
            "ULPWATCH_RECORDS": str(records.path(Path(self.results_dir).absolute(), *whose)),
        }

    @property
    def scratch(self) -> Path:
        """Where the processes that measure the release in hand leave what they found."""
        return Path(self._all_scratch.name) / self.release.name

    def end(self) -> None:
        """End what was started to measure, and remove what it left."""
        scratch.end(Path(self._all_scratch.name))
        self._all_scratch.cleanup()

    def run(self, args, env=None, **kwargs):
        log.debug(f"Running {args} in {self._path}")
        # The matrix's variables are in ``env``, beside the shell's of the same kind.
        env = variables.clean(os.environ if env is None else env) | self.env_vars
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
