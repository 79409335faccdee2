"""The pages of histories too short to tell anything, and what a page begins with."""

import json

import polars as pl
import pytest

from tests import made_results as made
from tools.report import publisher
from tools.report.pages import data


@pytest.mark.parametrize("releases", [[], ["numpy-2.4.6"], ["numpy-2.4.6", "tensorflow-2.21.0"]])
def test_pages_of_a_history_without_steps_say_so(tmp_path, releases):
    results, html = tmp_path / "results", tmp_path / "html"
    made.write_benchmarks(results)
    for name in releases:
        made.write(
            results,
            name,
            {made.ULP: {(name.split("-")[0], "exp", "float32", "normal", "cpu"): 1.0}},
        )
    site = publisher.read(results, html, made.RELEASES)
    publisher.write(site)
    assert site.problems == []
    assert json.loads((html / "data" / "changes.json").read_text())["steps"] == []
    assert "No release has been measured together" in (html / "start.html").read_text()
    assert "None between the releases measured." in (html / "findings.html").read_text()


@pytest.mark.parametrize(
    ("sizes", "first"),
    [
        ({"numpy": [1, 10000], "tensorflow": [1, 10000]}, 10000),
        ({"numpy": [1, 1000, 10000, 1000000], "tensorflow": [1, 1000, 1000000]}, 1000),
        ({"numpy": [1, 1000000]}, 1000000),
        ({"numpy": [1], "tensorflow": [1000]}, 10000),  # none that both have
        ({}, 10000),
    ],
)
def test_the_start_page_begins_with_a_size_that_both_libraries_have(sizes, first):
    table = pl.DataFrame(
        [
            {"library": library, "release": f"{library}-1", "op": "exp", "metric": "time",
             "device": "cpu", "dtype": "float32", "size": size}
            for library, those in sizes.items() for size in those
        ],
        dict.fromkeys(["library", "release", "op", "metric", "device", "dtype"], pl.String)
        | {"size": pl.Int64},
    )  # fmt: skip
    assert data.usual_size(table) == first
