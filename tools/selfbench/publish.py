"""What our pages add to `asv publish`, and what a reader loads of them, on a made-up history."""

from __future__ import annotations

import itertools
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import levels
from benchmarks.libraries import OF_BACKEND, TITLES
from tools.foundation.paths import ROOT
from tools.releases.release_table import Release, load
from tools.report import browser
from tools.report.alongside import Making
from tools.report.site import DTYPES, slug
from tools.results import history
from tools.selfbench.rows import row

RELEASES = 40
_MACHINE = "made-up"
_SAMPLES = 20
_OPENINGS = 5
_COLUMNS = ["result", "params", "version", "started_at", "duration", "stats_ci_99_a",
            "stats_ci_99_b", "stats_q_25", "stats_q_75", "stats_number", "stats_repeat",
            "samples"]  # fmt: skip


def pages() -> list[dict]:
    """Seconds that the pages take, and the megabytes of the largest of each kind."""
    releases = load()
    chosen = [release for release in releases if release.parsed.micro != 0][-RELEASES:]
    with tempfile.TemporaryDirectory() as folder:
        results, html = Path(folder) / "results", Path(folder) / "html"
        make(results, chosen)
        html.mkdir()
        started = time.perf_counter()
        making = Making(html, results, ROOT / "releases.toml", "")
        try:
            making.problems()
        finally:
            making.end()
        seconds = time.perf_counter() - started
        count = len(history.load(results, releases).filter(status="measured"))
        loaded = {name: _size(html, files) for name, files in _loads(html, chosen).items()}
        opened = _opened(html, chosen)
    return [
        row(f"numbers of {len(chosen)} releases", count, "numbers"),
        row("our pages", seconds, "s", most=20),
        *(row(f"loaded by {name}", size / 1e6, "MB", most=1.5) for name, size in loaded.items()),
        *(row(f"until {name} is there", seconds, "s", most=1) for name, seconds in opened.items()),
    ]


def make(results: Path, releases: list[Release]) -> None:
    """Results files in asv's format with a number for all that each library could run."""
    known = json.loads((ROOT / "results" / "benchmarks.json").read_text())
    benchmarks = {name: one for name, one in known.items() if isinstance(one, dict)}
    folder = results / _MACHINE
    folder.mkdir(parents=True)
    (results / "benchmarks.json").write_text(json.dumps(known))
    (folder / "machine.json").write_text(json.dumps({"machine": _MACHINE, "version": 1}))
    rng = np.random.default_rng(0)
    for release in releases:
        rows = {name: _row(one, release, rng) for name, one in benchmarks.items()}
        data = {
            "commit_hash": release.hash, "env_name": "release-pyrelease", "date": 0,
            "params": {"machine": _MACHINE}, "python": "release", "requirements": {},
            "env_vars": {}, "result_columns": _COLUMNS, "results": rows, "durations": {},
            "version": 2,
        }  # fmt: skip
        file = folder / f"{release.hash[:8]}-release-pyrelease.json"
        file.write_text(json.dumps(data))


def _row(benchmark: dict, release: Release, rng: np.random.Generator) -> list:
    """Numbers at random, and NaN where asv would have it."""
    combinations = list(itertools.product(*benchmark["params"]))
    runs = np.array([_could_run(release, combination) for combination in combinations])
    values = np.where(runs, np.exp(rng.normal(-9, 2, len(combinations))), np.nan)
    found = [float(f"{value:.5g}") for value in values]
    line: list = [found, benchmark["params"], benchmark["version"], 0, 1.0]
    if benchmark["type"] == "time":
        low = [value * 0.98 for value in found]
        high = [value * 1.02 for value in found]
        line += [low, high, low, high, [1] * len(found), [_SAMPLES] * len(found)]
        line.append([[value] * _SAMPLES if value == value else None for value in found])
    return line


def _could_run(release: Release, combination: tuple[str, ...]) -> bool:
    """Whether there is such a number of the release on a CPU with AVX-512."""
    asked = {value.strip("'") for value in combination}
    held = asked & set(levels.OF_DEVICE)
    for backend in asked & set(TITLES):
        version = tuple(release.parsed.release)
        if OF_BACKEND[backend] == release.library and "gpu" not in asked:
            return all(levels.OF_DEVICE[one] in levels.switched(backend, version) for one in held)
    return False


def _loads(html: Path, releases: list[Release]) -> dict[str, list[str]]:
    """What a browser loads for a page as it opens."""
    always = ["static/style.css", "static/ulpwatch.js", "data/site.js"]
    pictures = [*always, "vega.js"]

    def largest(names) -> list[str]:
        files = [f"data/{slug(_MACHINE)}-{name}.js" for name in names]
        return sorted(
            (name for name in files if (html / name).exists()),
            key=lambda name: (html / name).stat().st_size,
        )

    of_release = largest(slug(release.name) for release in releases)
    of_dtype = largest(f"newest-{dtype}" for dtype in DTYPES)
    ops = [path.stem.removeprefix("op-") for path in html.glob("op-*.html")]
    of_op = largest(f"op-{name}" for name in ops)
    return {
        "the start page": [*pictures, "index.html", "static/start.js", *of_dtype[-1:]],
        # Its picture is folded away, and with it Vega.
        "a comparison": [*always, "compare.html", "static/compare.js", *of_release[-2:]],
        "a function's page": [*pictures, "static/op.js", *of_op[-1:], f"op-{ops[0]}.html"],
        "the changes": [*always[:2], "changes.html"],
    }


def _opened(html: Path, releases: list[Release]) -> dict[str, float]:
    """Seconds from the address to what a reader came for, in Chromium: the median of some."""
    before, after = (one.name for one in releases[-2:])
    pages = {
        "the start page's table": ("start.html", "#functions tbody tr"),
        "a comparison's table": (
            f"compare.html#before={before}&after={after}",
            "#by-function tbody tr",
        ),
        "a function's first picture": ("op-exp.html", "#errors svg"),
        "the list of changes": ("changes.html", "main section"),
    }
    found = {}
    with browser.chromium() as program, browser.served(html) as url:
        for name, (address, selector) in pages.items():
            taken = []
            for _ in range(_OPENINGS):
                with program.new_context() as context:  # nothing in its cache
                    page = context.new_page()
                    started = time.perf_counter()
                    page.goto(url + address, wait_until="commit")
                    page.wait_for_selector(selector)
                    taken.append(time.perf_counter() - started)
            found[name] = statistics.median(taken)
    return found


def _size(html: Path, files: list[str]) -> int:
    # Before `asv publish` has ended, the start page has another name.
    paths = [html / ("start.html" if name == "index.html" else name) for name in files]
    return sum(path.stat().st_size for path in paths)
