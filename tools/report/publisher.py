"""Writes our pages when `asv publish` runs: history → data of a page → page, and never back."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from asv.console import log
from asv.publishing import OutputPublisher

from tools.foundation import errors
from tools.foundation.errors import Damaged
from tools.releases.release_table import Release, load, select
from tools.report import notes
from tools.report.pages import about, changes, data, findings, libraries, op, question, start
from tools.report.site import ASKED, BOTH, Site
from tools.results import export, history
from tools.results.machines import name_here

STATIC = Path(__file__).parent / "static"


class Pages(OutputPublisher):
    """asv finds it by its existing."""

    name = "ulpwatch"
    button_label = ASKED
    description = f"Accuracy and speed of {' and '.join(BOTH)} side by side"

    @classmethod
    def publish(cls, conf, repo, benchmarks, graphs, revisions):
        # takeover.py has begun, with what asv was asked for: its revisions are all that have a tag.
        making = conf.pages
        problems = making.problems()
        shutil.copytree(making.html, conf.html_dir, dirs_exist_ok=True, copy_function=shutil.move)
        for line in problems:
            log.warning(line)
        errors.left_out += problems


def make(html: Path, results: Path, repo: Path, range_spec: str) -> list[str]:
    """All pages of the releases that asv was asked for; lines on what is left out as damaged."""
    chosen = select(range_spec, load(repo))
    site = read(results, html, chosen, _here(), repo.with_name(notes.FILE.name))
    write(site)
    return site.problems


def _here() -> str | None:
    try:
        return name_here()
    except Damaged:
        return None  # history names the file


def read(results: Path, html: Path, chosen: list[Release], here: str | None = None,
         said_in: Path = notes.FILE) -> Site:  # fmt: skip
    """A site of the ``chosen`` releases; what is left out as damaged is among its problems.

    ``here`` is the name of the machine that makes it: the pages open on its numbers. The notes are
    those ``said_in`` a file.
    """
    problems: list[str] = []
    every = load()
    # Of the whole history a file of no release in it is named; a range looks at its own alone.
    table = history.load(results, chosen, problems, only=() if chosen == every else chosen)
    names = {release.name for release in chosen}
    records = [one for one in history.records(results, problems) if one["release"] in names]
    said, wrong = notes.load({release.name for release in every}, said_in)
    return Site(table, records, results, html, here, said, [*problems, *wrong])


def write(site: Site) -> None:
    """All pages of ``site`` with their data."""
    html = site.html
    shutil.copytree(STATIC, html / "static", dirs_exist_ok=True)
    with ThreadPoolExecutor(1) as beside:  # most of it is compression, outside of Python
        exported = beside.submit(export.write, site.table, site.records, html / "data")
        data.write(site)
        steps = changes.write(site)
        start.write(site, steps)
        op.write(site, steps)
        findings.write(site, steps)
        libraries.write(site)
        question.write(site)
        about.write(site)
        site.page("compare.html", "compare.html", title="Compare")
        exported.result()
