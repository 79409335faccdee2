"""The releases in the history: the table ``releases.toml``, and names and ranges in it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from benchmarks import libraries
from tools.foundation import safe_files
from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT
from tools.foundation.pythons import NoInterpreter, find_python

TABLE = ROOT / "releases.toml"

_MINOR = re.compile(r"3\.\d+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ReleaseError(Mendable):
    """What the table or a name in it gets wrong, in one line that says what to do."""


@dataclass(frozen=True)
class Release:
    """One release of one library: a row of the table."""

    library: str
    version: str
    uploaded: dt.datetime
    python: str
    """The minor version of Python it is measured with, like ``3.11``."""
    sha256: tuple[str, ...] = ()
    """Of the wheels that there are for that Python, any of which may be installed."""
    origin: str = ""
    """Of a build of one's own: the Python that has it, or its wheel; see builds.py."""

    @property
    def is_installed(self) -> bool:
        """Whether it is measured where its owner has installed it."""
        return bool(self.origin) and not self.origin.endswith(".whl")

    @property
    def name(self) -> str:
        return f"{self.library}-{self.version}"

    @property
    def requirement(self) -> str:
        return f"{self.library}=={self.version}"

    @property
    def hash(self) -> str:
        """SHA-1 of ``library==version`` alone, so that no other row or fact can change it."""
        return hashlib.sha1(self.requirement.encode(), usedforsecurity=False).hexdigest()

    @property
    def parsed(self) -> Version:
        return Version(self.version.replace("@", "+" if "+" not in self.version else "."))


def load(path: Path = TABLE) -> list[Release]:
    """All releases in ``path``, in the order of :func:`in_order`, and the builds beside it."""
    builds = path.with_name(_BUILDS)
    return in_order([*_read(path), *(_read(builds) if builds.exists() else [])])


def _read(path: Path) -> list[Release]:
    try:
        tables = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise ReleaseError(f"{path} is missing: run `python -m tools.releases update`") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path} is not TOML: {error}") from None
    releases = []
    for library, rows in tables.items():
        if library not in libraries.BY_NAME:
            known = ", ".join(libraries.BY_NAME)
            raise ReleaseError(f"{path}: {library!r} is no library that is known: {known} are")
        if not isinstance(rows, dict):
            raise ReleaseError(f"{path}: {library} is no table of versions")
        for version, row in rows.items():
            try:
                hashes = row.get("sha256", [])
                origin = row.get("origin", "")
                release = Release(
                    library, version, row["uploaded"], row["python"], tuple(hashes), origin
                )
                release.parsed  # noqa: B018  (raises InvalidVersion)
                if release.uploaded.tzinfo is None:
                    raise TypeError("uploaded says no time zone")
                if not (isinstance(release.python, str) and _MINOR.fullmatch(release.python)):
                    raise TypeError('python is a text like "3.11"')
                if not (isinstance(hashes, list) and all(map(_SHA256.fullmatch, hashes))):
                    raise TypeError("sha256 is a list of hashes")
            except (KeyError, TypeError, AttributeError, InvalidVersion) as error:
                raise ReleaseError(f"{path}: bad row {library} {version}: {error!r}") from None
            releases.append(release)
    return releases


HEADER = """\
# Every release in the history, added by `python -m tools.releases update`.
# uploaded: when the wheel came to the package index; python: what it is measured with; sha256: of
# its wheels for that Python, one of which is installed, or nothing.
"""


_BUILDS = "builds.toml"
_BUILDS_HEADER = """\
# Builds of one's own, added by --python and --wheel of the tools; origin: where each came from.
# A row that goes takes its results off the pages.
"""


def save(releases: Iterable[Release], path: Path = TABLE) -> None:
    """Write the table whole: one line a release, by library and version."""
    _write(HEADER, [release for release in releases if not release.origin], path)


def save_builds(builds: Iterable[Release], table: Path = TABLE) -> None:
    """Write the table of builds whole, beside that of the releases."""
    _write(_BUILDS_HEADER, builds, table.with_name(_BUILDS))


def _write(header: str, releases: Iterable[Release], path: Path) -> None:
    text = header
    for library in libraries.BY_NAME:
        rows = [release for release in releases if release.library == library]
        text += f"\n[{library}]\n"
        for row in sorted(rows, key=lambda release: release.parsed):
            uploaded = row.uploaded.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            hashes = ", ".join(f'"{one}"' for one in row.sha256)
            facts = f'uploaded = {uploaded}, python = "{row.python}"'
            facts += f", sha256 = [{hashes}]" if hashes else ""
            facts += f", origin = {json.dumps(row.origin)}" if row.origin else ""
            text += f'"{row.version}" = {{ {facts} }}\n'
    safe_files.write(path, text)


