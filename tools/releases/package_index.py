"""What the package index knows: which releases there are, and with which Python they run here."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from pypi_simple import DistributionPackage, PyPISimple

from benchmarks.libraries import BY_NAME
from tools.releases.release_table import Release, ReleaseError, load, save

PREFERRED_PYTHON = (3, 11)
# Of those that this suite runs on.
_MINORS = range(6, 14)


def update(
    table: Path, also: list[str] | None = None, *, pre: bool = False, yanked: bool = False
) -> int:
    """Add to ``table`` the releases that it lacks; rows that are there stay as they are, but for
    hashes that they lack.

    ``also`` names releases as ``library==version`` that are added whatever they are. Returns 0;
    raises ReleaseError where the index gives no usable answer or lacks a release asked for.
    """
    there = load(table) if table.exists() else []
    present = {release.requirement for release in there}
    wanted = _exactly(also or [])
    added, completed = [], []
    for library in (one.name for one in BY_NAME.values() if one.first):
        offered = _offered(library)
        missing = wanted[library] - offered.keys()
        if missing:
            raise ReleaseError(f"no wheel of {library} {min(missing)} for this platform")
        for version in sorted(chosen(offered, library, wanted[library], pre, yanked), key=Version):
            release = offered[version].release
            if release.requirement not in present:
                added.append(release)
        for row in there:
            if row.library == library and not row.sha256 and row.version in offered:
                completed.append(_with_hashes(row, offered[row.version]))
    if added or completed:
        replaced = {row.requirement for row in completed}
        kept = [row for row in there if row.requirement not in replaced]
        save([*kept, *completed, *added], table)
    for release in added:
        print(f"added {release.name} ({release.uploaded:%Y-%m-%d}, Python {release.python})")
    if completed:
        print(f"{len(completed)} have their hashes now")
    print(f"{len(added)} added, {len(there)} were there")
    return 0


def _exactly(names: list[str]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in BY_NAME.values():
        wanted[row.name] |= set(row.always)
    for name in names:
        library, _, version = name.partition("==")
        try:
            Requirement(name)
            Version(version)
        except (InvalidRequirement, InvalidVersion):
            raise ReleaseError(f"{name!r} is not LIBRARY==VERSION") from None
        if library not in BY_NAME:
            raise ReleaseError(f"{library!r} is none of {', '.join(BY_NAME)}")
        if not BY_NAME[library].first:
            raise ReleaseError(f"{library} is measured where it is installed: --python PATH")
        wanted[library].add(version)
    return wanted


@dataclass(frozen=True)
class Offer:
    """One release as the index offers it for this platform."""

    release: Release
    yanked: bool
    hashes: dict[str, tuple[str, ...]]
    """By Python, those of its wheels."""


def _with_hashes(row: Release, offer: Offer) -> Release:
    return dataclasses.replace(row, sha256=offer.hashes.get(row.python, ()))


def chosen(
    offered: dict[str, Offer], library: str, exactly: set[str], pre: bool, yanked: bool
) -> set[str]:
    """The newest patch of every minor version since its first, and what is asked for by name."""
    newest: dict[tuple[int, ...], Version] = {}
    for version, offer in offered.items():
        parsed = offer.release.parsed
        if parsed < Version(BY_NAME[library].first or "0") or (offer.yanked and not yanked):
            continue
        if (parsed.is_prerelease or parsed.is_devrelease) and not pre:
            continue
        minor = parsed.release[:2]
        if minor not in newest or newest[minor] < Version(version):
            newest[minor] = parsed
    by_version = {offer.release.parsed: version for version, offer in offered.items()}
    return {by_version[parsed] for parsed in newest.values()} | exactly


def _offered(library: str) -> dict[str, Offer]:
    try:
        with PyPISimple() as client:
            files = client.get_project_page(library).packages
    except Exception as error:  # whatever a network, a proxy or a parser may raise
        one_line = " ".join(str(error).split())
        raise ReleaseError(f"the package index gave no list of {library}: {one_line}") from error
    if not any(file.upload_time for file in files):
        # A proxy that wants to be signed in to answers with a page of its own.
        raise ReleaseError(f"the package index gave no list of {library}: no dated file in it")
    wheels: dict[str, list[tuple[tuple[int, int], DistributionPackage]]] = defaultdict(list)
    sources = {}
    for file in files:
        if not file.version or not file.upload_time:
            continue
        python = _python(file, library)
        if python:
            wheels[file.version].append((python, file))
        elif file.package_type == "sdist":
            sources[file.version] = file
    for version in sources.keys() - wheels.keys():
        # What needs a compiler to run has one to be built with.
        if BY_NAME[library].programs and _is_version(version):
            python = _of_any(library, version, sources[version].requires_python)
            if python:
                wheels[version].append((python, sources[version]))
    offers = {}
    for version, candidates in wheels.items():
        python, file = min(candidates, key=lambda wheel: _preference(wheel[0]))
        assert file.upload_time is not None  # as was looked at above
        uploaded = file.upload_time.astimezone(dt.UTC).replace(microsecond=0)
        hashes = {"{}.{}".format(*one): _hashes(candidates, one) for one, _ in candidates}
        minor = "{}.{}".format(*python)
        release = Release(library, version, uploaded, minor, hashes[minor])
        offers[version] = Offer(release, bool(file.is_yanked), hashes)
    return offers


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _hashes(wheels: list[tuple[tuple[int, int], DistributionPackage]], python) -> tuple[str, ...]:
    mine = (file.digests.get("sha256") for one, file in wheels if one == python)
    return tuple(sorted(filter(None, mine)))


def _preference(python: tuple[int, int]) -> tuple[int, int]:
    """3.11 first, then the nearest older, then the nearest newer."""
    distance = python[1] - PREFERRED_PYTHON[1]
    return (1, distance) if distance > 0 else (0, -distance)


def _python(file: DistributionPackage, library: str) -> tuple[int, int] | None:
    """The CPython that a wheel for 64-bit x86 Linux is for, else None; the preferred of several."""
    if file.package_type != "wheel":
        return None
    try:
        tags = parse_wheel_filename(file.filename)[3]
    except (InvalidWheelFilename, InvalidVersion):
        return None
    for tag in tags:
        fits = tag.platform.startswith("manylinux") and tag.platform.endswith("_x86_64")
        # The ABI is cp36m, cp311, …; a trailing t is the free-threaded build.
        if fits and tag.interpreter.startswith("cp3") and not tag.abi.endswith("t"):
            return 3, int(tag.interpreter[3:])
        if (tag.interpreter, tag.abi, tag.platform) == ("py3", "none", "any"):
            return _of_any(library, file.version or "", file.requires_python)
    return None


def _of_any(library: str, version: str, required: str | None) -> tuple[int, int] | None:
    """The Python that a file which is for any is measured with: that of its row in the table of
    libraries, else the preferred of those that it asks for."""
    pythons = BY_NAME[library].pythons
    of_day = [python for since, python in pythons if Version(since) <= Version(version)]
    if of_day:
        major, minor = map(int, of_day[-1].split("."))
        return major, minor
    try:
        asked = SpecifierSet(required or "")
    except InvalidSpecifier:
        return None
    fit = [(3, minor) for minor in _MINORS if asked.contains(f"3.{minor}.99")]
    return min(fit, key=_preference, default=None)
