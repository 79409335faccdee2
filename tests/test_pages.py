"""The pages of histories too short to tell anything."""

import json

import pytest

from tests import made_results as made
from tools import history
from tools.report import publisher


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
    problems = []
    table = history.load(results, made.RELEASES, problems)
    publisher.write(table, [], results, html)
    assert not problems
    assert json.loads((html / "data" / "changes.json").read_text())["steps"] == []
    assert "No release has been measured together" in (html / "start.html").read_text()
    assert "None between the releases measured." in (html / "findings.html").read_text()
