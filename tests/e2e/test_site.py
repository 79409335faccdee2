"""asv's own pages in a real browser that reaches nothing but the published site."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import shutil
from pathlib import Path

import asv
import pytest
from playwright.sync_api import expect

from tools.releases import release_table
from tools.report.asv_site import assets, takeover

from .browser import served
from .conftest import ROOT

pytestmark = pytest.mark.e2e
WWW = Path(asv.__file__).parent / "www"
SEED = "bench_accuracy.Seed.track_seed_example"
TIME = "bench_time.Elementwise.track_time"
POINTS = """() => $("#main-graph").data("plot").getData().flatMap(series => series.data)
  .map(point => point[1]).filter(value => value !== null)"""
COLOURS = """() => {
  const canvas = $("#main-graph canvas.flot-base")[0];
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(pixels.buffer)).size;
}"""


@pytest.fixture(scope="module", autouse=True)
def packages() -> Path:
    if shutil.which("npm") is None:
        pytest.skip("no npm here: asv's pages take jquery, bootstrap and flot from their CDNs")
    folder = assets.fetch()
    assert folder, "npm is here, but did not get the packages"
    return folder


@pytest.fixture(scope="module")
def moved(site, packages, tmp_path_factory):
    """The site with a start page, and with regressions, of which the real results have none."""
    html = tmp_path_factory.mktemp("moved") / "html"
    shutil.copytree(site.html, html)
    shutil.copyfile(WWW / "index.html", html / "index.html")
    shutil.rmtree(html / takeover.FOLDER)
    (html / "start.html").write_text("<!doctype html><title>Start</title>")
    revisions = sorted(map(int, json.loads((html / "index.json").read_text())["revision_to_hash"]))
    jumps = [(2e-6, 4e-6), (5e-9, 5e-8), (1e-3, 3e-3)]  # factors 2, 10 and 3
    found = [
        [f"{TIME}({i})", "", {"branch": "numpy"}, i, new, old, [[*revisions[:2], old, new]]]
        for i, (old, new) in enumerate(jumps)
    ]
    (html / "regressions.json").write_text(json.dumps({"regressions": found}))
    takeover.take_over(html, packages)
    with served(html) as site:
        yield site


def measured(machine: str, library: str, backend: str) -> list[float]:
    """The seed example's results on the CPU, by date of release, from the results files."""
    whose = {release.hash: release for release in release_table.load(ROOT / "releases.toml")}
    found = []
    for file in ROOT.glob(f"results/{machine}/*-release-*.json"):
        saved = json.loads(file.read_text())
        release = whose[saved["commit_hash"]]
        if release.library != library:
            continue  # another library's file has no room for this backend
        values, (backends, devices) = saved["results"][SEED][:2]
        value = values[backends.index(repr(backend)) * len(devices) + devices.index("'cpu'")]
        if value is not None and not math.isnan(value):
            found.append((release.uploaded, value))
    return [value for _, value in sorted(found)]


def test_npm_gives_what_the_cdns_give_where_asv_asks_for_the_same_file(packages):
    page = (WWW / "index.html").read_text()
    same = set()
    for url, algorithm, digest in re.findall(r'"(https:\S+)" integrity="(sha\d+)-(\S+)"', page):
        file = packages / takeover.LOCAL[url]
        if base64.b64encode(hashlib.new(algorithm, file.read_bytes()).digest()).decode() == digest:
            same.add(file.name)
    assert same == {
        "jquery.min.js", "md5.min.js", "jquery.flot.orderBars.js",
        "bootstrap.min.js", "bootstrap.min.css",
    }  # fmt: skip


def test_what_npm_gave_is_kept(packages, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert assets.fetch() == packages


@pytest.mark.parametrize(
    ("library", "backend"),
    [("numpy", "numpy"), ("tensorflow", "tensorflow"), ("tensorflow", "tensorflow-xla")],
)
def test_a_graph_draws_a_line_through_what_was_measured(reader, site, library, backend):
    # Of the committed ones, whatever `make report` has measured here since.
    machine = max(ROOT.glob("results/*"), key=lambda folder: len([*folder.glob("*.json")])).name
    params = f"machine={machine}&branch={library}&p-backend='{backend}'&p-device='cpu'"
    reader.page.goto(f"{site.asv}#{SEED}?{params}")
    expect(reader.page.locator("#main-graph canvas.flot-base")).to_be_visible()
    points = reader.page.evaluate(POINTS)
    assert len(points) > 1
    assert points == measured(machine, library, backend)
    # More than the background, the axes and the grid lines: the line has its own.
    assert reader.page.evaluate(COLOURS) > 3


def test_the_grid_leads_to_each_benchmark(reader, site):
    reader.page.goto(site.asv)
    reader.page.locator(f"#summarygrid-display a[href='#{SEED}']").click()
    expect(reader.page.locator("#main-graph canvas.flot-base")).to_be_visible()


@pytest.mark.parametrize(
    ("benchmark", "size"),
    [
        ("bench_accuracy.Elementwise.track_max_ulp", None),
        ("bench_time.Elementwise.track_time", "1000"),
    ],
)
def test_a_graph_opens_on_exp_in_float32_of_one_machine_with_numbers(reader, site, benchmark, size):
    reader.page.goto(site.asv)
    reader.page.locator(f"#summarygrid-display a[href='#{benchmark}']").click()
    expect(reader.page.locator("#main-graph canvas.flot-base")).to_be_visible()
    assert len(reader.page.evaluate(POINTS)) > 10
    chosen = {
        reader.page.evaluate("decodeURIComponent(location.hash)").count(part)
        for part in (
            "p-op='exp'",
            "p-dtype='float32'",
            "machine=",
            f"p-size={size}" if size else "#",
        )
    }
    assert chosen == {1}
    expect(reader.page.locator("#grid-note")).to_be_hidden()


def test_the_list_sorts_by_value(reader, site):
    reader.page.goto(f"{site.asv}#/summarylist?branch=tensorflow")
    header = reader.page.locator("#summarylist-body th", has_text="Value")
    header.click()
    expect(header).to_have_class(re.compile("sorting-asc"))
    cells = "cells => cells.map(cell => Number(cell.dataset.sortValue))"
    values = reader.page.locator("#summarylist-body td:nth-child(2)").evaluate_all(cells)
    assert len(set(values)) > 10
    assert values == sorted(values)


def test_regressions_sort_by_factor_and_by_time(reader, moved):
    reader.page.goto(moved.asv + "#/regressions?branch=numpy")
    table = reader.page.locator("#regression-div-0 table").first
    factor, before = table.locator("td:nth-child(4)"), table.locator("td:nth-child(5)")
    expect(factor).to_have_text(["10.00x", "3.00x", "2.00x"])
    table.locator("th", has_text="Before").click()
    expect(before).to_have_text([re.compile(text) for text in ("^5.*ns$", "^2.*μs$", "^1.*ms$")])


def test_every_page_of_asv_leads_to_the_start_page(reader, moved):
    for page in ("", "#/summarylist", "#/regressions", f"#{SEED}"):
        reader.page.goto(moved.asv + page)
        reader.page.get_by_role("link", name="NumPy or TensorFlow?").click()
        expect(reader.page).to_have_title("Start")
        assert reader.page.url == moved.url + "index.html"
