"""What a nightly run looks for, says and files."""

import datetime as dt
import json
from types import SimpleNamespace

import pytest

from tests import made_results as made
from tools import ci
from tools.nightly import issues, missing
from tools.releases.release_table import find, load
from tools.results import history

OLDER, BEFORE, AFTER = "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"
EXP, SIN = (("numpy", op, "float32", "normal", "cpu") for op in ("exp", "sin"))
SLOW = ("numpy", "exp", "float32", 1000, "cpu")
RUNNER = "runner-12ab"  # as tools.machine calls one whose processor is another than runner's


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(ci, "RESULTS", tmp_path / "results")
    made.write_benchmarks(tmp_path / "results")
    return tmp_path / "results"


def measured(results, name, machine=RUNNER, without=()):
    """All that there is of a release, but for places of the list of largest errors."""
    whole = {benchmark: {} for benchmark in made.PARAMS}
    path = made.write(results, name, whole, machine=machine)
    file = json.loads(path.read_text()) | {"unmeasured": {made.ULP: list(without)}}
    path.write_text(json.dumps(file))
    return path


def new(results, machine="runner"):
    return [release.name for release in missing.new(load(), machine, results)]


def test_new_is_what_the_machine_has_not_measured_newest_first(results):
    every = [release.name for release in reversed(load())]
    assert new(results) == every
    measured(results, AFTER)
    assert new(results) == [name for name in every if name != AFTER]
    assert new(results, "run") == new(results, "other") == every


def test_what_was_cut_off_or_damaged_stays_new(results):
    measured(results, BEFORE, without=[3])
    measured(results, AFTER).write_text("{")
    path = measured(results, OLDER)
    file = json.loads(path.read_text())
    del file["results"][made.TIME]
    path.write_text(json.dumps(file))
    assert {OLDER, BEFORE, AFTER} <= set(new(results))


def test_what_failed_or_cannot_be_run_is_measured(results):
    made.write(results, AFTER, {name: {} for name in made.PARAMS} | {made.ULP: {EXP: None}},
               machine=RUNNER)  # fmt: skip
    assert AFTER not in new(results)


def test_a_matrix_has_the_release_before_each_and_none_before_the_first():
    releases = load()
    chosen = [find(AFTER, releases), find("tensorflow-1.2.0", releases)]
    assert missing.matrix(chosen, releases) == {"include": [
        {"release": AFTER, "previous": BEFORE},
        {"release": "tensorflow-1.2.0", "previous": ""},
    ]}  # fmt: skip


def test_a_night_takes_so_many_and_says_what_is_left(results, capsys):
    assert ci.main(["new", "--machine", "runner", "--limit", "2"]) == 0
    out, errors = capsys.readouterr()
    assert len(json.loads(out)["include"]) == 2
    assert f"{len(load()) - 2} more are for another night" in errors
    assert ci.main(["new", BEFORE]) == 0
    assert json.loads(capsys.readouterr().out)["include"] == [
        {"release": BEFORE, "previous": OLDER}
    ]


@pytest.mark.parametrize("words", [["new", "--limit", "0"], ["new", "--limit", "257"]])
def test_a_limit_that_no_matrix_has_is_refused(words):
    with pytest.raises(SystemExit) as ended:
        ci.main(words)
    assert ended.value.code == 2


def changed(results, floor=None, machine=RUNNER):
    """exp got worse and slower, sin better."""
    for name, (exp, sin, time) in {BEFORE: (0.5, 3.0, 1e-6), AFTER: (2.0, 1.0, 4e-6)}.items():
        made.write(results, name, {made.ULP: {EXP: exp, SIN: sin}, made.TIME: {SLOW: time}},
                   machine=machine)  # fmt: skip
        made.write_listing(results, name, [], machine=machine, python=f"Python 3.1{int(exp)}.7")
    if floor:
        row = dict.fromkeys(["benchmark", "backend", "op", "dtype", "size", "device"])
        (results / machine / "noise.jsonl").write_text(json.dumps(row | {"floor": floor}))


def compared(results, machine="runner"):
    return issues.compare(find(AFTER, load()), load(), machine, results)


@pytest.mark.parametrize(("floor", "metrics"), [(None, ["max_ulp"]), (0.1, ["max_ulp", "time"])])
def test_a_speed_counts_where_the_noise_was_measured(results, floor, metrics):
    changed(results, floor)
    assert sorted(issues.worse(compared(results))["metric"]) == metrics


def test_the_numbers_are_those_of_the_runner(results):
    changed(results)
    changed(results, machine="elsewhere")
    assert compared(results).machine == RUNNER
    assert compared(results, "nobody") is None
    assert issues.compare(find("numpy-1.13.1", load()), load(), None, results) is None


