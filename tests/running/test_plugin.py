"""What the plugin changes in asv."""

import http.server
import json

import asv.commands.preview
import asv.results
import asv.step_detect
import asv.util
import pytest
from asv.config import Config
from asv.runner import BenchmarkResult

import tools.asv_plugin  # noqa: F401  (replaces names of asv)
from tools.environments.asv_environment import ReleaseEnvironment
from tools.foundation.paths import ROOT

BENCHMARK = {"name": "bench.Time.track", "version": "1", "params": []}
MACHINE = {"machine": "here"}


@pytest.fixture
def results():
    return asv.results.Results(MACHINE, [], "0" * 40, 1000, "3.11", "release", {})


def measured(value):
    return BenchmarkResult(result=[value], samples=[None], number=[None], errcode=0, stderr="",
                           profile=None)  # fmt: skip


@pytest.mark.parametrize("compact", [True, False])
def test_what_is_written_is_read_back_and_has_the_version(tmp_path, compact):
    path = tmp_path / "new" / "file.json"
    data = {"b": [1.5, None, float("nan")], "a": "ü"}
    asv.util.write_json(str(path), data, 3, compact=compact)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["version"] == 3
    assert (found["a"], found["b"][:2]) == ("ü", [1.5, None])
    assert found["b"][2] != found["b"][2]
    assert "version" not in data
    assert asv.util.load_json(str(path), 3)["a"] == "ü"


@pytest.mark.parametrize("number", [float("inf"), -float("inf")])
def test_infinity_is_refused_and_the_old_file_stays(tmp_path, number):
    path = tmp_path / "file.json"
    asv.util.write_json(str(path), {"old": 1})
    with pytest.raises(asv.util.UserError) as error:
        asv.util.write_json(str(path), {"new": [[0.5, number]]})
    assert "\n" not in str(error.value)
    assert json.loads(path.read_text()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_the_word_infinity_in_a_text_is_no_infinite_number(tmp_path):
    path = tmp_path / "file.json"
    text = 'Quoted "Infinity", and \\Infinity\\'
    asv.util.write_json(str(path), {"code": text})
    assert json.loads(path.read_text()) == {"code": text}
    with pytest.raises(asv.util.UserError):
        asv.util.write_json(str(path), {"code": text, "result": float("inf")})


def test_results_with_nothing_measured_are_not_saved(tmp_path, results):
    results.save(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_results_with_something_measured_are_saved_and_read_back(tmp_path, results):
    results.add_result(BENCHMARK, measured(0.25))
    results.save(str(tmp_path))
    (file,) = (tmp_path / "here").iterdir()
    loaded = asv.results.Results.load(str(file))
    assert loaded.get_result_value(BENCHMARK["name"], []) == [0.25]


def test_an_infinite_result_is_not_saved(tmp_path, results):
    results.add_result(BENCHMARK, measured(float("inf")))
    with pytest.raises(asv.util.UserError):
        results.save(str(tmp_path))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_steps_are_found_among_numbers_whose_sum_overflows():
    largest = 1.7976931348623157e308
    steps = asv.step_detect.detect_steps([1.0] * 6 + [None] + [largest] * 6)
    assert [(left, right) for left, right, *_ in steps] == [(0, 6), (7, 13)]


def test_the_site_is_served_to_this_machine_alone():
    httpd, url = asv.commands.preview.create_httpd(http.server.SimpleHTTPRequestHandler)
    with httpd:
        host, port = httpd.server_address
        assert host == "127.0.0.1"
        assert url == f"http://127.0.0.1:{port}/"


def test_a_python_of_the_users_choice_is_refused_in_one_line():
    conf = Config.load(str(ROOT / "asv.conf.json"))
    with pytest.raises(asv.util.UserError, match="leave out --environment; --python names one"):
        ReleaseEnvironment(conf, "3.13", {}, {})
