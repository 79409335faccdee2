"""Every step in a number from one release to the next, improvements as well as regressions."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import polars as pl
from asv import feed

from benchmarks import levels
from tools.judging import verdict
from tools.report.pages.data import with_place
from tools.report.site import Site, slug

_SERIES = ("machine", "benchmark", "metric", "unit", "op", "dtype", "region", "size", "variant",
           "device", "backend", "processor")  # fmt: skip
_SIDE = ("value", "low", "high", "status", "release")
_ENDS = ("before_release", "after_release")
_QUICK = ("machine", "op", "backend", "device", "dtype")
_SELDOM = ("max_ulp_exact", "max_ulp_search")
SHOWN = 30


def steps(site: Site) -> pl.DataFrame:
    """Rows of each number with that of the release before it, where the verdict is better or worse.

    The release before is the one of the same library that was last measured in it, on the same
    machine and processor. How far TensorFlow is from the NumPy beside it is left out: neither is
    the worse for that. ``gap`` tells where releases between the two have no such number.
    """
    # Without any results: no rows, but all columns.
    machines = site.machines or ["none"]
    found = with_place(pl.concat(_of_machine(site, machine) for machine in machines))
    found = _since_when(site, _at_own_levels(found)).with_columns(step=_step())
    # By everything that tells rows apart, or equal steps would change places from run to run.
    rest = ["op", "dtype", "place", "device", "backend", "metric", "after_release", "machine"]
    return found.sort("step", *rest, descending=[True] + [False] * len(rest))


def _at_own_levels(found: pl.DataFrame) -> pl.DataFrame:
    """Without the steps at a level of x86-64 that are those of a processor's own best, too."""
    held = pl.col("device").is_in(list(levels.OF_DEVICE))
    same = ["benchmark", "op", "dtype", "place", "backend", *_ENDS, "before", "after"]
    own = found.filter(~held)
    return pl.concat([own, found.filter(held).join(own, on=same, how="anti", nulls_equal=True)])


def _since_when(site: Site, found: pl.DataFrame) -> pl.DataFrame:
    """With ``gap``, and without steps of sweeps and searches over releases of which the quick
    profile knows better: few have one, and what changed in the first of them changed before."""
    known: dict[tuple, list[int]] = {}
    quick = site.measured.filter(pl.col("metric") == "max_ulp")
    for *key, release in quick.select(*_QUICK, "region", "release").rows():
        known.setdefault(tuple(key), []).append(site.order[release])
    names: dict[str, list[str]] = {}
    for row in site.releases:
        names.setdefault(row["library"], []).append(row["release"])
    neighbours = {pair for mine in names.values() for pair in itertools.pairwise(mine)}
    keep, gap = [], []
    for metric, *key, before, after in found.select("metric", *_QUICK, "place", *_ENDS).rows():
        places = known.get(tuple(key), ()) if metric in _SELDOM else ()
        between = range(site.order[before] + 1, site.order[after])
        keep.append(not any(place in between for place in places))
        gap.append((before, after) not in neighbours)
    found = found.with_columns(gap=pl.Series(gap, dtype=pl.Boolean))
    return found.filter(pl.Series(keep, dtype=pl.Boolean))


def _step() -> pl.Expr:
    """How large a step is, up or down: a ratio.

    Errors count from half an ULP on, since all up to that are of correctly rounded results; counts
    begin at 0, and one more is a small step.
    """
    least = pl.when(pl.col("unit") == "ulp").then(0.5).otherwise(0.0)
    more = pl.when(pl.col("unit").is_in([*verdict.MEASURES, "ulp"])).then(0).otherwise(1)
    larger = pl.max_horizontal("before", "after", least) + more
    smaller = pl.max_horizontal(pl.min_horizontal("before", "after"), least) + more
    return larger / smaller


def _of_machine(site: Site, machine: str) -> pl.DataFrame:
    floors = site.floors(machine)
    processors = site.processors(machine)
    rows = (
        site.on(machine)
        .filter(pl.col("backend").is_not_null(), pl.col("metric") != "distance_ulp")
        .with_columns(
            processor=pl.col("release").replace_strict(processors, return_dtype=pl.String)
        )
    )
    before = [pl.col(name).shift(1).over(_SERIES).alias(f"before_{name}") for name in _SIDE]
    pairs = (
        rows.with_columns(before)
        .drop_nulls("before_value")
        .with_columns(after_backend="backend", before_backend="backend")
        .rename({name: f"after_{name}" for name in _SIDE})
        .rename({"before_value": "before", "after_value": "after"})
    )
    return verdict.judge(pairs, floors).filter(pl.col("verdict").is_in(["better", "worse"]))


def write(site: Site) -> pl.DataFrame:
    """The page, its data by release, ``changes.json`` and an Atom feed; returns the steps."""
    found = steps(site)
    releases = []
    for row in reversed(site.releases):
        mine = found.filter(after_release=row["release"])
        if len(mine):
            releases.append(_of_release(row, mine) | {"pythons": site.two_pythons(mine)})
    site.page("changes.html", "changes.html", title="Changes", releases=releases, shown=SHOWN)
    (site.html / "data").mkdir(exist_ok=True)
    plain = [one for release in releases for one in release["steps"]]
    (site.html / "data" / "changes.json").write_text(
        json.dumps({"version": 1, "steps": plain}, allow_nan=False), encoding="utf-8"
    )
    _feed(site, releases)
    return found


def _of_release(row: dict, mine: pl.DataFrame) -> dict:
    shown = mine.select(
        "machine", "metric", "unit", "op", "dtype", "backend", "device", "place", "before", "after",
        "ratio", "verdict", *_ENDS, "gap",
    ).to_dicts()  # fmt: skip
    counts = {
        (kind, word): len(mine.filter(_kind(kind), verdict=word))
        for kind in ("accuracy", "speed")
        for word in ("worse", "better")
    }
    return {
        "name": row["release"],
        "date": row["uploaded"].isoformat(),
        "slug": slug(row["release"]),
        "counts": {f"{word}_{kind}": count for (kind, word), count in counts.items()},
        "steps": shown,
    }


def _kind(kind: str) -> pl.Expr:
    speed = pl.col("unit").is_in(verdict.MEASURES)
    return speed if kind == "speed" else ~speed


def _feed(site: Site, releases: list[dict]) -> None:
    entries = [
        feed.FeedEntry(
            title=f"{one['name']}: {_words(one['counts'])}",
            updated=dt.datetime.fromisoformat(one["date"]).replace(tzinfo=dt.UTC),
            link=f"changes.html#{one['slug']}",
            content=_words(one["counts"]),
            id_context=["ulpwatch", one["name"]],
            id_date=dt.datetime.fromisoformat(one["date"]).replace(tzinfo=dt.UTC),
        )
        for one in releases
    ]
    with (site.html / "changes.xml").open("wb") as file:
        feed.write_atom(file, entries, author="Ulpwatch", title="Ulpwatch: changes",
                        address="ulpwatch")  # fmt: skip


def _words(counts: dict[str, int]) -> str:
    return (
        f"accuracy worse in {counts['worse_accuracy']} and better in {counts['better_accuracy']} "
        f"numbers, speed worse in {counts['worse_speed']} and better in {counts['better_speed']}"
    )