def test_an_issue_says_whose_numbers_and_where_all_of_them_are(results):
    changed(results)
    found = compared(results)
    assert issues.title(found) == "numpy-2.4.6 is worse than numpy-2.3.5"
    text = issues.body(found, "https://ulpwatch.github.io/ulpwatch/")
    assert "worse in numpy-2.4.6 than in numpy-2.3.5: 1. Functions: 1." in text
    assert f"Machine: {RUNNER}; numpy-2.3.5 on Python 3.10 and numpy-2.4.6 on Python 3.12" in text
    assert "https://ulpwatch.github.io/ulpwatch/changes.html#numpy-2.4.6" in text
    assert "### worse: max_ulp (ulp), numpy" in text
    assert "exp" in text
    assert "better" not in text


def test_an_issue_is_a_table_that_no_cell_can_break(results):
    changed(results)
    found = compared(results)
    found.rows.replace_column(found.rows.get_column_index("op"), found.rows["op"] + "|<script>\n")
    (row,) = [line for line in issues.body(found).splitlines() if "script" in line]
    assert "&lt;script&gt;" in row
    assert "\\|" in row


class Hub:
    """`gh`, on a hub with these issues by title."""

    def __init__(self, monkeypatch, **listed):
        self.issues, self.asked, self.fails = listed, [], False
        monkeypatch.setattr(issues.subprocess, "run", self)

    def __call__(self, command, input, **_):
        assert command[:2] == ["gh", "issue"]
        verb, *rest = command[2:]
        self.asked.append(verb)
        if self.fails:
            return SimpleNamespace(returncode=1, stdout="", stderr="no\nlogin\n")
        titles = list(self.issues)
        if verb == "create":
            self.issues[rest[rest.index("--title") + 1]] = input
        elif verb == "edit":
            self.issues[titles[int(rest[0])]] = input
        listed = [
            {"number": number, "title": title, "body": body.replace("\n", "\r\n")}
            for number, (title, body) in enumerate(self.issues.items())
        ]
        return SimpleNamespace(returncode=0, stdout=json.dumps(listed), stderr="")


def test_an_issue_is_opened_once_and_brought_up_to_date_from_then_on(monkeypatch):
    hub = Hub(monkeypatch, old="text\n", other="more")
    assert issues.open_issue("old", "text\n") == "as it was"
    assert issues.open_issue("old", "another\n") == "brought up to date"
    assert issues.open_issue("new", "a\n") == "opened"
    assert issues.open_issue("new", "a\n") == "as it was"
    assert hub.issues == {"old": "another\n", "other": "more", "new": "a\n"}
    assert [verb for verb in hub.asked if verb != "list"] == ["edit", "create"]


def lately(monkeypatch, days):
    """A run that many days after all was measured."""
    now = dt.datetime.fromtimestamp(made.STARTED / 1000, dt.UTC) + dt.timedelta(days=days)
    clock = SimpleNamespace(now=lambda zone: now)
    monkeypatch.setattr(
        ci, "dt", SimpleNamespace(datetime=clock, timedelta=dt.timedelta, UTC=dt.UTC)
    )


def test_one_issue_for_each_release_lately_measured_and_again_with_the_same_end(
    results, monkeypatch, capsys
):
    changed(results)
    hub = Hub(monkeypatch)
    lately(monkeypatch, days=3)
    for said in ("opened", "as it was"):
        assert ci.main(["issues", "--machine", "runner"]) == 0
        assert capsys.readouterr().out == f"numpy-2.4.6 is worse than numpy-2.3.5: {said}\n"
    assert list(hub.issues) == ["numpy-2.4.6 is worse than numpy-2.3.5"]
    lately(monkeypatch, days=30)
    assert ci.main(["issues", "--machine", "runner"]) == 0
    assert not capsys.readouterr().out


def test_what_the_hub_refuses_is_a_line_and_the_exit_code(results, monkeypatch, capsys):
    changed(results)
    Hub(monkeypatch).fails = True
    assert ci.main(["issues", AFTER]) == 2
    assert capsys.readouterr().err == f"error: {AFTER}: gh issue list: no login\n"


def test_a_summary_is_of_each_release_or_says_that_nothing_was_compared(results, capsys):
    changed(results)
    assert ci.main(["summary", AFTER, "numpy-1.13.1"]) == 0
    out = capsys.readouterr().out
    assert "## numpy-2.3.5 (2025-11-16) → numpy-2.4.6 (2026-05-18), on runner-12ab" in out
    assert "## numpy-1.13.1\n\nNothing to compare." in out


def test_lately_is_by_the_day_of_the_measurement(results):
    changed(results)
    table = history.load(results, load())
    late = dt.datetime.fromtimestamp(made.STARTED / 1000, dt.UTC)
    assert missing.lately(table, 1, late) == [BEFORE, AFTER]
    assert missing.lately(table, 1, late + dt.timedelta(days=2)) == []
