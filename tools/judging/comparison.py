"""What differs between two releases, by the numbers of one machine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from benchmarks.libraries import LIBRARIES
from tools.judging import instructions, verdict
from tools.judging.align import pair
from tools.releases.release_table import Release
from tools.results import processor, records


class Incomparable(Exception):
    """There is nothing to compare; the message is one line."""


@dataclass(frozen=True)
class Comparison:
    before: Release
    after: Release
    machine: str
    rows: pl.DataFrame
    """What verdict.judge returns, and ``backend``, ``bound``, ``note``; worse ones first."""
    notes: list[str]
    """What a reader should know, in sentences."""
    pythons: tuple[str | None, str | None] = (None, None)
    """What the two were measured on, like "3.12"; None where no listing says it."""
    why: str = ""
    """Why the numbers are those of ``machine``."""


def compare(
    results: Path, table: pl.DataFrame, before: Release, after: Release,
    machine: str | None = None, here: str | None = None,
) -> Comparison:  # fmt: skip
    """Two releases by their rows in ``table`` (tools/results/history.py).

    Without ``machine``, that which is ``here`` where it has numbers of both, else that with most of
    them. Raises Incomparable, Damaged (noise floors, or what the two ran on).
    """
    sides = [table.filter(release=release.name) for release in (before, after)]
    machines = sorted({*sides[0]["machine"], *sides[1]["machine"]})
    pairs = {
        name: pair(*(side.filter(machine=name) for side in sides))
        for name in (machines if machine is None else [machine])
    }
    common = {name: len(rows.drop_nulls(["before", "after"])) for name, rows in pairs.items()}
    chosen = here if common.get(here) else max(common, key=common.__getitem__, default=None)
    if chosen is None or not common[chosen]:
        raise Incomparable(_why_not(before, after, sides[0], sides[1], machine))
    facts = [records.listing(results, chosen, release.name) for release in (before, after)]
    pythons = _python(facts[0]), _python(facts[1])
    notes = _ran_on(chosen, before, after, *facts)
    of_calls = pairs[chosen].filter(pl.col("unit").is_in(verdict.OF_CALLS))
    if not of_calls.drop_nulls(["before", "after"]).is_empty():
        notes += _on_other_python(before, after, *pythons)
    if others := [name for name in machines if name != chosen]:
        notes.append(f"There are results of other machines too: --machine {' or '.join(others)}.")
    rows = verdict.judge(pairs[chosen], verdict.floors(results / chosen / "noise.jsonl"))
    return Comparison(before, after, chosen, _in_order(rows), notes, pythons,
                      _why(chosen, machine, here))  # fmt: skip


def _why(chosen: str, asked: str | None, here: str | None) -> str:
    """Why the numbers are those of ``chosen``."""
    if chosen == here:
        return "this machine"
    if chosen == asked:
        return "as asked for"
    return "it has the most of both" + (f"; this machine, {here}, lacks one" if here else "")


def _why_not(before, after, ours: pl.DataFrame, theirs: pl.DataFrame, machine) -> str:
    for release, side in ((before, ours), (after, theirs)):
        if machine is not None:
            side = side.filter(machine=machine)
        if side.is_empty():
            on = f" on {machine}" if machine else ""
            return f"nothing of that kind was measured of {release.name}{on}: --measure does it"
    where = [", ".join(sorted(set(side["machine"]))) for side in (ours, theirs)]
    if where[0] != where[1]:
        return (
            f"{before.name} was measured on {where[0]}, {after.name} on {where[1]}: what differs "
            "between machines says nothing of releases"
        )
    return f"{before.name} and {after.name} have no number in common"


def _python(facts: dict) -> str | None:
    """Its minor version, from a listing like ``"Python 3.12.4"``."""
    found = re.search(r"\b\d+\.\d+", facts.get("python", ""))
    return found and found[0]


def _on_other_python(before: Release, after: Release, *pythons: str | None) -> list[str]:
    """A sentence on what the calls of the two were made from."""
    if not all(pythons) or pythons[0] == pythons[1]:
        return []
    return [
        f"{after.name} was measured on Python {pythons[1]}, {before.name} on {pythons[0]}: "
        "part of a difference between short calls may be Python's."
    ]


def _ran_on(machine: str, before: Release, after: Release, first: dict, second: dict) -> list[str]:
    """Sentences on what differed beside the releases. Raises Incomparable: another CPU."""
    processors = [processor.name(facts) for facts in (first, second)]
    if all(processors) and processors[0] != processors[1]:
        raise Incomparable(
            f"as {machine}, {before.name} was measured on {processors[0]} and {after.name} on "
            f"{processors[1]}: what differs between machines says nothing of releases"
        )
    libraries = [facts.get("libc") for facts in (first, second)]
    if all(libraries) and libraries[0] != libraries[1]:
        return [f"The C library differed: {libraries[0]} before, {libraries[1]} after."]
    return []


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By verdict, then the largest ratio first, up or down; what came from or to 0 is largest."""
    size = pl.col("ratio").log().abs().fill_null(float("inf"))
    notes = [
        pl.when(pl.col(f"{side}_status").is_in(["unavailable", "failed"])).then(
            pl.concat_str(pl.lit(f"{side}: "), pl.coalesce(f"{side}_reason", f"{side}_status"))
        )
        for side in ("before", "after")
    ]
    return rows.with_columns(
        backend=pl.when(pl.col("after_backend").is_in(FIRST))
        .then("before_backend")
        .otherwise("after_backend"),
        bound=pl.coalesce("before_bound", "after_bound"),
        note=pl.coalesce(notes),
    ).sort(
        pl.col("verdict").cast(pl.Enum(verdict.VERDICTS)),
        -size,
        -(pl.col("after") - pl.col("before")).abs(),
        *("metric", "op", "dtype", "region", "size", "device", "after_backend"),
        nulls_last=True,
    )  # fmt: skip


