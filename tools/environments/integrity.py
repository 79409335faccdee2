"""Whether the files of an environment are those that its packages brought (RECORD)."""

from __future__ import annotations

import base64
import csv
import hashlib
from pathlib import Path


def damaged(site: Path, by_hash: bool = False) -> set[str]:
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
