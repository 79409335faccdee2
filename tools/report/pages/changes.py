"""What changed from release to release, by function: the page, its data and an Atom feed."""

from __future__ import annotations

import datetime as dt

import polars as pl
from asv import feed

from tools.report.site import Site, slug
from tools.report.steps import by_function
from tools.report.steps.between import ENDS, steps

SHOWN = 30
_TOLD = (
    "machine", "metric", "unit", "op", "dtype", "backend", "device", "place", "where",
    "before", "after", "ratio", "verdict", *ENDS, "gap",
)  # fmt: skip


def write(site: Site) -> pl.DataFrame:
    """``changes.html``, ``changes.json`` and ``changes.xml``; returns the steps."""
    found = steps(site)
    of_release = found.partition_by("after_release", as_dict=True)
    releases = [
        _of_release(site, row, of_release[row["release"],])
        for row in reversed(site.releases) if (row["release"],) in of_release
    ]  # fmt: skip
    site.page("changes.html", "changes.html", title="Changes", releases=releases, shown=SHOWN)
    # polars writes it many times as fast as Python's json would.
    plain = found.select(_TOLD).write_json()
    text = f'{{"version": 1, "steps": {plain}}}'
    (site.html / "data" / "changes.json").write_text(text, encoding="utf-8")
    _feed(site, releases)
    return found


def _of_release(site: Site, row: dict, mine: pl.DataFrame) -> dict:
    accuracy, speed = by_function.accuracy(mine), by_function.speed(mine)
    return {
        "name": row["release"],
        "date": row["uploaded"].isoformat(),
        "slug": slug(row["release"]),
        "before": max(mine["before_release"].unique(), key=site.order.__getitem__),
        "pythons": site.two_pythons(mine),
        "words": by_function.words(accuracy, speed),
        "tables": [("Accuracy", accuracy), ("Speed", speed)],
    }


def _feed(site: Site, releases: list[dict]) -> None:
    entries = [
        feed.FeedEntry(
            title=f"{one['name']}: {one['words']}",
            updated=dt.datetime.fromisoformat(one["date"]).replace(tzinfo=dt.UTC),
            link=f"changes.html#{one['slug']}",
            content=one["words"],
            id_context=["ulpwatch", one["name"]],
            id_date=dt.datetime.fromisoformat(one["date"]).replace(tzinfo=dt.UTC),
        )
        for one in releases
    ]
    with (site.html / "changes.xml").open("wb") as file:
        feed.write_atom(file, entries, author="Ulpwatch", title="Ulpwatch: changes",
                        address="ulpwatch")  # fmt: skip
