"""What the libraries' authors say of a change: of all that the pages say, this alone is by hand.

``notes.toml`` has ``[[note]]`` with ``release`` (like ``numpy-1.22.4``), ``ops``, ``text`` and
``url``. Where a note is true of some alone: ``dtypes``, ``backends`` and ``needs``, a kind of
processor as in Site.kinds, like ``with AVX-512``. Pages show them with what they are ``of``.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from .site import Site

FILE = Path(__file__).parent.parent.parent / "notes.toml"
_NEEDED = {"release", "ops", "text", "url"}
_KEYS = _NEEDED | {"dtypes", "backends", "needs"}


@functools.cache
def load(file: Path = FILE) -> list[dict]:
    """The notes, as they stand in ``file``. Raises ValueError in one line."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("note", [])
        for note in found:
            if missing := _NEEDED - note.keys():
                raise ValueError(f"a note has no {min(missing)!r}")
            if unknown := note.keys() - _KEYS:
                raise ValueError(f"{min(unknown)!r} is no key of a note")
            if not note["url"].startswith("https://"):
                raise ValueError(f"{note['url']!r} is no https address")
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{file}: {error!r}") from None
    return found


def of_op(site: Site, op: str, file: Path = FILE) -> list[dict]:
    """Those about ``op`` in releases with results, oldest first: each ``of`` its release."""
    mine = [note for note in load(file) if op in note["ops"] and note["release"] in site.order]
    mine.sort(key=lambda note: site.order[note["release"]])
    return [note | {"of": [note["release"]]} for note in mine]


def fits(site: Site, note: dict, step: dict) -> bool:
    """Whether the note is about the step: its release, op, dtype and backend, and the kind of one
    of its machines."""
    needs = note.get("needs")
    return (
        step["after_release"] == note["release"]
        and step["op"] in note["ops"]
        and step["dtype"] in note.get("dtypes", [step["dtype"]])
        and step["backend"] in note.get("backends", [step["backend"]])
        and (needs is None or any(site.kinds[machine] in (needs, "") for machine in step["on"]))
    )
