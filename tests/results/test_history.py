"""The tidy table: what asv's files say, nothing more, and damaged files named."""

import datetime as dt
import json
import math
from pathlib import Path

import pytest
from asv.results import Results

from tests import made_results as made
from tests.made_results import (
    RELEASES,
    SEED,
    STARTED,
    TIME,
    ULP,
    release,
    write,
    write_benchmarks,
    write_listing,
)
from tools.releases.release_table import load
from tools.results import history, records

COMMITTED = Path(__file__).parents[2] / "results"
EXP = ("numpy", "exp", "float32", "normal", "cpu")


@pytest.fixture
def results(tmp_path):
    write_benchmarks(tmp_path / "results")
    return tmp_path / "results"


def rows(results, **of):
    return history.load(results, RELEASES).filter(**of).to_dicts()


def record(**facts):
    return made.record(**{"dtype": "float16"} | facts)


def test_a_number_comes_with_all_that_it_is_of(results):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    write_listing(results, "numpy-2.0.2", [])
    (row,) = rows(results)
    assert row == {
        "library": "numpy", "version": "2.0.2", "release": "numpy-2.0.2",
        "uploaded": dt.date(2024, 8, 26), "machine": "here", "metric": "max_ulp",
        "backend": "numpy", "device": "cpu", "op": "exp", "dtype": "float32", "region": "normal",
        "size": None, "variant": None, "value": 2.5, "low": None, "high": None, "samples": None,
        "unit": "ulp", "bound": "lower bound", "status": "measured", "reason": None,
        "found_on": None, "started": dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC),
        "benchmark": ULP, "benchmark_version": "1",
    }  # fmt: skip


def test_a_time_has_the_quantiles_of_its_samples_and_a_size(results):
    write(results, "numpy-2.0.2", {TIME: {("numpy", "sin", "float32", 1000, "cpu"): (2, 3, 4)}})
    (row,) = rows(results, status="measured")
    assert (row["low"], row["value"], row["high"]) == (2, 3, 4)
    assert (row["metric"], row["size"], row["bound"]) == ("time", 1000, None)


def test_what_the_release_cannot_run_is_unavailable_with_the_reason(results):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    write_listing(results, "numpy-2.0.2", [
        ["numpy", "gpu", None, None, "no such device here"],
        ["numpy", None, "sin", "float16", "sin is missing"],
    ])  # fmt: skip
    reasons = {
        (row["op"], row["dtype"], row["device"]): row["reason"]
        for row in rows(results, status="unavailable")
    }
    gpu, missing = "no such device here", "sin is missing"
    assert reasons == {
        ("exp", "float32", "gpu"): gpu, ("exp", "float16", "gpu"): gpu,
        ("sin", "float32", "gpu"): gpu, ("sin", "float16", "gpu"): missing,
        ("sin", "float16", "cpu"): missing,
    }  # fmt: skip


def test_what_the_release_can_run_and_nobody_measured_has_no_row(results):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    write_listing(results, "numpy-2.0.2", [])
    assert [row["op"] for row in rows(results)] == ["exp"]


def test_a_failure_is_not_an_absence(results):
    write(results, "numpy-2.0.2", {ULP: {EXP: None}})
    assert [row["op"] for row in rows(results, status="failed")] == ["exp"]


def test_a_failure_comes_with_its_reason_where_that_was_kept(results):
    write(
        results,
        "numpy-2.0.2",
        {ULP: {EXP: None}, TIME: {("numpy", "sin", "float32", 1000, "cpu"): None}},
    )
    file = results / "here" / "failures" / "numpy-2.0.2.jsonl"
    file.parent.mkdir()
    params = {"backend": "numpy", "op": "sin", "dtype": "float32", "size": "1000", "device": "cpu"}
    line = {"benchmark": TIME, "params": params, "reason": "timed out"}
    file.write_text(json.dumps(line) + "\n")
    reasons = {row["metric"]: row["reason"] for row in rows(results, status="failed")}
    assert reasons == {"max_ulp": None, "time": "timed out"}


def test_places_that_the_plugin_lists_as_unmeasured_are_no_failures(results):
    path = write(results, "numpy-2.0.2", {SEED: {("numpy", "cpu"): None}})
    write_listing(results, "numpy-2.0.2", [])
    assert len(rows(results, status="failed")) == 1
    file = json.loads(path.read_text()) | {"unmeasured": {SEED: [0]}}
    path.write_text(json.dumps(file))
    assert rows(results) == []


