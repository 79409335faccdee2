"""What the benchmark processes of a release left, taken to the results."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection
from pathlib import Path

from tools.foundation import safe_files
from tools.results import processor, records, schema
from tools.results.unavailable import without_folders


def gather(scratch: Path, results: Path, machine: str, release: str, listing: dict,
           failed: Collection[tuple]) -> None:  # fmt: skip
    """Keep the Records, the reasons of what failed, and on what it all ran.

    ``failed`` are the benchmarks with their parameters that are failed in asv's results now, from
    this run or an earlier one.
    """
    found = [json.loads(file.read_text()) for file in sorted(scratch.glob("record-*.json"))]
    new = [record for by_region in found for record in by_region.values()]
    if new:
        records.merge(records.path(results, machine, release), new)
    _keep_failures(scratch, results / machine / "failures" / f"{release}.jsonl", failed)
    _keep_facts(scratch, results / machine / "environments" / f"{release}.jsonl", listing)


def _keep_failures(scratch: Path, file: Path, failed: Collection[tuple]) -> None:
    reasons = {}
    for row in schema.rows(file, schema.failure) + _load(scratch / "failures.json", []):
        named = row | {"reason": without_folders(row["reason"])}
        reasons[row["benchmark"], *row["params"].values()] = named
    # The parameters stay in asv's order, by which they are known.
    rows = [json.dumps(row) for key, row in reasons.items() if key in failed]
    if rows:
        safe_files.write(file, "".join(row + "\n" for row in sorted(rows)))
    else:
        file.unlink(missing_ok=True)


def _keep_facts(scratch: Path, file: Path, listing: dict) -> None:
    """One line: what ran, and on what. Settings are those of the last run of each backend."""
    before = schema.rows(file, schema.listing)
    settings = before[0].get("settings", {}) if before else {}
    for path in sorted(scratch.glob("settings-*.json")):
        settings[path.stem.partition("-")[2]] = json.loads(path.read_text())
    here = {"cpu": processor.cpu(), "gpus": processor.gpus(), "libc": " ".join(platform.libc_ver())}
    facts = dict(listing, **here, settings=settings)
    unavailable = _load(scratch / "unavailable.json", None)
    if unavailable is not None:
        facts["unavailable"] = [[*asked, without_folders(why)] for *asked, why in unavailable]
    safe_files.write(file, json.dumps(facts, sort_keys=True) + "\n")


def _load(path: Path, missing):
    return json.loads(path.read_text()) if path.exists() else missing
