"""The data that pages load, in small files: by op, and by machine and release."""

from __future__ import annotations

import math
from collections import defaultdict

import polars as pl

from benchmarks import levels
from benchmarks.libraries import FIRST, OF_BACKEND, QUESTION
from tools.judging import bands, verdict
from tools.report.facts import at_levels
from tools.report.site import DTYPES, LEVEL_TITLES, Site, slug, with_place
from tools.results import result_bits
from tools.results.completeness import APART

# In the order of which rows are sorted: those that change least first.
_STRINGS = ("benchmark", "metric", "unit", "backend", "bound", "device", "op", "dtype", "place")
_NUMBERS = ("value", "low", "high")
_TOLD = ("time", "max_ulp", "max_ulp_exact", "max_ulp_search")
# Beyond what a call costs, and in a core's caches.
_SIZE = 10000
# Of the hexadecimal digits: two of some thousand functions are alike in so many once in 10^6 sites.
_HASH = 12


def write(site: Site) -> None:
    """``site.js``; of each op a file; of each machine one of each release, and of each dtype."""
    bits = _bits(site)
    table = with_place(site.table.filter(pl.col("status") != "unavailable"))
    at_level = with_place(at_levels.rows(site)).with_columns(device="level")
    for machine in site.machines:
        mine = table.filter(machine=machine)
        for (release,), rows in mine.group_by("release"):
            more = {
                "unavailable": unavailable(site, machine, release),
                "bits": bits.get((machine, release), {}),
            }
            own = rows.filter(~pl.col("device").is_in(list(levels.OF_DEVICE)).fill_null(False))
            site.data(f"{slug(machine)}-{slug(release)}", columns(own, _STRINGS) | more)
            held = rows.filter(pl.col("device").is_in(list(levels.OF_DEVICE)))
            for (device,), some in held.group_by("device"):  # a comparison asks for one
                site.data(f"{slug(machine)}-{slug(release)}-{device}", columns(some, _STRINGS))
        for dtype in DTYPES:
            site.data(
                f"{slug(machine)}-newest-{dtype}", _newest(site, mine, at_level, machine, dtype)
            )
    told = [at_level.select(table.columns), table.filter(metric="time")]
    shown = pl.concat(told).filter(pl.col("op").is_not_null(), pl.col("metric").is_in(_TOLD))
    for (op,), rows in shown.group_by("op"):
        # The releases of a place are in their order, which the rows come in.
        site.data(f"op-{slug(op)}", columns(rows, (*_STRINGS, "release", "machine")))
    site.data("site", _index(site))


def _bits(site: Site) -> dict[tuple[str, str], dict[str, list]]:
    """By machine and release, of the functions by backend, dtype, function and device: the
    beginning of the hash of their results, their mean error and the share that is not correctly
    rounded. The hash knows the bits of NaN, too, which differ where no number does. A level that
    gives the bits of ``cpu`` is left out."""
    by_place = defaultdict(list)
    for one in site.known_records:
        if one["kind"] in ("sample", "exact"):
            by_place[one["machine"], one["release"]].append(one)
    found: dict[tuple[str, str], dict[str, list]] = {}
    for place, mine in by_place.items():
        quick = result_bits.quick(mine)
        found[place] = {
            f"{backend}|{dtype}|{op}|{device}": [
                one["results"][:_HASH],
                one["mean_ulp"],
                one["misrounded"],
            ]
            for (backend, device, op, dtype), one in quick.items()
            if device == "cpu"
            or one["results"] != quick.get((backend, "cpu", op, dtype), {}).get("results")
        }
    return found


def _newest(site: Site, mine: pl.DataFrame, held: pl.DataFrame, machine: str, dtype: str) -> dict:
    """By library, what the start page shows of the newest release with numbers of functions on
    ``machine``: errors at all levels, and its times."""
    found = {}
    for library in mine["library"].unique().sort():
        rows = mine.filter(pl.col("op").is_not_null(), library=library)
        if len(rows):
            release = rows["release"][-1]
            of = {"release": release, "dtype": dtype}
            errors = held.filter(pl.col("metric").is_in(_TOLD), **of).select(rows.columns)
            rows = pl.concat([errors, rows.filter(metric="time", **of)])
            lacks = unavailable(site, machine, release)
            found[library] = columns(rows, _STRINGS) | {"name": release, "unavailable": lacks}
    return found