@pytest.mark.parametrize("kind", ["environments", "failures", "records"])
@pytest.mark.parametrize("text", ["{", "[3]", '"?"', '{"unavailable": [[1]]}', '{"cpu": 7}'])
def test_a_damaged_file_beside_the_results_is_named_and_the_numbers_are_kept(results, kind, text):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    file = results / "here" / kind / "numpy-2.0.2.jsonl"
    file.parent.mkdir()
    file.write_text(text + "\n")
    problems = []
    table = history.load(results, RELEASES, problems)
    assert table.filter(status="measured")["value"].to_list() == [2.5]
    (problem,) = problems
    assert f"{file}, line 1: " in problem


def test_a_benchmark_that_failed_throughout_has_failed_rows(results):
    path = write(results, "numpy-2.0.2", {SEED: {}})
    file = json.loads(path.read_text())
    file["results"][SEED][0] = None  # asv's short form of nothing but nulls
    path.write_text(json.dumps(file))
    assert {row["backend"] for row in rows(results, status="failed")} == {"numpy", "tensorflow"}


def test_a_number_of_another_version_of_the_benchmark_is_stale(results):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}}, version="0")
    write(results, "numpy-2.1.3", {ULP: {EXP: 2.5}})
    assert {row["release"] for row in rows(results)} == {"numpy-2.1.3"}


def test_numbers_of_parameters_that_the_benchmark_has_no_more_are_stale(results):
    path = write(results, "numpy-2.0.2", {TIME: {}})
    file = json.loads(path.read_text())
    file["results"][TIME][1][3] = ["7", "1000", "70000"]  # the sizes
    file["results"][TIME][0] = [1.0, 2.0, 1.0] * 4
    path.write_text(json.dumps(file))
    assert {(row["size"], row["value"]) for row in rows(results)} == {(1000, 2.0)}


def test_a_parameter_without_a_column_is_kept_as_the_variant(results):
    params = [["'numpy'"], ["'in'", "'out'"]]
    write_benchmarks(results, param_names=["backend", "way"], params=params)
    path = write(results, "numpy-2.0.2", {SEED: {}})
    file = json.loads(path.read_text())
    file["results"][SEED][:2] = [[1.0, 2.0], params]
    path.write_text(json.dumps(file))
    assert {(r["variant"], r["value"]) for r in rows(results)} == {("way=in", 1), ("way=out", 2)}


def test_sixteen_bits_are_exact_where_the_record_says_so(results):
    half = ("numpy", "exp", "float16", "normal", "cpu")
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5, half: 0.5}})
    file = records.path(results, "here", "numpy-2.0.2")
    sample = record(dtype="float32", max_ulp=2.5)
    swept = record(dtype="float32", kind="exact", max_ulp=2.6)  # another number than the sample's
    records.merge(file, [record(kind="exact"), sample, swept])
    bounds = {row["dtype"]: row["bound"] for row in rows(results, status="measured")}
    assert bounds == {"float32": "lower bound", "float16": "exact"}


def test_releases_come_in_the_order_of_the_table_whatever_their_hashes(results):
    names = ["numpy-2.1.3", "numpy-1.13.1", "numpy-2.0.2"]
    for name in names:
        write(results, name, {ULP: {EXP: 2.5}})
    table = history.load(results, RELEASES)
    order = table["release"].unique(maintain_order=True).to_list()
    assert order == ["numpy-1.13.1", "numpy-2.0.2", "numpy-2.1.3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"commit_hash": "18e14', "Error parsing JSON"),
        ("[1, 2]", "No version"),
        ('{"version": 2}', "no whole results file"),
        ('{"version": 3}', "newer"),
        ('{"version": "?"}', "no file of asv's"),
    ],
)
def test_a_damaged_foreign_or_newer_file_is_named_and_the_rest_goes_on(results, capsys, text, says):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    bad = write(results, "numpy-2.1.3", {ULP: {EXP: 2.5}})
    bad.write_text(text)
    problems = []
    table = history.load(results, RELEASES, problems)
    assert set(table["release"]) == {"numpy-2.0.2"}
    (line,) = problems
    assert bad.name in line
    assert says in line
    assert not capsys.readouterr().err
    history.load(results, RELEASES)
    assert capsys.readouterr().err == f"skipped: {line}\n"


