"""The published site in a real browser that reaches nothing but the site."""

from __future__ import annotations

import json
import shutil

import pytest
from playwright.sync_api import expect

from tools import releases

from .conftest import ROOT

pytestmark = pytest.mark.e2e
SEED = "bench_accuracy.Seed.track_seed_example"
POINTS = """() => $("#main-graph").data("plot").getData().flatMap(series => series.data)
  .map(point => point[1]).filter(value => value !== null)"""
DRAWN = """() => {
  const canvas = $("#main-graph canvas.flot-base")[0];
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(pixels.buffer)).size;
}"""


@pytest.fixture(autouse=True)
def npm():
    if shutil.which("npm") is None:
        pytest.skip("no npm here: asv's pages take jquery, bootstrap and flot from their CDNs")


def measured(library: str, backend: str) -> list[float]:
    """The seed example's results on the CPU, by date of release, from the results files."""
    whose = {release.hash: release for release in releases.load(ROOT / "releases.toml")}
    found = []
    for file in ROOT.glob("results/vm/*-release-*.json"):
        saved = json.loads(file.read_text())
        release = whose[saved["commit_hash"]]
        values, (backends, devices) = saved["results"][SEED][:2]
        value = values[backends.index(repr(backend)) * len(devices) + devices.index("'cpu'")]
        if release.library == library and value is not None:
            found.append((release.uploaded, value))
    return [value for _, value in sorted(found)]


@pytest.mark.parametrize(
    ("library", "backend"),
    [("numpy", "numpy"), ("tensorflow", "tensorflow"), ("tensorflow", "tensorflow-xla")],
)
def test_a_graph_draws_a_line_through_what_was_measured(reader, site, library, backend):
    params = f"branch={library}&p-backend='{backend}'&p-device='cpu'"
    reader.page.goto(f"{site.asv}#{SEED}?{params}")
    expect(reader.page.locator("#main-graph canvas.flot-base")).to_be_visible()
    points = reader.page.evaluate(POINTS)
    assert len(points) > 1
    assert points == measured(library, backend)
    assert reader.page.evaluate(DRAWN) > 2


def test_the_grid_shows_a_picture_of_each_benchmark(reader, site):
    reader.page.goto(site.asv)
    expect(reader.page.locator(f"#summarygrid-display a[href='#{SEED}']")).to_be_visible()
