"""Take the results out of archives that another job made, and nothing else.

``python -m tools.take ARCHIVE…``  into the project, from tar files

A job that ran code from the package index may hand over anything. So an archive has regular files
of results alone, by plain names, or nothing of it is taken. This imports the standard library
alone: it can run before anything is installed.

exit code: 0; 2 where an archive has something else, which is named.
"""

from __future__ import annotations

import re
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
_NAME = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_RESULT = re.compile(rf"results/(?:{_NAME}/){{0,3}}{_NAME}\.(?:json|jsonl|txt)")
_LARGEST = 256 << 20
"""Bytes of an archive, unpacked; a release's results are some megabytes."""


class Refused(ValueError):
    """What an archive has that is no result, in one line."""


def take(archive: Path, project: Path) -> int:
    """Write the results in ``archive`` below ``project``, whole or not at all; returns how many.

    Raises Refused, OSError.
    """
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            _check(archive, members)
            contents = {member.name: tar.extractfile(member).read() for member in members}
    except (tarfile.TarError, EOFError) as error:
        raise Refused(f"{archive} is no whole tar file: {error}") from None
    for name, content in contents.items():
        file = project / name
        if any(one.is_symlink() for one in (file, *file.parents) if one != project):
            raise Refused(f"{archive}: {name} would be written through a link")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return len(contents)


def _check(archive: Path, members: list[tarfile.TarInfo]) -> None:
    size = 0
    for member in members:
        if not (member.isreg() and _RESULT.fullmatch(member.name)):
            raise Refused(f"{archive}: {member.name!r} is no file of results: nothing is taken")
        size += member.size
    if size > _LARGEST:
        raise Refused(f"{archive}: {size} bytes of results are too many: nothing is taken")


def main(argv: list[str] | None = None) -> int:
    code = 0
    for archive in sys.argv[1:] if argv is None else argv:
        try:
            print(f"{take(Path(archive), ROOT)} files of results from {archive}")
        except (Refused, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            code = 2
    return code


if __name__ == "__main__":
    sys.exit(main())
