"""A page for each op: its whole history, where it is wrong, and what makes it so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from benchmarks import ops
from benchmarks.libraries import BY_NAME, TITLES
from tools.report import notes, previews
from tools.report.facts import call_instructions, op_verdict, result_variants
from tools.report.site import DTYPES, TOLD, Site, slug

_KEPT = 12


def write(site: Site, steps: pl.DataFrame) -> None:
    """``op-NAME.html`` and the profiles that it draws, for each op with a number."""
    makers, only = result_variants.by_maker(site), _only(site)
    of_op = steps.partition_by("op", as_dict=True)
    by_op: dict[str, list[dict]] = {}
    for record in site.known_records:
        by_op.setdefault(record["op"], []).append(record)
    pictures = {name: one for name in site.ops if (one := previews.of_op(site, name))}
    with ThreadPoolExecutor(1) as drawer:
        files = [site.html / previews.name(name) for name in pictures]
        drawn = drawer.map(previews.draw, pictures.values(), files)
        for name in site.ops:
            mine = sorted(by_op.get(name, []), key=lambda one: _newest_first(site, one))
            row = ops.OPS.get(name)
            site.data(f"profile-{slug(name)}", profiles(mine))
            site.data(f"within-{slug(name)}", result_variants.distributions(site, mine))
            counts = call_instructions.by_release(site, mine)
            site.data(f"instructions-{slug(name)}", counts)
            verdicts = op_verdict.of_op(site, name, counts)
            said = [text for one in verdicts for text in one["sentences"][:1]]
            site.page(
                f"op-{slug(name)}.html",
                "op.html",
                title=name,
                op=name,
                arity=row.arity if row else 1,
                usual=list(row.usual) if row else [],
                only=only.get(name),
                witnesses=sorted(result_variants.of_newest(site, mine), key=_order),
                makers=[one for one in makers if one["op"] == name],
                verdicts=verdicts,
                description=f"{name}, {verdicts[0]['dtype']}. {said[0]}" if said else TOLD,
                picture=previews.name(name) if name in pictures else None,
                counted=call_instructions.steps(counts),
                special=special(mine),
                behaviour=behaviour(mine),
                steps=_told(of_op[name,]) if (name,) in of_op else [],
                notes=notes.of_op(site, name),
            )
        list(drawn)  # raises what went wrong with one


def _only(site: Site) -> dict[str, str]:
    """By op that not all libraries have, of those that were measured, the title of the one that
    does."""
    having = (
        site.measured.filter(pl.col("op").is_not_null())
        .group_by("op")
        .agg(pl.col("library").unique())
    )
    several = having["library"].explode().n_unique() > 1
    return {
        op: BY_NAME[libraries[0]].title
        for op, libraries in having.rows() if several and len(libraries) == 1
    }  # fmt: skip


def _newest_first(site: Site, record: dict) -> tuple:
    return -site.order[record["release"]], site.machines.index(record["machine"])


def _newest_of_each(records: list[dict], *keys: str) -> list[dict]:
    """The first record of each combination of ``keys``: they come newest first."""
    found: dict[tuple, dict] = {}
    for record in records:
        found.setdefault(tuple(record[key] for key in keys), record)
    return sorted(found.values(), key=_order)


def _order(record: dict) -> tuple:
    backend, dtype = record["backend"], record["dtype"]
    return (
        DTYPES.index(dtype) if dtype in DTYPES else len(DTYPES),
        list(TITLES).index(backend) if backend in TITLES else len(TITLES),
        record["kind"],
        record["region"],
    )


def special(records: list[dict]) -> list[dict]:
    """What the newest release of each backend does otherwise than the standards say: a row for each
    case, with the dtypes of which it is so and the places (alone, or in a vector) where."""
    found: dict[tuple, dict] = {}
    newest: dict[tuple, str] = {}
    for one in records:  # which come newest first
        if one["kind"] != "special":
            continue
        release = newest.setdefault((one["backend"], one["dtype"]), one["release"])
        if one["release"] != release:
            continue
        for failure in one["failures"]:
            got = failure["got"]["decimal"]
            row = {"release": release, "backend": one["backend"], "given": failure["given"],
                   "due": failure["due"], "got": got, "clause": failure["clause"]}  # fmt: skip
            kept = found.setdefault(
                (release, one["backend"], *failure["given"], failure["due"], got),
                row | {"dtypes": set(), "where": set()},
            )
            kept["dtypes"].add(one["dtype"])
            kept["where"].add(failure["where"])
    for row in found.values():
        row["dtypes"] = [dtype for dtype in DTYPES if dtype in row["dtypes"]]
        row["where"] = sorted(row["where"])
    return sorted(
        found.values(), key=lambda row: (list(TITLES).index(row["backend"]), row["given"])
    )


def behaviour(records: list[dict]) -> list[dict]:
    """Where the same value gave other bits, in the newest releases."""
    found = [one for one in records if one["kind"] in ("layout", "run-to-run", "distance")]
    return [one for one in _newest_of_each(found, "machine", "kind", "backend", "dtype")
            if one["max_distance"]]  # fmt: skip


def profiles(records: list[dict]) -> list[dict]:
    """The largest error by binade, of the newest exact Record of each backend and dtype."""
    found = [one for one in records if one["kind"] == "exact" and one.get("profile")]
    return [
        {"release": one["release"], "backend": one["backend"], "dtype": one["dtype"],
         "profile": one["profile"]}
        for one in _newest_of_each(found, "backend", "dtype")
    ]  # fmt: skip


def _told(steps: pl.DataFrame) -> list[dict]:
    return steps.head(_KEPT).select(
        "metric", "unit", "dtype", "backend", "device", "place", "before", "after", "ratio",
        "verdict", "before_release", "after_release", "gap", "machine",
    ).to_dicts()  # fmt: skip
