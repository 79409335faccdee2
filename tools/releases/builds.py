"""A library that somebody has built or installed himself, measured beside the releases.

``--python PATH`` names the Python of an environment that has it; nothing is changed there.
``--wheel FILE`` names a wheel, for which an environment is made as for a release. It is filed as
``numpy-2.6.0.dev0+mine``, or as ``numpy-2.4.6@mine`` where a release has that version or
``--label`` says so, in ``builds.toml`` beside the table of releases. A build that has changed is
another one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import re
import subprocess
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from benchmarks.libraries import BY_NAME
from tools.foundation import clean_environment
from tools.releases import release_table
from tools.releases.package_index import PREFERRED_PYTHON
from tools.releases.release_table import Release, ReleaseError

_LABEL = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
# What Python tells of a library in its environment. NumPy's own account of its build is the only
# one in a form that another program reads.
_ASK = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
library = importlib.import_module(sys.argv[1])
about = {}
try:
    about["build"] = library.show_config(mode="dicts")
except Exception:
    pass
for name in ("_core", "core"):
    try:
        built = importlib.import_module(f"{sys.argv[1]}.{name}._multiarray_umath")
        features = built.__cpu_features__
        about["features"] = sorted(one for one in features if features[one])
        break
    except Exception:
        pass
version = getattr(library, "version", None)
commits = getattr(version, "git_revision", None), getattr(library, "__git_version__", None)
about["commit"] = commits[0] or commits[1]
sites = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
print(json.dumps({"version": library.__version__, "python": "%d.%d" % sys.version_info[:2],
                  "folders": list(library.__path__), "sites": sites, "about": about}))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--python", type=Path, metavar="PATH",
                     help="measure the library of this Python's environment, as it is")  # fmt: skip
    one.add_argument("--wheel", type=Path, metavar="FILE", help="measure the library in this wheel")
    parser.add_argument("--label", default="", metavar="NAME",
                        help="of that build, to tell it from others of its version")  # fmt: skip


def asked(args: argparse.Namespace, library: str) -> Release | None:
    """The build of ``library`` that the options name, written into the table of builds; None where
    they name none. Raises ReleaseError."""
    library = re.split("[-=<>!~ ]", library, maxsplit=1)[0]
    if args.python is None and args.wheel is None:
        if args.label:
            raise ReleaseError("--label names a build: say which with --python or --wheel")
        return None
    if library not in BY_NAME:
        raise ReleaseError(f"which library? {library!r} is none of {', '.join(BY_NAME)}")
    if args.label and not _LABEL.fullmatch(args.label):
        raise ReleaseError(f"--label {args.label!r}: small letters and digits, like my-branch")
    found = _of_python(library, args.python) if args.python else _of_wheel(library, args.wheel)
    return _add(found, args.label)


def facts(library: str, python: Path) -> dict:
    """What ``python`` tells of its ``library``: version, python, folders, sites, about. Raises
    ReleaseError where it has none."""
    command = [str(python), "-c", _ASK, library]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=clean_environment.clean(), cwd="/"
        )
    except OSError as error:
        raise ReleaseError(f"--python {python}: {error.strerror}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise ReleaseError(f"--python {python} cannot import {library}: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def digest(folders: list[str]) -> str:
    """SHA-256 of the library's own files, by which two builds of a version are told apart."""
    found = hashlib.sha256()
    for folder in map(Path, folders):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".so") and path.is_file():
                found.update(f"{path.relative_to(folder)}\0".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _of_python(library: str, python: Path) -> Release:
    python = python.absolute()  # not resolved: a virtual environment's Python is a link
    told = facts(library, python)
    hashed = (digest(told["folders"]),)
    return Release(library, told["version"], _now(), told["python"], hashed, str(python))


def _of_wheel(library: str, wheel: Path) -> Release:
    try:
        name, version, _, tags = parse_wheel_filename(wheel.name)
        hashed = hashlib.sha256(wheel.read_bytes()).hexdigest()
    except InvalidWheelFilename as error:
        raise ReleaseError(f"--wheel {wheel}: {error}") from None
    except OSError as error:
        raise ReleaseError(f"--wheel {wheel}: {error.strerror}") from None
    if name != library:
        raise ReleaseError(f"--wheel {wheel} is of {name}, not of {library}")
    pythons = {tag.interpreter for tag in tags if re.fullmatch(r"cp3\d+", tag.interpreter)}
    python = ".".join(map(str, PREFERRED_PYTHON))
    if pythons:
        python = f"3.{min(pythons, key=len)[3:]}"
    return Release(library, str(version), _now(), python, (hashed,), str(wheel.absolute()))


def _add(build: Release, label: str) -> Release:
    """``build`` under its name, in the table. Raises ReleaseError where another has that name."""
    every = release_table.load()
    taken = {one.requirement for one in every if not one.origin}
    version = build.version
    if label or build.requirement in taken:
        version += f"@{label or 'mine'}"
    build = Release(
        build.library, version, build.uploaded, build.python, build.sha256, build.origin
    )
    for there in every:
        if there.name == build.name:
            if there.sha256 == build.sha256 and there.origin == build.origin:
                return there
            raise ReleaseError(
                f"{build.name} was another build ({there.origin}, "
                f"{there.uploaded:%Y-%m-%d}): name this one with --label"
            )
    release_table.save_builds([*(one for one in every if one.origin), build])
    return build


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