def with_functions(found: Comparison, results: Path) -> Comparison:
    """With what takes the instructions as notes of the rows that changed, and listed below."""
    sides = [
        records.load(records.path(results, found.machine, release.name))
        for release in (found.before, found.after)
    ]
    reasons = instructions.reasons(*sides)
    keys = zip(*(found.rows[name] for name in ("after_backend", "op", "dtype")), strict=True)
    told = pl.Series([reasons.get(key) for key in keys], dtype=pl.String)
    changed = pl.col("unit").eq("instructions") & pl.col("verdict").is_in(["worse", "better"])
    many = pl.col("size") > 1
    rows = found.rows.with_columns(
        note=pl.when(changed & many).then(pl.coalesce("note", told)).otherwise("note")
    )
    shown = rows.filter(changed & many, pl.col("note").is_not_null())
    lines = [
        f"{one['op']} {one['dtype']} ({one['after_backend']}): {one['note']}"
        for one in shown.to_dicts()
    ]
    return replace(found, rows=rows, notes=[*found.notes, *lines])


FIRST = [backend.name for backend in LIBRARIES[0].backends]
"""Of two libraries, the other one's backend names a row."""
_JSON = (
    "metric", "unit", "op", "dtype", "device", "region", "size", "variant", "backend",
    "before_backend", "after_backend", "before", "after", "ratio", "verdict", "floor",
    "assumed", "bound", "note",
)  # fmt: skip


def as_json(comparison: Comparison) -> str:
    """As tools/compare.py documents it."""
    releases = {
        side: {"library": release.library, "version": release.version,
               "date": release.uploaded.date().isoformat(), "python": python}
        for side, release, python in zip(
            ("before", "after"), (comparison.before, comparison.after), comparison.pythons,
            strict=True,
        )
    }  # fmt: skip
    rows = comparison.rows.select(_JSON).to_dicts()
    whole = {"version": 1, **releases, "machine": comparison.machine, "why": comparison.why,
             "notes": comparison.notes, "rows": rows}  # fmt: skip
    return json.dumps(whole, indent=1, allow_nan=False, ensure_ascii=False)
