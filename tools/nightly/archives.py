"""Results out of archives that other jobs made, and nothing else (tools/take.py says why)."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from pathlib import Path

from tools.foundation.errors import Damaged, Mendable
from tools.results import schema

_NAME = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_RESULT = re.compile(rf"results/(?:{_NAME}/){{0,3}}{_NAME}\.(?:json|jsonl|txt)")
_LARGEST = 256 << 20
"""Bytes of an archive, unpacked; a release's results are some megabytes."""


class Refused(Mendable):
    """What an archive has that is no result, in one line."""


def take(archive: Path, project: Path, release: str | None = None) -> int:
    """Write the results in ``archive`` below ``project``, whole or not at all; returns how many.

    With ``release`` those alone that are of it. Raises Refused, OSError.
    """
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            _check(archive, members)
            contents = {member.name: _content(tar, member) for member in members}
    except (tarfile.TarError, EOFError) as error:
        raise Refused(f"{archive} is no whole tar file: {error}") from None
    for name, content in contents.items():
        _check_content(archive, name, content)
    mine = {name: content for name, content in contents.items() if _is_of(name, release)}
    for name, content in mine.items():
        file = project / name
        if any(one.is_symlink() for one in (file, *file.parents) if one != project):
            raise Refused(f"{archive}: {name} would be written through a link")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return len(mine)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(member)
    return content.read() if content else b""  # none only of what _check refuses


_SHAPES = {
    "records": schema.record,
    "environments": schema.listing,
    "failures": schema.failure,
    "noise.jsonl": schema.floor,
}


def _check_content(archive: Path, name: str, content: bytes) -> None:
    """What lies beside asv's files is by line what schema.py says, all else an object of JSON."""
    try:
        text = content.decode()
        if name.endswith(".jsonl"):
            kind = name.split("/")[2]
            for number, line in enumerate(text.splitlines(), 1):
                schema.row(Path(name), number, line, _SHAPES[kind])
        elif name.endswith(".json") and not isinstance(json.loads(text), dict):
            raise ValueError("it is no object")
    except (Damaged, ValueError, KeyError, IndexError, RecursionError) as error:
        raise Refused(f"{archive}: {name} is damaged: {error}") from None


def _is_of(name: str, release: str | None) -> bool:
    """Whether the file of results called ``name`` is of the ``release`` alone."""
    if release is None:
        return True
    file = name.rpartition("/")[2]
    requirement = "{}=={}".format(*release.split("-", 1)) if "-" in release else release
    digest = hashlib.sha1(requirement.encode(), usedforsecurity=False).hexdigest()[:8]
    return file == f"{release}.jsonl" or file.startswith(f"{digest}-")


def _check(archive: Path, members: list[tarfile.TarInfo]) -> None:
    size = 0
    for member in members:
        if not (member.isreg() and _RESULT.fullmatch(member.name)):
            raise Refused(f"{archive}: {member.name!r} is no file of results: nothing is taken")
        size += member.size
    if size > _LARGEST:
        raise Refused(f"{archive}: {size} bytes of results are too many: nothing is taken")
