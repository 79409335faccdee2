"""The data that pages load, in small files: by machine, and then by release or by op."""

from __future__ import annotations

import json

import polars as pl

from .. import verdict
from .site import BACKEND_NAMES, DTYPES, Site, slug

_STRINGS = ("benchmark", "metric", "unit", "backend", "op", "dtype", "place", "device", "bound")
_NUMBERS = ("value", "low", "high")


def write(site: Site) -> None:
    """``site.js``, and for each machine a file of each release and of each op."""
    table = with_place(site.table.filter(pl.col("status") != "unavailable"))
    for machine in site.machines:
        mine = table.filter(machine=machine)
        for (release,), rows in mine.group_by("release"):
            lacks = {"unavailable": unavailable(site, machine, release)}
            site.data(f"{slug(machine)}-{slug(release)}", columns(rows, _STRINGS) | lacks)
        for (op,), rows in mine.filter(pl.col("op").is_not_null()).group_by("op"):
            site.data(f"{slug(machine)}-op-{slug(op)}", columns(rows, (*_STRINGS, "release")))
    site.data("site", _index(site))


def with_place(table: pl.DataFrame) -> pl.DataFrame:
    """With ``place``: the region, the size or the variant that a number is of; "" where it is of
    none."""
    return table.with_columns(
        place=pl.coalesce("region", pl.col("size").cast(pl.String), "variant").fill_null("")
    )


def columns(rows: pl.DataFrame, strings: tuple[str, ...]) -> dict:
    """Rows as columns: text as numbers into ``names``, the numbers as they are; null for failed."""
    coded, names = {}, {}
    for name in strings:
        known = rows[name].unique().drop_nulls().sort().to_list()
        names[name] = known
        places = dict(zip(known, range(len(known)), strict=True))
        coded[name] = rows[name].replace_strict(places, default=None, return_dtype=pl.Int32)
    for name in _NUMBERS:
        coded[name] = rows[name]
    return {"names": names, "columns": {name: list(map(_plain, s)) for name, s in coded.items()}}


def _plain(value):
    """Whole numbers without a point: they are most of a file."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _index(site: Site) -> dict:
    """What every page wants to know: machines with their noise floors, releases, names."""
    return {
        "machines": [
            {
                "name": machine,
                "slug": slug(machine),
                "releases": site.on(machine)["release"].unique(maintain_order=True).to_list(),
                # Those with more than the question of 2017.
                "whole": site.on(machine).filter(pl.col("op").is_not_null())["release"].unique(
                    maintain_order=True
                ).to_list(),
                "floors": verdict.floors(site.results / machine / "noise.jsonl").to_dicts(),
            }
            for machine in site.machines
        ],
        "releases": [
            {"name": row["release"], "library": row["library"], "version": row["version"],
             "date": row["uploaded"].isoformat(), "slug": slug(row["release"])}
            for row in site.table.select(
                "release", "library", "version", "uploaded"
            ).unique(maintain_order=True).to_dicts()
        ],
        "backends": BACKEND_NAMES,
        "dtypes": DTYPES,
        "default_floor": verdict.DEFAULT_FLOOR,
        "search_luck": verdict.SEARCH_LUCK,
    }  # fmt: skip


def unavailable(site: Site, machine: str, release: str) -> list[list]:
    """What a release lacks: rows of backend, device, op, dtype (null: whichever), reason."""
    file = site.results / machine / "environments" / f"{release}.jsonl"
    try:
        return json.loads(file.read_text(encoding="utf-8")).get("unavailable") or []
    except (OSError, ValueError, AttributeError):
        return []  # history.load has named it
