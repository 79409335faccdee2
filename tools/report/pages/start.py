"""The start page: its table is drawn from data by static/start.js, the rest is made here."""

from __future__ import annotations

import polars as pl

from benchmarks.libraries import BY_NAME, QUESTION
from tools.report.facts import heat_map
from tools.report.facts.seed_question import right_since
from tools.report.facts.sentences import faster, lately, newest_on, same_results
from tools.report.site import ASKED, Site


def write(site: Site, steps: pl.DataFrame) -> None:
    heat_map.write(site)
    sentences = [same_results(site), faster(site), lately(site, steps)]
    site.page(
        "start.html",
        "start.html",
        title=ASKED,
        sentences=sentences,
        description=sentences[0],
        since=right_since(site),
        ops=site.ops,
        others={
            library: BY_NAME[library].title
            for library in site.measured["library"].unique(maintain_order=True).sort()
            if library not in QUESTION
        },
        here=_here(site),
    )


def _here(site: Site) -> dict | None:
    """What was measured on the machine that makes this report, and who has the history."""
    if site.here is None:
        return None
    measured = {row["release"] for row in newest_on(site, site.here).values()}
    others = {machine: site.on(machine)["release"].n_unique() for machine in site.machines[1:]}
    return {"machine": site.here, "releases": sorted(measured), "others": others}
