"""What the libraries' authors say of a change: of all that the pages say, this alone is by hand.

``notes.toml`` has ``[[note]]`` with ``release`` (like ``numpy-1.22.4``), ``ops``, ``text`` and
``url``. Where a note is true of some alone: ``dtypes``, ``backends`` and ``needs``, a level of
x86-64 like ``v4``. Pages show them with what they are ``of``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, ValidationError, convert

from benchmarks import levels, ops
from benchmarks.libraries import TITLES
from tools.foundation.paths import ROOT
from tools.report.site import DTYPES, Site

FILE = ROOT / "notes.toml"


class Note(Struct, forbid_unknown_fields=True):
    release: str
    ops: Annotated[list[Literal[tuple(ops.OPS)]], Meta(min_length=1)]
    text: Annotated[str, Meta(min_length=1)]
    url: Annotated[str, Meta(pattern="^https://")]
    dtypes: list[Literal[DTYPES]] = []
    backends: list[Literal[tuple(TITLES)]] = []
    needs: Literal[levels.LEVELS] | None = None


def load(releases: Collection[str], file: Path = FILE) -> tuple[list[dict[str, Any]], list[str]]:
    """The notes in ``file`` as they stand there, and what is wrong with the others, in lines.

    ``releases`` are the names of those in the table.
    """
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("note", [])
    except (OSError, ValueError) as error:
        return [], [f"{file}: {error}"]
    if not isinstance(found, list):
        return [], [f"{file}: a note begins with [[note]]"]
    notes, problems = [], []
    for number, note in enumerate(found, 1):
        try:
            if convert(note, Note).release not in releases:
                raise ValidationError(f"releases.toml has no {note['release']}")
            notes.append(note)
        except ValidationError as error:
            problems.append(f"{file}, note {number}: {error}")
    return notes, problems


def of_op(site: Site, op: str) -> list[dict]:
    """Those about ``op`` in releases with results, oldest first: each ``of`` its release."""
    mine = [note for note in site.notes if op in note["ops"] and note["release"] in site.order]
    mine.sort(key=lambda note: site.order[note["release"]])
    return [note | {"of": [note["release"]]} for note in mine]


def fits(note: dict, step: dict) -> bool:
    """Whether the note is about the step: its release, op, dtype and backend, and the level of one
    of the places that show it."""
    needs = note.get("needs")
    known = [level for level in step["levels"] if level in levels.LEVELS]
    return (
        step["after_release"] == note["release"]
        and step["op"] in note["ops"]
        and step["dtype"] in note.get("dtypes", [step["dtype"]])
        and step["backend"] in note.get("backends", [step["backend"]])
        and (needs is None or not known or needs in known)
    )
