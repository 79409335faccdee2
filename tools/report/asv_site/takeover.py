"""asv's own pages: moved beside the start page, linked back to it, and made to work offline."""

from __future__ import annotations

import contextlib
import gc
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from asv.benchmarks import Benchmarks
from asv.commands.publish import Publish
from asv.console import log
from asv.graph import Graph, _compute_graph_steps

from benchmarks.libraries import is_of_another
from tools.report.alongside import Making
from tools.report.asv_site import assets, defaults
from tools.report.site import ASKED
from tools.results.completeness import plain

# What index.html of asv 0.6.6 loads from CDNs, and where the npm packages have it. jquery,
# bootstrap, md5 and orderBars are byte for byte the CDN's; flot is on npm unminified only, and
# stupidtable 1.0.1 only as its successor 1.1.3, which sorts asv's tables just the same.
CDNJS = "https://cdnjs.cloudflare.com/ajax/libs/"
JSDELIVR = "https://cdn.jsdelivr.net/npm/"
LOCAL = {
    "https://code.jquery.com/jquery-3.3.1.min.js": "jquery/dist/jquery.min.js",
    CDNJS + "flot/0.8.3/jquery.flot.min.js": "flot/jquery.flot.js",
    CDNJS + "flot/0.8.3/jquery.flot.time.min.js": "flot/jquery.flot.time.js",
    CDNJS + "flot/0.8.3/jquery.flot.selection.min.js": "flot/jquery.flot.selection.js",
    CDNJS + "flot/0.8.3/jquery.flot.categories.min.js": "flot/jquery.flot.categories.js",
    CDNJS + "stupidtable/1.0.1/stupidtable.min.js": "stupid-table-plugin/stupidtable.js",
    CDNJS + "blueimp-md5/2.19.0/js/md5.min.js": "blueimp-md5/js/md5.min.js",
    JSDELIVR + "flot-orderbars@1.0.0/js/jquery.flot.orderBars.js": (
        "flot-orderbars/js/jquery.flot.orderBars.js"
    ),
    JSDELIVR + "bootstrap@3.1.1/dist/js/bootstrap.min.js": "bootstrap/dist/js/bootstrap.min.js",
    JSDELIVR + "bootstrap@3.1.1/dist/css/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
}
FOLDER = "asv-assets"
FONTS = "bootstrap/dist/fonts"  # bootstrap's css asks for ../fonts/
REMOTE = re.compile(
    r'(src|href)="(https?://[^"]+)" integrity="[^"]+" crossorigin="anonymous"'
    r'(?: referrerpolicy="no-referrer")?'
)
BAR = '<ul class="nav navbar-nav navbar-left">\n'
# Short: a longer one pushes the benchmark's name over the graph on a screen 1280 pixels wide.
BACK = f'        <li><a href="index.html">{ASKED}</a></li>\n'

_publish, _get_steps, _get_data = Publish.run, Graph.get_steps, Graph.get_data


