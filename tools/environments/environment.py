"""One exact, separate environment per release, made once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from asv import util
from asv.console import log
from packaging.version import Version
from uv import find_uv_bin

from benchmarks.libraries import BY_NAME
from tools.environments import locked_files
from tools.environments.integrity import damaged
from tools.foundation import clean_environment, safe_files
from tools.foundation.errors import Mendable
from tools.foundation.pythons import NoInterpreter, find_python
from tools.releases import builds
from tools.releases.release_table import Release
from tools.results import records

# asv_runner and mpmath, which every release's environment needs beside the release. They lie in a
# folder of their own that comes last on the path, so that they take nobody's place: a release
# finds its own typing_extensions first. The versions in it run on Python 3.6 and on the newest.
HARNESS = Path(__file__).parent / "harness.txt"
MARKER = "ulpwatch.json"
# The first setuptools that uv can build source packages with (PEP 517, without a pyproject.toml):
# what TensorFlow needs that has no wheel is built with this one where its own day had none.
BUILDABLE_SINCE = dt.datetime(2019, 3, 10, tzinfo=dt.UTC)
# NVIDIA's driver is loaded.
_GPU = Path("/proc/driver/nvidia/version")


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
            with safe_files.hold(path.parent / safe_files.LOCK, wait=True):
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
        locked_files.compare(release.name, listing(path).get("wheels", {}), then)
    except Mendable as error:
        raise ReleaseUnavailable(str(error)) from None
    return path


def mend(release: Release, path: Path) -> bool:
    """Make the environment in ``path`` anew where a file in it is not what its package says, by its
    hash; whether one was. For when something in it fails: to hash a TensorFlow takes seconds.

    Raises ReleaseUnavailable.
    """
    with safe_files.hold(path.parent / safe_files.LOCK, wait=True):
        try:
            odd = set(listing(path).get("odd", ()))
            whole = all(damaged(site, by_hash=True) <= odd for site in _sites(path))
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
        if marker["recipe"] != _recipe(release):
            return False
        if release.is_installed:
            return bool(_unchanged(release))  # what else is in somebody's environment is his
        if marker["packages"] != _packages(path) or not _holds(release, marker["packages"]):
            return False
        # What was so when it was made, an odd package may be for good.
        odd = set(marker.get("odd", ()))
        return all(damaged(site) <= odd for site in _sites(path))
    except (OSError, ValueError, KeyError, ReleaseUnavailable):
        return False


def _holds(release: Release, packages: list[str]) -> bool:
    """Whether ``packages``, lines of `pip freeze`, have this very release and no other of it."""
    if release.origin:
        return any(line.lower().startswith(f"{release.library} @ ") for line in packages)
    pinned = (line.partition("==") for line in packages)
    found = [version for name, _, version in pinned if name.lower() == release.library]
    return len(found) == 1 and Version(found[0]) == release.parsed


def _recipe(release: Release) -> str:
    """Changes when environments must be made anew."""
    build = " ".join([release.origin, *release.sha256]) if release.origin else ""
    wanted = " ".join(_wanted(release))
    text = f"3 {wanted} {release.python} {release.uploaded} {HARNESS.read_text()}{build}"
    return hashlib.sha256(text.encode()).hexdigest()


def _make(path: Path, release: Release) -> None:
    for program, package in BY_NAME[release.library].programs:
        if shutil.which(program) is None:
            said = f"{program} is not installed (Debian: apt-get install {package})"
            raise ReleaseUnavailable(f"{release.name}: {said}")
    installed = release.is_installed
    told = _unchanged(release) if installed else {}
    try:
        python = Path(release.origin) if installed else find_python(release.python)
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
    if installed:
        # Comes before the harness, which must take nobody's place. Follows that environment's own
        # .pth files, too: an editable installation is one.
        lines = [f"import site; site.addsitedir({folder!r})\n" for folder in told["sites"]]
        (site / "ulpwatch-build.pth").write_text("".join(lines))
        packages = _packages_of(python)
    else:
        _lock(release, path)
        _install(release, path)
        if damaged(site, by_hash=True):
            # Files are hard links into uv's cache: it has been damaged through another environment.
            _install(release, path, "--reinstall", "--no-cache")
        packages = _packages(path)
        if not _holds(release, packages):
            said = f"{release.name}: uv installed another one: {' '.join(packages)}"
            raise ReleaseUnavailable(said)
        if release.origin:
            told = builds.facts(release.library, path / "bin" / "python")
    (site / "ulpwatch-harness.pth").write_text(f"{_harness(path.parent, release)}\n")
    # uv's own --compile-bytecode fails on Python 3.6. Without bytecode TensorFlow takes twice
    # as long to import, every time. Packages may hold files for other Pythons: not an error.
    compile_all = [str(path / "bin" / "python"), "-m", "compileall", "-q", "-j0"]
    compile_all += [str(site), str(path.parent / "harness")]
    subprocess.run(compile_all, capture_output=True, env=clean_environment.clean())
    marker = {
        "release": release.requirement,
        "recipe": _recipe(release),
        "python": _run(release, str(path / "bin" / "python"), "--version").strip(),
        "packages": packages,
        "wheels": {} if installed else locked_files.installed(path / locked_files.LOCK, site),
        "odd": sorted(damaged(site, by_hash=True)),
        "resolved_before": _day_after(release).isoformat(),
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    if told:
        marker["build"] = {"origin": release.origin, "sha256": release.sha256[0], **told["about"]}
    (path / MARKER).write_text(json.dumps(marker, indent=1))


def _unchanged(release: Release) -> dict:
    """What the build's own Python tells. Raises ReleaseUnavailable where it is another by now."""
    try:
        told = builds.facts(release.library, Path(release.origin))
    except Mendable as error:
        raise ReleaseUnavailable(f"{release.name}: {error}") from None
    if (builds.digest(told["folders"]),) != release.sha256:
        raise ReleaseUnavailable(f"{release.name} was another build: name this one with --label")
    return told


