"""asv's own pages, taken over: on a copy of asv's www folder, with stand-ins for the packages."""

from __future__ import annotations

import json
import math
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import asv
import pytest
from asv.graph import Graph

from tools.report.asv_site import assets, takeover

WWW = Path(asv.__file__).parent / "www"
CDN = "https://code.jquery.com/jquery-3.3.1.min.js"


class Loaded(HTMLParser):
    """What a page loads as soon as it is opened: its scripts, stylesheets and pictures."""

    def __init__(self, page: Path):
        super().__init__()
        self.urls = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        name = {"script": "src", "img": "src", "link": "href"}.get(tag)
        if name and (url := dict(attrs).get(name)):
            self.urls.append(url)


@pytest.fixture
def html(tmp_path) -> Path:
    """The folder as ``asv publish`` leaves it, with one regression in the feed."""
    shutil.copytree(WWW, tmp_path / "html")
    (tmp_path / "html" / "regressions.xml").write_text('<link href="index.html#bench.time?a=1"/>')
    return tmp_path / "html"


@pytest.fixture
def packages(tmp_path) -> Path:
    """Stand-ins for the packages' files, each with its own name as its text."""
    for name in (*takeover.LOCAL.values(), f"{takeover.FONTS}/a.woff"):
        file = tmp_path / "node_modules" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "node_modules"


def test_with_the_packages_nothing_is_loaded_from_elsewhere(html, packages):
    takeover.take_over(html, packages)
    urls = Loaded(html / "index.html").urls
    assert len(urls) == len(Loaded(WWW / "index.html").urls)
    assert not [url for url in urls if "//" in url]


def test_every_file_that_the_page_loads_is_there(html, packages):
    takeover.take_over(html, packages)
    assert [url for url in Loaded(html / "index.html").urls if not (html / url).is_file()] == []


def test_a_local_file_stands_where_the_cdn_file_of_that_name_stood(html, packages):
    takeover.take_over(html, packages)
    for before, after in zip(
        Loaded(WWW / "index.html").urls, Loaded(html / "index.html").urls, strict=True
    ):
        name, other = (url.split("/")[-1].replace(".min.", ".") for url in (before, after))
        assert name.replace("jquery-3.3.1", "jquery") == other


def test_bootstrap_finds_its_fonts_where_its_css_looks_for_them(html, packages):
    takeover.take_over(html, packages)
    (css,) = html.rglob("bootstrap.min.css")
    assert (css.parent / "../fonts/a.woff").is_file()


def test_without_the_packages_the_page_stays_as_asv_wrote_it(html):
    takeover.take_over(html, None)
    assert (html / "index.html").read_bytes() == (WWW / "index.html").read_bytes()


def test_a_start_page_takes_the_place_of_asvs_which_links_back(html, packages):
    (html / "start.html").write_text("ours")
    takeover.take_over(html, packages)
    assert (html / "index.html").read_text() == "ours"
    assert not (html / "start.html").exists()
    assert (html / "asv.html").read_text().count('<li><a href="index.html">') == 1
    assert (html / "regressions.xml").read_text() == '<link href="asv.html#bench.time?a=1"/>'


def test_without_a_start_page_asvs_stays_the_first(html, packages):
    takeover.take_over(html, packages)
    assert not (html / "asv.html").exists()
    assert '<a href="index.html">' not in (html / "index.html").read_text()
    assert "index.html#" in (html / "regressions.xml").read_text()


@pytest.mark.parametrize(
    ("old", "new"), [(CDN, "https://cdn.example/jquery-9.js"), ("navbar-nav", "other-nav")]
)
def test_the_page_of_another_asv_keeps_its_text_and_a_line_says_so(
    html, packages, caplog, old, new
):
    page = (html / "index.html").read_text().replace(old, new)
    (html / "index.html").write_text(page)
    (html / "start.html").write_text("ours")
    takeover.take_over(html, packages)
    assert (html / "asv.html").read_text() == page
    (line,) = caplog.messages
    assert "not that of asv 0.6.6" in line


def test_the_lock_holds_exact_versions_and_hashes_but_no_registry():
    asked = json.loads((assets.PINNED / "package.json").read_text())["dependencies"]
    lock = json.loads((assets.PINNED / "package-lock.json").read_text())["packages"]
    assert lock.pop("")["dependencies"] == asked
    assert {name.removeprefix("node_modules/"): lock[name]["version"] for name in lock} == asked
    for package in lock.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert re.fullmatch(r"sha512-[\w+/]{86}==", package["integrity"])
    assert not re.search(r"resolved|https?:", (assets.PINNED / "package-lock.json").read_text())