def columns(rows: pl.DataFrame, strings: tuple[str, ...]) -> dict:
    """Rows as columns: text as numbers into ``names``, one each or as runs (a number, how often),
    whichever is shorter; numbers as they are, null for failed."""
    names = {name: rows[name].unique().drop_nulls().sort().to_list() for name in strings}
    places = [
        pl.col(name).cast(pl.Enum(known)).to_physical().cast(pl.Int32).fill_null(-1)
        for name, known in names.items()
    ]
    rows = rows.with_columns(places).sort(*strings[: len(_STRINGS)], maintain_order=True)
    coded = {}
    for name in strings:
        codes = rows[name]
        runs = codes.rle().struct.unnest().select("value", "len").rows()
        short = 2 * len(runs) < len(codes)
        coded[name] = {"runs": [one for run in runs for one in run]} if short else codes.to_list()
    # The quarters of samples that have five digits.
    rows = rows.with_columns(pl.col("low", "high").round_sig_figs(5))
    for name in _NUMBERS:
        # Whole numbers without a point: they are most of a file.
        coded[name] = [one if one is None or one % 1 else int(one) for one in rows[name].to_list()]
    return {"names": names, "columns": coded}


def _index(site: Site) -> dict:
    """What every page wants to know: machines with their noise floors, releases, names."""
    return {
        "machines": [
            {
                "name": machine,
                "slug": slug(machine),
                "level": at_levels.of(site.levels[machine], "cpu"),
                "at": _levels_of(site, machine),
                "timed": _having(site, machine, "time"),
                "counted": _having(site, machine, "instructions"),
                "releases": site.on(machine)["release"].unique(maintain_order=True).to_list(),
                # Those with more than the question of 2017.
                "whole": site.on(machine).filter(pl.col("op").is_not_null())["release"].unique(
                    maintain_order=True
                ).to_list(),
                "size": usual_size(site.on(machine)),
                "processors": site.processors(machine),
                "pythons": site.pythons(machine),
                "floors": site.floors(machine).to_dicts(),
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
        "backends": site.titles,
        "library_of": OF_BACKEND,
        "question": [FIRST[library] for library in QUESTION],
        "first": list(FIRST.values()),
        "dtypes": DTYPES,
        "levels": LEVEL_TITLES,
        "bands": {dtype: bands.ends(dtype) for dtype in DTYPES},
        "band_names": bands.NAMES,
        "default_floors": verdict.DEFAULT_FLOORS,
        "search_luck": verdict.SEARCH_LUCK,
        "resolution": verdict.RESOLUTION,
        "fine": verdict.FINE,
        "apart": APART,
    }  # fmt: skip


def _levels_of(site: Site, machine: str) -> dict[str, dict[str, int]]:
    """By release, the levels at which ``machine`` has errors of functions, and of how many."""
    errors = site.on(machine).filter(pl.col("op").is_not_null(), metric="max_ulp")
    counts = at_levels.with_level(site, errors).group_by("release", "level").len()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for release, level, count in counts.sort("release", "level").rows():
        found[release][level] = count
    return found


def _having(site: Site, machine: str, metric: str) -> list[str]:
    mine = site.on(machine).filter(pl.col("op").is_not_null(), metric=metric)
    return mine["release"].unique(maintain_order=True).to_list()


def usual_size(rows: pl.DataFrame) -> int:
    """The size that the start page begins with: of those at which the newest releases of all the
    libraries in ``rows`` have times, the nearest to _SIZE."""
    timed = rows.filter(pl.col("op").is_not_null(), metric="time", device="cpu", dtype="float32")
    newest = [mine["release"][-1] for (_,), mine in timed.group_by("library", maintain_order=True)]
    sizes = [set(timed.filter(release=name)["size"]) for name in newest]
    shared = set.intersection(*sizes) if sizes else set()
    return min(shared, key=lambda size: abs(math.log(size / _SIZE)), default=_SIZE)


def unavailable(site: Site, machine: str, release: str) -> list[list]:
    """What a release lacks: rows of backend, device, op, dtype (null: whichever), reason."""
    return site.listing(machine, release).get("unavailable") or []