def _lock(release: Release, path: Path) -> None:
    """Choose the release with its dependencies as of its day. Raises ReleaseUnavailable."""
    wanted = path / "wanted.txt"
    wanted.write_text("".join(f"{one}\n" for one in _wanted(release)))
    lock = path / locked_files.LOCK
    options = ["--python", str(path / "bin" / "python"), "--format", "pylock.toml", "--no-header"]
    _uv(release, "pip", "compile", str(wanted), *options, "-o", str(lock), *_limits(release))
    try:
        locked_files.check(release.name, lock, release.library, release.sha256)
    except locked_files.OtherFile as error:
        raise ReleaseUnavailable(str(error)) from None


def _install(release: Release, path: Path, *options: str) -> None:
    target = ["--python", str(path / "bin" / "python"), "-r", str(path / locked_files.LOCK)]
    # The limits also hold for what builds a package that has no wheel.
    _uv(release, "pip", "install", *options, *target, *_limits(release))


def _limits(release: Release) -> list[str]:
    """To files as of the release's day (its own and its dependencies' take hours to come)."""
    limits = [f"--exclude-newer={_stamp(_day_after(release))}"]
    if release.uploaded < BUILDABLE_SINCE:
        for tool in ("setuptools", "wheel"):
            limits.append(f"--exclude-newer-package={tool}={_stamp(BUILDABLE_SINCE)}")
    return limits


def _wanted(release: Release) -> list[str]:
    """What to install: on a machine with a GPU also what the release needs to run there."""
    row = BY_NAME[release.library]
    if release.origin:
        return [f"{release.library} @ {Path(release.origin).as_uri()}", *row.besides]
    extras = [row.extra] if row.extra else []
    if row.gpu and release.parsed >= Version(row.gpu[1]) and _GPU.exists():
        extras.append(row.gpu[0])
    of_release = release.requirement
    if extras:
        of_release = f"{release.library}[{','.join(extras)}]=={release.version}"
    return [of_release, *row.besides]


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
        return stamp.read_text() == _harness_digest() and not damaged(stamp.parent)
    except (OSError, ValueError):
        return False


def _harness_digest() -> str:
    return hashlib.sha256(HARNESS.read_bytes()).hexdigest()


def _packages(path: Path) -> list[str]:
    return _packages_of(path / "bin" / "python")


def _packages_of(python: Path) -> list[str]:
    return _uv(None, "pip", "freeze", "--python", str(python)).splitlines()


def _day_after(release: Release) -> dt.datetime:
    return release.uploaded + dt.timedelta(days=1)


def _stamp(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _uv(release: Release | None, *args: str) -> str:
    """What ``uv args`` prints; no file of settings that the user has changes what it installs."""
    command = find_uv_bin(), *args, "--quiet", "--no-config"
    return _run(release, *command, env=clean_environment.for_uv())


def _run(release: Release | None, *command: str, env: dict[str, str] | None = None) -> str:
    env = clean_environment.clean() if env is None else env
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        name = release.name if release else "environment"
        raise ReleaseUnavailable(f"{name}: {Path(command[0]).name}: {' '.join(lines)[:400]}")
    return done.stdout
