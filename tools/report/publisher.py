"""Writes our pages when `asv publish` runs: history → data of a page → page, and never back."""

from __future__ import annotations

import shutil
from pathlib import Path

from asv.console import log
from asv.publishing import OutputPublisher

from .. import export, history
from ..machine import name_here
from ..releases import load
from . import about, changes, data, findings, op, question, start
from .site import Site

STATIC = Path(__file__).parent / "static"


class Pages(OutputPublisher):
    """asv finds it by its existing."""

    name = "ulpwatch"
    button_label = "NumPy or TensorFlow?"
    description = "Accuracy and speed of NumPy and TensorFlow side by side"

    @classmethod
    def publish(cls, conf, repo, benchmarks, graphs, revisions):
        results, html = Path(conf.results_dir), Path(conf.html_dir)
        problems: list[str] = []
        table = history.load(results, load(Path(conf.repo)), problems)
        records = list(history.records(results, problems))
        for line in problems:
            log.warning(line)
        write(table, records, results, html, name_here())


def write(table, records: list[dict], results: Path, html: Path, here: str | None = None) -> None:
    """All pages with their data, from the tidy table and the Records, into ``html``.

    ``here`` is the name of the machine that does it: the pages open on its numbers.
    """
    site = Site(table, records, results, html, here)
    shutil.copytree(STATIC, html / "static", dirs_exist_ok=True)
    data.write(site)
    steps = changes.write(site)
    start.write(site, steps)
    op.write(site, steps)
    findings.write(site, steps)
    question.write(site)
    about.write(site)
    site.page("compare.html", "compare.html", title="Compare")
    export.write(table, records, html / "data")