def publish(conf, range_spec=None, pull=True):
    """asv's own; then its pages make way for ours, which asv has no place for.

    All of it beside what is published now, whose place it takes when it is whole: asv empties the
    folder before it knows whether there is anything to publish.
    """
    html = Path(conf.html_dir)
    with _beside(html) as new:
        conf.html_dir = str(new)
        repo, results = Path(conf.repo), Path(conf.results_dir)
        conf.pages = Making(new.with_name("pages"), results, repo, range_spec or "")
        # Millions of lists that stay: to look for garbage among them takes a quarter of the time.
        gc.disable()
        try:
            _publish(conf, range_spec, pull)
            shorten_lists(new)
            defaults.write(new)
            take_over(new, assets.fetch())
        finally:
            conf.pages.end()
            conf.html_dir = str(html)
            gc.enable()


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder that takes the place of ``folder`` when what is done with it ends well."""
    with tempfile.TemporaryDirectory(
        prefix=f"{folder.name}.", suffix=".new", dir=folder.parent, ignore_cleanup_errors=True
    ) as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        yield new
        if new.exists():
            if folder.exists():
                folder.rename(old)
            new.rename(folder)


class BenchmarksOfBranches(Benchmarks):
    """asv's own, with the backends of the libraries that are branches alone: of each branch asv
    makes a series for every combination of parameters, whoever has it."""

    @classmethod
    def load(cls, conf, *args, **options):
        found = super().load(conf, *args, **options)
        for benchmark in found.values():
            benchmark["params"] = [
                [
                    one
                    for one in values
                    if not all(is_of_another(branch, plain(one)) for branch in conf.branches)
                ]
                for values in benchmark["params"]
            ]
        return found


def get_steps(graph: Graph):
    """asv's own, once: it goes through all combinations of parameters of a graph, and is asked for
    each of them. A whole history takes a minute to publish with this, three without."""
    if not hasattr(graph, "known_steps"):
        graph.known_steps = _get_steps(graph)
    return graph.known_steps


def detect_steps(graph: Graph, pool=None) -> None:
    """asv's own, once for each series of numbers, and here instead of in a pool's processes: of a
    whole history's 355,000 series 330,000 are empty, and 7,000 of the others are not as another."""
    if graph._steps is None:
        data = graph.get_data()
        if not data:
            graph._steps = [[]] * (graph.n_series or 0)
        elif graph.scalar_series:
            graph._steps = [_steps_of(_known(data))]
        else:
            of_each = [[(x, ys[j], ws[j]) for x, ys, ws in data] for j in range(graph.n_series)]
            graph._steps = [_steps_of(_known(one)) for one in of_each]


def _known(series: list[tuple]) -> tuple:
    """Without missing points, which belong to no step."""
    return tuple(point for point in series if point[1] is not None and point[1] == point[1])


@cache
def _steps_of(points: tuple) -> list:
    return _compute_graph_steps(list(points), reraise=False) if points else []


def get_data(graph: Graph):
    """asv's own, once: whoever asks gets what is read alone. It is asked for three times, and takes
    a fifth of the time in which a whole history is published."""
    if not hasattr(graph, "known_data"):
        graph.known_data = _get_data(graph)
    return graph.known_data


def shorten_lists(html: Path) -> None:
    """Leave out of asv's lists what was never measured: of what the libraries have between
    them nine rows in ten, for which a browser takes half a minute."""
    for file in html.glob("graphs/**/summary.json"):
        rows = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps([row for row in rows if row["last_value"] is not None]))


def take_over(html: Path, packages: Path | None) -> None:
    """Where there is a ``start.html``, it becomes ``index.html``, and asv's page ``asv.html``.

    ``packages`` is the folder of npm packages that asv's page is to load; None leaves its CDN
    links. A page that is not that of asv 0.6.6 keeps its text, and a line says so.
    """
    index, start = html / "index.html", html / "start.html"
    page = index.read_text(encoding="utf-8")
    if {url for _, url in REMOTE.findall(page)} == set(LOCAL) and page.count(BAR) == 1:
        if packages:
            page = localise(page, packages, html)
        if start.exists():
            page = defaults.link(page.replace(BAR, BAR + BACK))
        index.write_text(page, encoding="utf-8")
    else:
        log.warning("asv's index.html is not that of asv 0.6.6: it keeps its CDN links")
    if start.exists():
        index.rename(html / "asv.html")
        start.rename(index)
        feed = html / "regressions.xml"
        entries = feed.read_text(encoding="utf-8").replace("index.html#", "asv.html#")
        feed.write_text(entries, encoding="utf-8")


def localise(page: str, packages: Path, html: Path) -> str:
    """asv's page with local files for the CDNs', which are copied from the packages."""
    for name in (*LOCAL.values(), FONTS):
        there = html / FOLDER / name
        there.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (packages / name).is_dir() else shutil.copyfile
        copy(packages / name, there)
    return REMOTE.sub(lambda tag: f'{tag[1]}="{FOLDER}/{LOCAL[tag[2]]}"', page)
