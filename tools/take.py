"""Take the results out of archives that other jobs made, and nothing else.

``python -m tools.take FOLDER``  into the project, from each ``FOLDER/results-RELEASE/results.tar``

A job that ran code from the package index may hand over anything. So an archive has regular files
of results alone, by plain names, and whole ones, or nothing of it is taken. Where two archives have
a file of one release, that of the job which measured this release is taken: to the other it was the
release before.

exit code: 0; 2 where an archive has something else, which is named.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

from . import shapes
from .errors import Damaged, Mendable
from .workers import ROOT

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
            contents = {member.name: tar.extractfile(member).read() for member in members}
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


_SHAPES = {
    "records": shapes.record,
    "environments": shapes.listing,
    "failures": shapes.failure,
    "noise.jsonl": shapes.floor,
}


def _check_content(archive: Path, name: str, content: bytes) -> None:
    """What lies beside asv's files is by line what shapes.py says, all else an object of JSON."""
    try:
        text = content.decode()
        if name.endswith(".jsonl"):
            kind = name.split("/")[2]
            for number, line in enumerate(text.splitlines(), 1):
                shapes.row(Path(name), number, line, _SHAPES[kind])
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


def main(argv: list[str] | None = None) -> int:
    (folder,) = sys.argv[1:] if argv is None else argv
    prefix = "results-"
    archives = {
        file.parent.name.removeprefix(prefix): file
        for file in sorted(Path(folder).glob(f"{prefix}*/results.tar"))
    }
    refused = set()
    for own in (False, True):
        for release, archive in archives.items():
            if release in refused:
                continue
            try:
                count = take(archive, ROOT, release if own else None)
                if not own:
                    print(f"{count} files of results from {archive}")
            except (Refused, OSError) as error:
                print(f"error: {error}", file=sys.stderr)
                refused.add(release)
    return 2 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