def in_order(releases: Iterable[Release]) -> list[Release]:
    """Releases by version within a library, and by date between the libraries.

    By date alone a late patch of an old branch (TensorFlow 1.15.5 came after 2.4.0) would stand
    between newer ones and show as a step back and forth. So a release's place is the latest
    upload among those up to its version.
    """
    placed = []
    for library in sorted({release.library for release in releases}):
        latest = dt.datetime.min.replace(tzinfo=dt.UTC)
        rows = [release for release in releases if release.library == library]
        for release in sorted(rows, key=lambda release: release.parsed):
            latest = max(latest, release.uploaded)
            placed.append((latest, release))
    return [release for _, release in sorted(placed, key=lambda place: place[0])]


def find(name: str, releases: list[Release]) -> Release:
    """The release that is called ``name``.

    ``name`` is ``numpy-2.4.6``, ``numpy==2.4.6``, a library (its newest release) or a hash of at
    least 8 characters. Raises ReleaseError where there is none.
    """
    for release in reversed(releases):
        of_library = not release.origin and name == release.library
        if of_library or name in (release.name, release.requirement):
            return release
        if len(name) >= 8 and release.hash.startswith(name):
            return release
    library, _, version = name.partition("==" if "==" in name else "-")
    row = libraries.BY_NAME.get(library)
    if row and not row.first:
        raise ReleaseError(f"{library} is measured where it is installed: --python PATH")
    if row and version:
        add = f"`python -m tools.releases update {library}=={version}` adds it"
        raise ReleaseError(f"no release {name!r} in the table: {add}")
    raise ReleaseError(f"no release {name!r}: `python -m tools.releases` lists them all")


def select(spec: str, releases: list[Release]) -> list[Release]:
    """The releases that ``spec`` selects, oldest first.

    ``spec`` is any number of terms between spaces: ``numpy`` (all of a library), ``numpy-2.4.6``,
    ``A..B`` (after A up to B, either may be missing), ``numpy>=2.0,<2.3`` (PEP 440), ``latest``
    (of NumPy and of TensorFlow the newest whose Python is here), ``newest`` (the same of every
    library); nothing selects everything. A build of one's own is selected by its name alone.
    Raises ReleaseError for a term that means nothing.
    """
    if not spec.strip():
        return [release for release in releases if not release.origin]
    chosen: set[str] = set()
    official = [release for release in releases if not release.origin]
    for term in spec.split():
        build = [one for one in releases if one.origin and term in (one.name, one.requirement)]
        chosen.update(release.hash for release in build or _select_term(term, official))
    return [release for release in releases if release.hash in chosen]


def _select_term(term: str, releases: list[Release]) -> list[Release]:
    if term in ("latest", "newest"):
        there = dict.fromkeys(release.library for release in releases)
        asked = [one for one in there if term == "newest" or one in libraries.QUESTION]
        return [_newest_here([r for r in releases if r.library == one]) for one in asked]
    if ".." in term:
        first, _, last = term.partition("..")
        after = releases.index(find(first, releases)) + 1 if first else 0
        upto = releases.index(find(last, releases)) + 1 if last else len(releases)
        named = {find(name, releases).library for name in (first, last) if name}
        return [r for r in releases[after:upto] if r.library in named or not named]
    try:
        wanted = Requirement(term)
        if wanted.name in {release.library for release in releases}:
            return [
                release
                for release in releases
                if release.library == wanted.name
                and wanted.specifier.contains(release.parsed, prereleases=True)
            ]
    except InvalidRequirement:
        pass
    return [find(term, releases)]


def _newest_here(releases: list[Release]) -> Release:
    """The newest of a library's ``releases`` whose Python is here or can be fetched, else the
    newest. What is passed over is named on stderr, once, with what to install."""
    for release in reversed(releases):
        try:
            find_python(release.python)
        except NoInterpreter as error:
            if release not in _passed_over:
                print(f"left out: {release.name}: {error}", file=sys.stderr)
            _passed_over.add(release)
        else:
            return release
    return releases[-1]


_passed_over: set[Release] = set()
