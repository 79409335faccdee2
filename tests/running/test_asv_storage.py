"""What asv's files say of combinations that a run did not select, through asv's own Results."""

import json
import math
from types import SimpleNamespace

import asv.results
import pytest
from asv.runner import BenchmarkResult

import tools.asv_plugin  # noqa: F401  (replaces names of asv)
from tools.foundation import safe_files
from tools.results import completeness
from tools.running import asv_storage

NAME = "bench.Error.track"
BENCHMARK = {"name": NAME, "version": "1", "params": [["'exp'", "'sin'", "'cos'"]]}
NAN = math.nan


@pytest.fixture
def run(tmp_path):
    """Runs like asv: load what there is, add results for the selected places, save."""

    def run(numbers, selected=None, benchmark=BENCHMARK, final=True):
        results = asv.results.Results({"machine": "here"}, [], "0" * 40, 1000, "3", "release", {})
        results.load_data(str(tmp_path))
        results.final = final
        nothing = [None] * len(numbers)
        found = BenchmarkResult(result=numbers, samples=nothing, number=nothing, errcode=0,
                                stderr="", profile=None)  # fmt: skip
        results.add_result(benchmark, found, selected_idx=selected)
        results.save(str(tmp_path))
        (path,) = tmp_path.glob("here/*.json")
        return json.loads(path.read_text())

    return run


def by_op(file, benchmark=BENCHMARK):
    found = completeness.results(file, benchmark)
    return {op.strip("'"): "n/a" if value != value else value for (op,), value in found.items()}


def test_what_was_not_selected_is_not_taken_for_what_cannot_run(run):
    file = run([0.5, NAN, NAN], selected=[0, 1])  # sin ran and is not available
    assert by_op(file) == {"exp": 0.5, "sin": "n/a"}
    assert file["unmeasured"] == {NAME: [2]}


def test_runs_one_after_the_other_add_up(run):
    run([0.5, NAN, NAN], selected=[0])
    assert by_op(run([NAN, NAN, 0.75], selected=[2])) == {"exp": 0.5, "cos": 0.75}
    file = run([NAN, None, NAN], selected=[1])
    assert by_op(file) == {"exp": 0.5, "sin": None, "cos": 0.75}
    assert file["unmeasured"] == {}


def test_a_new_parameter_is_unmeasured_and_not_failed(run):
    run([0.5, 0.5, 0.5])
    wider = BENCHMARK | {"params": [["'exp'", "'sin'", "'tan'", "'cos'"]]}
    file = run([1.0, NAN, NAN, NAN], selected=[0], benchmark=wider)
    assert by_op(file, wider) == {"exp": 1.0, "sin": 0.5, "cos": 0.5}
    row = dict(zip(file["result_columns"], file["results"][NAME], strict=False))
    assert math.isnan(row["result"][2])


def test_a_new_version_is_unmeasured_but_for_what_ran(run):
    run([0.5, 0.5, 0.5])
    newer = BENCHMARK | {"version": "2"}
    file = run([1.0, NAN, NAN], selected=[0], benchmark=newer)
    assert by_op(file, newer) == {"exp": 1.0}


def test_a_round_that_is_not_the_last_measures_nothing_yet(run):
    run([0.5, 0.5, 0.5])
    file = run([0.6, NAN, NAN], selected=[0], final=False)
    assert by_op(file) == {"sin": 0.5, "cos": 0.5}
    assert by_op(run([0.7, NAN, NAN], selected=[0])) == {"exp": 0.7, "sin": 0.5, "cos": 0.5}


def test_asv_loads_a_file_with_the_key(run, tmp_path):
    run([0.5, NAN, NAN], selected=[0])
    (path,) = tmp_path.glob("here/*.json")
    loaded = asv.results.Results.load(str(path), machine_name="here")
    assert loaded.get_result_value(NAME, BENCHMARK["params"])[0] == 0.5


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "{}", '"text"', "3", '{"version": 2}'])
def test_a_file_that_is_not_asvs_is_one_line_and_remembered(tmp_path, monkeypatch, text):
    monkeypatch.setattr(asv_storage, "_unreadable", set())
    file = tmp_path / "vm" / "12345678-release.json"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(asv.util.UserError) as error:
        asv.results.Results.load(str(file))
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)
    assert asv_storage._unreadable == {str(file)}


def test_a_newer_format_is_refused_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(asv_storage, "_unreadable", set())
    file = tmp_path / "12345678-release.json"
    file.write_text('{"version": 99}')
    with pytest.raises(asv.util.UserError, match="format that is newer"):
        asv.results.Results.load(str(file))


def test_a_file_has_no_room_for_other_libraries(run, tmp_path, monkeypatch):
    release = SimpleNamespace(library="tensorflow", name="tensorflow-2.21.0")
    of_release = SimpleNamespace(
        installed_commit_hash="0" * 40, release=release, scratch=tmp_path, _path=str(tmp_path)
    )
    monkeypatch.setattr(asv_storage.ReleaseEnvironment, "current", of_release)
    monkeypatch.setattr(asv_storage.environment, "listing", lambda path: {})
    monkeypatch.setattr(asv_storage, "gather", lambda *args: None)
    backends = ["'numpy'", "'tensorflow'", "'tensorflow-xla'"]
    benchmark = BENCHMARK | {"params": [backends, ["'exp'", "'sin'"]]}
    of_numpy = BENCHMARK | {"name": "bench.Other.track", "params": [["'numpy'"]]}

    run([NAN, NAN, 1.0, 2.0, NAN, NAN], selected=[2, 3], benchmark=benchmark)
    run([NAN], benchmark=of_numpy)
    file = run([NAN, NAN, NAN, NAN, 3.0, NAN], selected=[4], benchmark=benchmark)

    # That none of its backends is asked is known, too.
    of_other = dict(zip(file["result_columns"], file["results"]["bench.Other.track"], strict=False))
    assert of_other["params"] == [[]]
    columns = dict(zip(file["result_columns"], file["results"][NAME], strict=False))
    assert columns["params"] == [backends[1:], ["'exp'", "'sin'"]]
    assert columns["result"][:3] == [1.0, 2.0, 3.0]
    assert file["unmeasured"] == {NAME: [3]}

    (tmp_path / "here" / "machine.json").write_text('{"machine": "here", "version": 1}')
    (results,) = asv_storage.known_results(str(tmp_path), "here", "0" * 8)
    values = results.get_result_value(NAME, benchmark["params"])
    assert [value != value for value in values] == [True, True, False, False, False, True]
    assert math.isnan(results.get_result_value("bench.Other.track", [["'numpy'"]])[0])


def test_no_number_without_its_record(run, tmp_path, monkeypatch):
    """What the number was made from is kept first; where that fails, so does the number."""

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safe_files, "write", full)
    with pytest.raises(asv.util.UserError, match=r"cannot be written: .*No space left"):
        run([0.5, 0.5, 0.5])
    assert not list(tmp_path.glob("here/*.json"))
