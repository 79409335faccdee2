"""The very files that a release is installed from: a lock (PEP 751) with their hashes.

uv chooses them as of the release's day, writes them down, and installs what has these hashes and
nothing else. The hash of the release's own file is in the table, too; those of all are kept with
the results, and another file of the same name is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.tags import parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from tools.foundation.errors import Mendable

LOCK = "pylock.toml"


class OtherFile(Mendable):
    """A file that is not the one it was; the message is one line."""


def chosen(lock: Path) -> dict[str, dict[str, str]]:
    """By package, the files that ``lock`` allows for this platform with their SHA-256: wheels, the
    best first, or what one is built from."""
    found: dict[str, dict[str, str]] = {}
    for package in tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]:
        # An archive is a file that somebody has at hand.
        files = package.get("wheels") or [package.get("sdist") or package["archive"]]
        found[canonicalize_name(package["name"])] = {
            _name(file): file["hashes"]["sha256"] for file in files
        }
    return found


def _name(file: Mapping[str, str]) -> str:
    return unquote(urlsplit(file.get("url") or file["path"]).path).rpartition("/")[2]


def installed(lock: Path, site: Path) -> dict[str, str]:
    """Of the files in ``lock``, those whose packages are in ``site``, with their SHA-256.

    Of several wheels it is the one whose tags the installed package has.
    """
    tags = {}
    for file in site.glob("*.dist-info/WHEEL"):
        lines = file.read_text(encoding="utf-8").splitlines()
        written = [line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")]
        name = canonicalize_name(file.parent.name.removesuffix(".dist-info").rpartition("-")[0])
        tags[name] = frozenset().union(*map(parse_tag, written))
    found: dict[str, str] = {}
    for package, files in chosen(lock).items():
        mine = files
        if len(files) > 1:
            mine = {
                file: digest for file, digest in files.items()
                if parse_wheel_filename(file)[3] == tags.get(canonicalize_name(package))
            }  # fmt: skip
        found |= mine or files
    return dict(sorted(found.items()))


def check(name: str, lock: Path, library: str, known: tuple[str, ...]) -> None:
    """Raises OtherFile where ``lock`` has ``library`` from a file whose hash is not ``known``."""
    for file, digest in chosen(lock)[library].items():
        if known and digest not in known:
            raise OtherFile(
                f"{name}: the index has another {file} than releases.toml says (sha256 {digest})"
            )


def compare(name: str, now: Mapping[str, str], then: Mapping[str, str]) -> None:
    """Raises OtherFile where a file of ``then`` has another hash ``now``."""
    for file in now.keys() & then.keys():
        if now[file] != then[file]:
            raise OtherFile(
                f"{name} was measured with another {file} (sha256 {then[file]}, now {now[file]})"
            )