def test_without_npm_there_are_no_packages_and_one_line_says_what_that_means(
    monkeypatch, tmp_path, caplog
):
    monkeypatch.setattr(assets, "KEPT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert assets.fetch() is None
    (line,) = caplog.messages
    assert "npm is not here: asv's pages take jquery, bootstrap and flot from their CDNs" in line


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'npm error code EINTEGRITY' >&2; exit 1", "npm error code EINTEGRITY"),
        ("exit 3", "exit code 3"),
        ("mkdir node_modules; exec sleep 5", "took over"),
    ],
)
def test_an_npm_that_fails_leaves_nothing_behind(monkeypatch, tmp_path, caplog, script, said):
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(assets, "KEPT", tmp_path / "cache")
    monkeypatch.setattr(assets, "TIMEOUT", 1)
    assert assets.fetch() is None
    (line,) = caplog.messages
    assert said in line
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A site that was published before, and asv, which writes another one."""
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("yesterday's")

    def publish(conf, *_):
        shutil.copytree(WWW, conf.html_dir)
        (Path(conf.html_dir) / "index.json").write_text(
            '{"graph_param_list": [], "benchmarks": {}}'
        )

    monkeypatch.setattr(takeover, "_publish", publish)
    monkeypatch.setattr(assets, "fetch", lambda: None)
    paths = {"html_dir": "html", "results_dir": "results", "repo": "releases.toml"}
    return SimpleNamespace(**{name: str(tmp_path / path) for name, path in paths.items()})


def test_a_new_site_takes_the_old_ones_place(published, tmp_path):
    takeover.publish(published)
    assert "airspeed velocity" in (tmp_path / "html" / "index.html").read_text()
    assert published.html_dir == str(tmp_path / "html")
    assert [path.name for path in tmp_path.iterdir()] == ["html"]


def test_a_site_that_cannot_be_made_leaves_the_old_one(published, tmp_path, monkeypatch):
    def take_over(html, packages):
        raise ValueError("a malformed note")

    monkeypatch.setattr(takeover, "take_over", take_over)
    with pytest.raises(ValueError, match="malformed"):
        takeover.publish(published)
    assert (tmp_path / "html" / "index.html").read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["html"]


def test_the_data_of_a_graph_are_those_that_asv_gives():
    graph = Graph("exp", {"machine": "here"})
    for revision, values in ((2, [3.0, None]), (1, [1.0, 5.0])):
        graph.add_data_point(revision, values)
    assert takeover.get_data(graph) == [
        (1, [1.0, 5.0], [None, None]),
        (2, [3.0, None], [None, None]),
    ]
    assert takeover.get_data(graph) == graph.get_data()


@pytest.mark.parametrize(
    "series",
    [
        [(1, 1.0), (2, None), (3, 1.0), (4, 9.0), (5, math.nan), (6, 9.0), (7, 9.0)],
        [(1, [1.0, None]), (2, [1.0, None]), (3, [5.0, None]), (4, [5.0, None])],
        [(1, [None, 2.0, 2.0]), (2, [3.0, 2.0, 2.0]), (3, [3.0, 8.0, 8.0]), (4, [9.0, 8.0, 8.0])],
        [],
    ],
)
def test_steps_are_those_that_asv_finds(series):
    def graph():
        made = Graph("benchmark", {})
        for revision, value in series:
            made.add_data_point(
                revision, value, [1.0] * len(value) if isinstance(value, list) else 1.0
            )
        return made

    ours, theirs = graph(), graph()
    takeover.detect_steps(ours)
    assert ours.get_steps() == theirs.get_steps()


def test_asvs_pages_have_the_backends_of_the_branches_alone(tmp_path):
    listed = {
        "bench.track": {
            "name": "bench.track",
            "param_names": ["backend", "op"],
            "params": [["'jax'", "'numpy'", "'tensorflow'", "'tensorflow-xla'"], ["'exp'"]],
        }
    }
    (tmp_path / "benchmarks.json").write_text(json.dumps({**listed, "version": 2}))
    branches = ["numpy", "tensorflow"]
    conf = SimpleNamespace(results_dir=str(tmp_path), benchmark_dir="benchmarks", branches=branches)
    found = takeover.BenchmarksOfBranches.load(conf)
    assert found["bench.track"]["params"] == [
        ["'numpy'", "'tensorflow'", "'tensorflow-xla'"],
        ["'exp'"],
    ]
