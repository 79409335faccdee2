"""What asv's pages open on, worked out by hand from graphs of two machines."""

import json

import pytest
from asv.graph import Graph

from tools.report.asv_site import defaults

NAME = "bench.Time.track"
STATES = [
    {"machine": machine, "branch": branch} for machine in ("a", "b") for branch in ("numpy", "tf")
]
BENCHMARK = {
    "param_names": ["op", "size"],
    "params": [["'abs'", "'exp'"], ["1", "1000"]],
}
# Flat, the last parameter fastest: abs of 1, abs of 1000, exp of 1, exp of 1000.
GRAPHS = {
    ("a", "numpy"): [[0, [1, 2, 3, None]], [5, [1, 2, 4, None]]],
    ("b", "numpy"): [[0, [1, 2, 3, 9]]],
}


@pytest.fixture
def html(tmp_path):
    def publish(graphs):
        index = {"graph_param_list": STATES, "benchmarks": {NAME: BENCHMARK}}
        (tmp_path / "index.json").write_text(json.dumps(index))
        (tmp_path / "graphs" / "summary").mkdir(parents=True)
        for (machine, branch), points in graphs.items():
            write(tmp_path, {"machine": machine, "branch": branch}, points)
        defaults.write(tmp_path)
        return tmp_path

    return publish


def write(html, state, points):
    file = html / f"{Graph.get_file_path(state, NAME)}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(points))


def opened(html):
    """The query for the benchmark and the points of its picture in the grid."""
    text = (html / defaults.SCRIPT).read_text()
    queries = json.loads(text.partition("const defaults = ")[2].partition(";\n")[0])
    summary = html / "graphs" / "summary" / f"{NAME}.json"
    return queries.get(NAME), json.loads(summary.read_text()) if summary.exists() else None


def test_it_opens_on_exp_of_1000_where_somebody_has_it(html):
    query, points = opened(html(GRAPHS))
    assert query == "machine=b&branch=numpy&p-op=%27exp%27&p-size=1000"
    assert points == [[0, 9]]


def test_else_on_exp_of_another_size_of_the_machine_with_most_of_it(html):
    query, points = opened(html(GRAPHS | {("b", "numpy"): [[0, [1, 2, 3, None]]]}))
    assert query == "machine=a&branch=numpy&p-op=%27exp%27&p-size=1"
    assert points == [[0, 3], [5, 4]]


def test_a_benchmark_without_a_number_has_none_and_every_graph_is_there(html):
    site = html({})
    assert opened(site) == (None, None)
    for state in STATES:
        file = site / f"{Graph.get_file_path(state, NAME)}.json"
        assert json.loads(file.read_text()) == []
