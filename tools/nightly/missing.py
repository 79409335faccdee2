"""Which releases a machine has not measured, and which it lately has."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import polars as pl
from asv.results import Results

from tools.foundation.errors import Damaged
from tools.releases.release_table import Release
from tools.results import asv_results, completeness

NEWS = 90
"""Days for which somebody waits for news of a release."""
MOST = 256
"""Jobs that GitHub makes of one matrix."""


def before(release: Release, releases: list[Release]) -> Release | None:
    """The one of the same library before ``release``; None for the first."""
    mine = [other for other in releases if other.library == release.library]
    place = mine.index(release)
    return mine[place - 1] if place else None


def machines(results: Path, name: str | None) -> list[str]:
    """Those with results that are ``name``, or NAME-FEATURES (tools/machine.py); without a name,
    all."""
    found = sorted(path.parent.name for path in results.glob("*/machine.json"))
    return [one for one in found if name is None or one == name or one.startswith(f"{name}-")]


def new(releases: list[Release], machine: str | None, results: Path) -> list[Release]:
    """The ``releases`` of which none of the :func:`machines` has measured all that there is, newest
    first. Raises Damaged where asv's list of benchmarks cannot be read."""
    listed = asv_results.benchmarks(results).values()
    known = [one for one in listed if isinstance(one, dict)]
    folders = [results / one for one in machines(results, machine)]

    def is_measured(release: Release) -> bool:
        paths = (folder.glob(f"{release.hash[:8]}-*.json") for folder in folders)
        return any(_is_whole(path, known, release) for path in itertools.chain(*paths))

    return [one for one in reversed(releases) if not is_measured(one)]


def _is_whole(path: Path, known: list[dict], release: Release) -> bool:
    try:
        file = asv_results.load(path, Results.api_version)
        return all(completeness.results(file, one).keys() >= _asked(one, release) for one in known)
    except (Damaged, ValueError, TypeError, KeyError, AttributeError):
        return False


def _asked(benchmark: dict, release: Release) -> set[completeness.Combination]:
    params = completeness.of_library(benchmark["params"], release.library)
    return set(completeness.combinations(params))


def matrix(chosen: list[Release], releases: list[Release]) -> dict:
    """GitHub's: a job for each of the ``chosen``, with the release before it, "" for the first."""
    rows = []
    for release in chosen:
        previous = before(release, releases)
        rows.append({"release": release.name, "previous": previous.name if previous else ""})
    return {"include": rows}


def lately(table: pl.DataFrame, days: int, now: dt.datetime) -> list[str]:
    """The names of releases in ``table`` that were measured in the last ``days``, and are not
    older than NEWS days: nobody waits for news of those with which a history is filled."""
    since, news = (now - dt.timedelta(days=days) for days in (days, NEWS))
    found = table.filter(pl.col("started") >= since, pl.col("uploaded") >= news.date())
    return found["release"].unique(maintain_order=True).to_list()
