"""What a nightly run looks for, says and files."""

import json
from types import SimpleNamespace

import pytest

from tools import ci
from tools.releases import TABLE, find, load


def row(metric="max_ulp", op="exp", verdict="worse", **facts):
    return {"metric": metric, "op": op, "verdict": verdict, "backend": "numpy", "device": "cpu",
            "dtype": "float32", "region": "normal", "size": None, "before": 0.5, "after": 2.0,
            "ratio": 4.0, "unit": "ulp", **facts}  # fmt: skip


def compared(*rows):
    return {"after": {"library": "numpy", "version": "9.1"}, "rows": list(rows)}


def test_new_is_what_the_committed_table_lacks():
    text, releases = TABLE.read_text(), load()
    assert ci.new(text, releases) == []
    lines = [line for line in text.splitlines() if not line.startswith('"2.4.6"')]
    assert [release.name for release in ci.new("\n".join(lines), releases)] == ["numpy-2.4.6"]


def test_the_release_before_is_of_the_same_library():
    releases = load()
    chosen = [find("numpy-2.4.6", releases), find("tensorflow-1.2.0", releases)]
    assert ci.pairs(chosen, releases) == [
        {"release": "numpy-2.4.6", "previous": "numpy-2.3.5"},
        {"release": "tensorflow-1.2.0", "previous": "tensorflow-1.2.0"},  # the first there is
    ]


def test_a_regression_is_a_metric_of_an_op():
    found = ci.regressions(compared(
        row(), row(region="usual"), row(op="sin"), row(metric="time", op=None),
        row(op="cos", verdict="better"), row(op="tan", verdict="noise"),
    ))  # fmt: skip
    assert {title: len(rows) for title, rows in found.items()} == {
        "numpy 9.1: max_ulp of exp is worse": 2,
        "numpy 9.1: max_ulp of sin is worse": 1,
        "numpy 9.1: time is worse": 1,
    }


def test_an_issue_is_a_table_that_no_cell_can_break():
    lines = ci.body([row(backend="a|b")]).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("| a\\|b | cpu | float32 | normal |  | 0.5 | 2.0 | 4.0 | ulp |")


@pytest.fixture
def gh(monkeypatch):
    """What `gh` is asked for, by a hub with two issues."""
    asked = []

    def run(command, input, **_):
        asked.append((command[1:], input))
        known = [{"number": 7, "title": "old"}, {"number": 8, "title": "older than old"}]
        return SimpleNamespace(returncode=0, stdout=json.dumps(known), stderr="")

    monkeypatch.setattr(ci.subprocess, "run", run)
    return asked


@pytest.mark.parametrize(("title", "expected"), [("old", "edit"), ("new", "create")])
def test_an_issue_is_opened_once_and_updated_from_then_on(gh, title, expected):
    ci.open_issue(title, "text")
    (_, _), (command, given) = gh
    assert command[:2] == ["issue", expected]
    assert given == "text"
    assert ("7" in command) == (expected == "edit")
