"""What the spawner answers without a process."""

import json
import math
from types import SimpleNamespace

import pytest
from asv import runner

from tools.spawner import ReleaseSpawner

TIME, ERROR = "bench_time.Time.track", "bench_accuracy.Error.track"
BENCHMARKS = {
    TIME: {
        "param_names": ["backend", "op", "size"],
        "params": [["'numpy'", "'tensorflow'"], ["'exp'", "'sin'"], ["1", "1000"]],
    },
    ERROR: {"param_names": ["op", "dtype"], "params": [["'exp'", "'pow'"], ["'float32'"]]},
    "bench.Plain.track": {"param_names": [], "params": []},
}


@pytest.fixture
def spawner(tmp_path):
    stub = object.__new__(ReleaseSpawner)  # the real one starts a server
    stub.env = SimpleNamespace(scratch=tmp_path)
    stub._benchmarks = BENCHMARKS
    stub._missing = []
    stub._answers = {}
    return stub


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        # The last parameter goes fastest, as in an odometer.
        (0, ("numpy", "exp", "1")),
        (1, ("numpy", "exp", "1000")),
        (2, ("numpy", "sin", "1")),
        (7, ("tensorflow", "sin", "1000")),
    ],
)
def test_an_index_stands_for_its_parameters(spawner, index, expected):
    benchmark, params = spawner._parse(f"{TIME}-{index}")
    assert benchmark == TIME
    assert tuple(params.items()) == tuple(zip(("backend", "op", "size"), expected, strict=True))


@pytest.mark.parametrize("name", ["bench.Plain.track", "unheard.of-3"])
def test_a_benchmark_without_parameters_or_unheard_of_has_none(spawner, name):
    assert spawner._parse(name) == (name.partition("-")[0], {})


@pytest.mark.parametrize(
    ("row", "lacks"),
    [
        (["numpy", None, "sin", None], True),
        ([None, None, "sin", None], True),
        (["numpy", None, None, None], True),
        (["tensorflow", None, "sin", None], False),
        # A benchmark without a device knows of none that is missing.
        (["numpy", "gpu", None, None], False),
    ],
)
def test_what_the_release_lacks_is_nan(spawner, row, lacks):
    spawner._missing = [row]
    answer = spawner._known(TIME, {"backend": "numpy", "op": "sin", "size": "1"})
    assert math.isnan(answer) if lacks else answer is None


def test_an_answer_that_another_process_left_is_read_once_and_kept(spawner, tmp_path):
    file = tmp_path / "answers-17.json"
    file.write_text(json.dumps([[ERROR, ["exp", "float32"], 0.75], [TIME, ["numpy", "exp", 1], 2]]))
    assert spawner._known(ERROR, {"op": "exp", "dtype": "float32"}) == 0.75
    assert not file.exists()
    assert spawner._known(ERROR, {"op": "exp", "dtype": "float32"}) == 0.75
    # asv's parameters are text, and the process's were what they are.
    assert spawner._known(TIME, {"backend": "numpy", "op": "exp", "size": "1"}) == 2
    assert spawner._known(ERROR, {"op": "pow", "dtype": "float32"}) is None


def test_a_known_answer_starts_no_process_and_an_unknown_one_does(spawner, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(
        runner.ForkServer, "run", lambda self, name, *_: started.append(name) or ("out", 3)
    )
    spawner._missing = [[None, None, "pow", None]]
    result = tmp_path / "result.json"
    rest = ("{}", "None", str(result), 60, str(tmp_path))
    assert spawner.run(f"{ERROR}-1", *rest) == ("", 0)
    assert math.isnan(json.loads(result.read_text()))
    assert started == []
    assert spawner.run(f"{ERROR}-0", *rest) == ("out", 3)
    assert started == [f"{ERROR}-0"]