def test_every_truncation_of_a_file_is_noticed(results):
    path = write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    whole = path.read_text()
    for length in range(0, len(whole), 97):
        path.write_text(whole[:length])
        problems = []
        assert history.load(results, RELEASES, problems).is_empty()
        assert len(problems) == 1


SEED_PARAMS = [["'numpy'", "'tensorflow'"], ["'cpu'"]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"commit_hash": "0" * 40}, "releases.toml lacks"),
        ({"params": {"machine": "elsewhere"}}, "machine 'elsewhere'"),
        ({"results": {ULP: [[1.0], [["'numpy'"]], "1"]}}, "no whole results file"),
        ({"results": {SEED: [[1.0], SEED_PARAMS, "1"]}}, "1 numbers"),
        (
            {"results": {SEED: [[math.inf, 1], SEED_PARAMS]}},
            "infinite",
        ),
        ({"results": {SEED: [["many", 1], SEED_PARAMS]}}, "no whole"),
    ],
)
def test_a_file_whose_contents_cannot_be_is_named(results, change, says):
    path = write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    problems = []
    assert history.load(results, RELEASES, problems).is_empty()
    assert len(problems) == 1
    assert says in problems[0]


def test_a_second_file_of_the_same_release_and_machine_is_named(results):
    path = write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    path.with_name(f"{path.name[:8]}-virtualenv-py3.11.json").write_text(path.read_text())
    problems = []
    table = history.load(results, RELEASES, problems)
    assert len(table.filter(status="measured")) == 1
    assert "numpy-2.0.2 has another file" in problems[0]


def test_without_the_list_of_benchmarks_nothing_is_known(tmp_path):
    problems = []
    assert history.load(tmp_path, RELEASES, problems).is_empty()
    assert "benchmarks.json" in problems[0]


def test_a_folder_without_its_machines_facts_is_named(results):
    path = write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    (path.parent / "machine.json").unlink()
    problems = []
    assert history.load(results, RELEASES, problems).is_empty()
    assert "machine.json" in problems[0]


def test_other_releases_files_are_not_looked_at_where_only_some_are_wanted(results):
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    write(results, "numpy-2.1.3", {ULP: {EXP: 2.5}}).write_text("{")
    problems = []
    table = history.load(results, RELEASES, problems, only=[release("numpy-2.0.2")])
    assert set(table["release"]) == {"numpy-2.0.2"}
    assert not problems


def test_records_come_with_their_release_and_machine(results):
    file = records.path(results, "here", "numpy-2.0.2")
    records.merge(file, [record(), record(op="sin")])
    whose = [(r["op"], r["release"], r["machine"]) for r in history.records(results, op="sin")]
    assert whose == [("sin", "numpy-2.0.2", "here")]
    assert len(list(history.records(results))) == 2


def test_a_truncated_record_is_named_and_the_others_are_read(results):
    file = records.path(results, "here", "numpy-2.0.2")
    records.merge(file, [record(), record(op="sin")])
    file.write_text(file.read_text()[:-20])
    problems = []
    assert [r["op"] for r in history.records(results, problems)] == ["exp"]
    assert "numpy-2.0.2.jsonl" in problems[0]
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5}})
    problems.clear()
    assert not history.load(results, RELEASES, problems).is_empty()
    assert len(problems) == 1


def test_the_committed_numbers_are_those_that_asv_reads():
    table = history.load(COMMITTED, load(), only=[release("tensorflow-2.21.0")])
    table = table.filter(machine="vm")
    theirs = Results.load(str(COMMITTED / "vm" / "8040a5dd-release-pyrelease.json"))
    values = theirs.get_result_value(SEED, theirs.get_result_params(SEED))
    finite = [value for value in values if not math.isnan(value)]
    assert table.filter(benchmark=SEED, status="measured")["value"].to_list() == finite
    values = theirs.get_result_value(ULP, theirs.get_result_params(ULP))
    finite = [value for value in values if not math.isnan(value)]
    assert table.filter(benchmark=ULP, status="measured")["value"].to_list() == finite
    assert table["started"].dt.epoch("ms").max() > STARTED
