"""The Records: what asv's numbers were made from, kept beside them.

``results/MACHINE/records/RELEASE.jsonl`` has one Record a line (schema.py says what is in one);
``results/MACHINE/environments/RELEASE.jsonl`` says what ran, and on what (one line; asv would take
a .json there for a result of its own); ``results/MACHINE/failures/RELEASE.jsonl`` why benchmarks
failed that did when last run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tools.foundation import safe_files
from tools.foundation.errors import Damaged
from tools.releases.release_table import ReleaseError
from tools.results import schema

KEY = ("backend", "device", "op", "dtype", "kind", "region")


def path(results: Path, machine: str, release: str) -> Path:
    return results / machine / "records" / f"{release}.jsonl"


def load(file: Path) -> list[dict]:
    """The Records in ``file``, none where it is not there. Raises Damaged."""
    return schema.rows(file, schema.record)


def listing(results: Path, machine: str, release: str) -> dict:
    """What ran, and on what; empty where nothing is known of that. Raises Damaged."""
    file = results / machine / "environments" / f"{release}.jsonl"
    return next(iter(schema.rows(file, schema.listing)), {})


def merge(file: Path, new: Iterable[dict]) -> None:
    """Add Records to ``file``; one of the same KEY takes the other's place."""
    with safe_files.hold(file.parent / safe_files.LOCK, wait=True):  # a sweep may be at it too
        records = {key(record): record for record in [*load(file), *new]}
        lines = [json.dumps(records[k], sort_keys=True, allow_nan=False) for k in sorted(records)]
        safe_files.write(file, "".join(line + "\n" for line in lines))


def key(record: dict) -> tuple[str, ...]:
    return tuple(record[name] for name in KEY)


def named(name: str, results: Path, machine: str) -> tuple[str, dict]:
    """The release and the Record that ``name`` means: ``RELEASE/BACKEND/…/REGION``, or a file with
    one Record as JSON that has its release under "release". Raises ReleaseError."""
    if Path(name).is_file():
        try:
            record = schema.record(Path(name).read_text(encoding="utf-8"))
            return record["release"], record
        except (ValueError, KeyError) as error:
            raise Damaged(f"{name} holds no Record with its release: {error!r}") from None
    release, *rest = name.split("/")
    for record in load(path(results, machine, release)):
        if key(record) == tuple(rest):
            return release, record
    raise ReleaseError(f"no Record {name!r} of machine {machine}")
