"""The releases in the history: the table ``releases.toml``, and asv's view of it.

``python -m tools.releases``         lists the table
``python -m tools.releases update``  adds what the package index has and the table lacks
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from asv.repo import NoSuchNameError, Repo
from asv.util import UserError
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from . import files
from .errors import Mendable
from .interpreters import NoInterpreter, find_python

TABLE = Path(__file__).parent.parent / "releases.toml"
LIBRARIES = ("numpy", "tensorflow")

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
        return Version(self.version)


def load(path: Path = TABLE) -> list[Release]:
    """All releases in ``path``, in the order of :func:`in_order`."""
    try:
        tables = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise ReleaseError(f"{path} is missing: run `python -m tools.releases update`") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path} is not TOML: {error}") from None
    releases = []
    for library, rows in tables.items():
        if library not in LIBRARIES:
            known = " and ".join(LIBRARIES)
            raise ReleaseError(f"{path}: {library!r} is no library that is known: {known} are")
        if not isinstance(rows, dict):
            raise ReleaseError(f"{path}: {library} is no table of versions")
        for version, row in rows.items():
            try:
                hashes = row.get("sha256", [])
                release = Release(library, version, row["uploaded"], row["python"], tuple(hashes))
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
    return in_order(releases)


HEADER = """\
# Every release in the history, added by `python -m tools.releases update`.
# uploaded: when the wheel came to the package index; python: what it is measured with; sha256: of
# its wheels for that Python, one of which is installed, or nothing.
"""


def save(releases: Iterable[Release], path: Path = TABLE) -> None:
    """Write the table whole: one line a release, by library and version."""
    text = HEADER
    for library in LIBRARIES:
        rows = [release for release in releases if release.library == library]
        text += f"\n[{library}]\n"
        for row in sorted(rows, key=lambda release: release.parsed):
            uploaded = row.uploaded.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            hashes = ", ".join(f'"{one}"' for one in row.sha256)
            facts = f'uploaded = {uploaded}, python = "{row.python}"'
            facts += f", sha256 = [{hashes}]" if hashes else ""
            text += f'"{row.version}" = {{ {facts} }}\n'
    files.write(path, text)


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
        if name in (release.name, release.requirement, release.library):
            return release
        if len(name) >= 8 and release.hash.startswith(name):
            return release
    library, _, version = name.partition("==" if "==" in name else "-")
    if library in LIBRARIES and version:
        add = f"`python -m tools.releases update {library}=={version}` adds it"
        raise ReleaseError(f"no release {name!r} in the table: {add}")
    raise ReleaseError(f"no release {name!r}: `python -m tools.releases` lists them all")


def select(spec: str, releases: list[Release]) -> list[Release]:
    """The releases that ``spec`` selects, oldest first.

    ``spec`` is any number of terms between spaces: ``numpy`` (all of a library), ``numpy-2.4.6``,
    ``A..B`` (after A up to B, either may be missing), ``numpy>=2.0,<2.3`` (PEP 440), ``latest``
    (of each library the newest whose Python is here); nothing selects everything. Raises
    ReleaseError for a term that means nothing.
    """
    if not spec.strip():
        return list(releases)
    chosen: set[str] = set()
    for term in spec.split():
        chosen.update(release.hash for release in _select_term(term, releases))
    return [release for release in releases if release.hash in chosen]


def _select_term(term: str, releases: list[Release]) -> list[Release]:
    if term == "latest":
        libraries = {release.library for release in releases}
        return [_newest_here([r for r in releases if r.library == one]) for one in libraries]
    if ".." in term:
        first, _, last = term.partition("..")
        after = releases.index(find(first, releases)) + 1 if first else 0
        upto = releases.index(find(last, releases)) + 1 if last else len(releases)
        libraries = {find(name, releases).library for name in (first, last) if name}
        return [r for r in releases[after:upto] if r.library in libraries or not libraries]
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


class ReleaseRepo(Repo):
    """asv's view of the table: releases are commits, libraries branches, names tags."""

    dvcs = "releases"
    _default_branch = "numpy"

    def __init__(self, url: str, mirror_path: str | None = None):
        try:
            self._releases = load(Path(url))
        except ReleaseError as error:
            raise UserError(str(error)) from None
        self._by_hash = {release.hash: release for release in self._releases}

    @classmethod
    def url_match(cls, url: str) -> bool:
        return Path(url).name == TABLE.name

    def release(self, commit: str) -> Release:
        """The release behind a full hash. Raises asv's UserError."""
        try:
            return self._by_hash[commit]
        except KeyError:
            # `asv run TAGS` hands over names, and would lose what it measures.
            raise UserError(f"{commit!r} is no hash; for every release say ALL, not TAGS") from None

    def _find(self, name: str | None) -> Release:
        try:
            return find(name or self._default_branch, self._releases)
        except ReleaseError as error:
            raise NoSuchNameError(str(error)) from None

    def _newest_first(self, library: str) -> list[Release]:
        return [release for release in reversed(self._releases) if release.library == library]

    def pull(self) -> None:
        """Nothing to fetch: `python -m tools.releases update` is a step of its own."""

    def checkout(self, path: str, commit_hash: str) -> None:
        """Nothing to check out: an environment installs the release."""

    def get_range_spec(self, commit_a: str, commit_b: str) -> str:
        return f"{commit_a}..{commit_b}"

    def get_new_range_spec(self, latest_result: str, branch: str | None = None) -> str:
        return f"{latest_result}..{self.get_branch_name(branch)}"

    def get_date(self, hash: str) -> int:
        return int(self.release(hash).uploaded.timestamp()) * 1000  # JavaScript's milliseconds

    def get_date_from_name(self, name: str) -> int:
        return self.get_date(self._find(name).hash)

    def get_hashes_from_range(self, range: str) -> list[str]:
        try:
            return [release.hash for release in reversed(select(range, self._releases))]
        except ReleaseError as error:
            raise UserError(str(error)) from None

    def get_hash_from_name(self, name: str | None) -> str:
        return self._find(name).hash

    def get_hash_from_parent(self, name: str) -> str:
        release = self._find(name)
        older = self._newest_first(release.library)
        older = older[older.index(release) + 1 :]
        if not older:
            raise NoSuchNameError(f"{release.name} is the first {release.library} in the table")
        return older[0].hash

    def get_name_from_hash(self, commit: str) -> str | None:
        release = self._by_hash.get(commit)
        return release and release.name

    def get_decorated_hash(self, commit: str, hash_length: int = 8) -> str:
        """Like ``18e1422d <numpy-2.4.6>``, for a hash or (asv show) a name."""
        release = self._find(commit)
        return f"{release.hash[:hash_length]} <{release.name}>"

    def get_tags(self) -> dict[str, str]:
        return {release.name: release.hash for release in self._releases}

    def get_branch_commits(self, branch: str) -> list[str]:
        return [release.hash for release in self._newest_first(self.get_branch_name(branch))]

    def get_revisions(self, commits: Iterable[str]) -> dict[str, int]:
        return {r.hash: i for i, r in enumerate(self._releases) if r.hash in set(commits)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.releases", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    update = commands.add_parser("update", help="add new releases from the package index")
    update.add_argument("also", nargs="*", metavar="LIBRARY==VERSION",
                        help="to add whatever it is")  # fmt: skip
    update.add_argument("--pre", action="store_true", help="pre-releases too")
    update.add_argument("--yanked", action="store_true", help="yanked releases too")
    parser.add_argument("--table", type=Path, default=TABLE, help="another one than releases.toml")
    args = parser.parse_args(argv)
    try:
        if args.command == "update":
            from . import index

            return index.update(args.table, args.also, pre=args.pre, yanked=args.yanked)
        for release in load(args.table):
            print(f"{release.name:22} {release.uploaded:%Y-%m-%d}  Python {release.python}")
        return 0
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    # Not this module's own: `tools.index` raises the errors of `tools.releases`.
    from tools import releases

    sys.exit(releases.main())
