"""What the spawner answers without a process."""

import json
import math
import re
from types import SimpleNamespace

import pytest
from asv import runner

from benchmarks.process import probes
from tools.foundation.paths import ROOT
from tools.foundation.temporary import PREFIX
from tools.running.spawner import _DECIDE, HUNG, ReleaseSpawner, _lacking_backends

DONE = ["done", None, None, None, None, None]
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
    stub._missing, stub._broken = [], []
    stub._answers = {}
    stub._failures = []
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


def test_an_answer_that_another_process_left_is_given_once(spawner, tmp_path):
    file = tmp_path / "answers-17.json"
    file.write_text(json.dumps([[ERROR, ["exp", "float32"], 0.75], [TIME, ["numpy", "exp", 1], 2]]))
    assert spawner._known(ERROR, {"op": "exp", "dtype": "float32"}) == 0.75
    assert not file.exists()
    # asv asks again in the next round, to have it measured again.
    assert spawner._known(ERROR, {"op": "exp", "dtype": "float32"}) is None
    # asv's parameters are text, and the process's were what they are.
    assert spawner._known(TIME, {"backend": "numpy", "op": "exp", "size": "1"}) == 2
    assert spawner._known(ERROR, {"op": "pow", "dtype": "float32"}) is None


class Processes:
    """Stands for asv's fork server: leaves these answers, and ends with this code."""

    def __init__(self, folder, monkeypatch):
        self.started, self.code, self.leaves, self.measures = [], 0, [], "7"
        self.out, self._folder = "out", folder
        self.result = folder / "result.json"
        monkeypatch.setattr(runner.ForkServer, "run", lambda _, name, *rest: self._run(name))

    def _run(self, name):
        self.started.append(name)
        (self._folder / "answers-1.json").write_text(json.dumps(self.leaves))
        if not self.code:
            self.result.write_text(self.measures)
        return self.out, self.code

    def ask(self, spawner, name):
        """What asv is told, and what it finds in the file."""
        self.result.write_text("")
        rest = ("{}", "None", str(self.result), 60, str(self._folder))
        told = spawner.run(name, *rest)
        return told, self.result.read_text()


@pytest.fixture
def processes(tmp_path, monkeypatch):
    return Processes(tmp_path, monkeypatch)


def test_a_known_answer_starts_no_process_and_an_unknown_one_does(spawner, processes):
    spawner._missing = [[None, None, "pow", None]]
    assert processes.ask(spawner, f"{ERROR}-1") == (("", 0), "NaN")
    assert processes.started == []
    assert processes.ask(spawner, f"{ERROR}-0") == (("out", 0), "7")
    assert processes.started == [f"{ERROR}-0"]


def test_each_round_is_measured(spawner, processes):
    processes.leaves = [[TIME, ["numpy", "exp", 1], 5], [TIME, ["numpy", "exp", 1000], 6]]
    for _ in range(2):
        assert processes.ask(spawner, f"{TIME}-0") == (("out", 0), "7")
        assert processes.ask(spawner, f"{TIME}-1") == (("", 0), "6")
    assert processes.started == [f"{TIME}-0"] * 2


@pytest.mark.parametrize("code", [1, -11, -256])
def test_a_process_that_dies_later_has_answered(spawner, processes, code):
    processes.leaves, processes.code = [[TIME, ["numpy", "exp", 1], 5]], code
    assert processes.ask(spawner, f"{TIME}-0") == (("", 0), "5")
    assert not (spawner.env.scratch / "failures.json").exists()


@pytest.mark.parametrize(
    ("code", "out", "reason"),
    [
        (1, "Traceback\n  File\nMemoryError: 80 GB\n", "MemoryError: 80 GB"),
        (3, "", "exit status 3"),
        (-9, "", "killed by SIGKILL"),
        (-11, "at 0x0\n", "killed by SIGSEGV: at 0x0"),
        (-256, "still here", "timed out"),  # asv's mark
    ],
)
def test_a_failure_is_left_with_its_reason(spawner, processes, code, out, reason):
    processes.code, processes.out = code, out
    assert processes.ask(spawner, f"{TIME}-0") == ((out, code), "")
    (row,) = json.loads((spawner.env.scratch / "failures.json").read_text())
    assert row["benchmark"] == TIME
    assert row["params"] == {"backend": "numpy", "op": "exp", "size": "1"}
    assert row["reason"] == reason


@pytest.mark.parametrize(
    ("leaves", "measures"),
    [
        ([], "Infinity"),
        ([], "-Infinity"),
        ([], '{"samples": [1.0, Infinity], "number": 1}'),
        ([[TIME, ["numpy", "exp", 1000], math.inf]], "7"),
    ],
)
def test_an_infinite_number_is_one_failure(spawner, processes, leaves, measures):
    processes.leaves, processes.measures = leaves, measures
    index = 0
    if leaves:
        processes.ask(spawner, f"{TIME}-0")
        index = 1
    told, found = processes.ask(spawner, f"{TIME}-{index}")
    assert told[1] != 0
    assert found == ""
    (row,) = json.loads((spawner.env.scratch / "failures.json").read_text())
    assert row["params"]["size"] == ("1000" if leaves else "1")
    assert row["reason"] == "an infinite number"


@pytest.fixture
def release(spawner, tmp_path, monkeypatch):
    """The spawner of a release with an environment and a suite, and a cache of its own."""
    monkeypatch.setattr("tools.running.spawner._KNOWN", tmp_path / "cache")
    spawner.env.release = SimpleNamespace(name="numpy-2.0.0")
    spawner.env._path, spawner.benchmark_dir = str(tmp_path / "env"), str(tmp_path / "suite")
    for file in ("env/ulpwatch.json", "suite/ops.py", "suite/backends/numpy.py"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text("1")
    asked = []

    # What the processes leave in the journal, one after the other, and how each ends.
    spawner.ends = [([["missing", "numpy", None, "erf", None, "none"], DONE], "", 0)]

    def run(self, name, *rest):
        lines, out, code = spawner.ends[min(len(asked), len(spawner.ends) - 1)]
        asked.append(name)
        for line in lines:
            probes.note(tmp_path / probes.JOURNAL, line)
        return out, code

    monkeypatch.setattr(runner.ForkServer, "run", run)
    return spawner, asked


def test_what_a_release_lacks_is_asked_once(release, tmp_path):
    spawner, asked = release
    for _ in range(2):
        spawner._missing = []
        ask_anew(spawner)
        assert spawner._missing == [["numpy", None, "erf", None, "none"]]
    assert len(asked) == 1


def ask_anew(spawner):
    """Each run of asv has a scratch folder of its own."""
    (spawner.env.scratch / probes.JOURNAL).unlink(missing_ok=True)
    spawner._ask()


def begun(op, dtype):
    return ["begun", "numpy", None, op, dtype, None]


def test_a_crash_and_a_hang_cost_the_op_and_dtype_that_did_it(release):
    spawner, asked = release
    llvm = "x.cc:7 begins\nLLVM ERROR: Cannot select: t5\nStack dump:\n0. Program arguments"
    spawner.ends = [
        ([begun("exp", "float16")], llvm, -6),
        ([begun("exp", "float32"), begun("sin", "float32")], "", -14),
        ([begun("tan", "float32"), ["missing", "numpy", None, "erf", None, "none"], DONE], "", 0),
    ]
    spawner._ask()
    assert spawner._missing == [["numpy", None, "erf", None, "none"]]
    assert spawner._broken == [
        ["numpy", None, "exp", "float16", "killed by SIGABRT: LLVM ERROR: Cannot select: t5"],
        ["numpy", None, "sin", "float32", HUNG],
    ]
    assert len(asked) == 3
    for op, dtype, breaks in (("exp", "float16", True), ("exp", "float32", False)):
        params = {"backend": "numpy", "op": op, "dtype": dtype}
        assert bool(spawner._breaks(params)) == breaks


def test_a_backend_that_hangs_three_times_is_asked_no_more(release):
    spawner, _ = release
    spawner.ends = [([begun("exp", dtype)], "", -14) for dtype in "abc"] + [([DONE], "", 0)]
    spawner._ask()
    assert spawner._breaks({"backend": "numpy", "op": "sqrt", "dtype": "float32"}) == HUNG


def test_what_breaks_is_failed_with_its_reason_and_no_process(spawner, tmp_path, monkeypatch):
    spawner._broken = [["numpy", None, "exp", None, "killed by SIGABRT"]]
    processes = Processes(tmp_path, monkeypatch)
    told, found = processes.ask(spawner, f"{TIME}-0")
    assert (told, found, processes.started) == (("killed by SIGABRT", 1), "", [])
    (row,) = json.loads((tmp_path / "failures.json").read_text())
    assert row["reason"] == "killed by SIGABRT"


def test_what_broke_is_tried_again_but_by_the_same_driver(release, tmp_path, monkeypatch):
    spawner, asked = release
    spawner.ends = [([begun("exp", "float16")], "", -9), ([DONE], "", 0)] * 2
    ask_anew(spawner)
    ask_anew(spawner)
    assert len(asked) == 4
    spawner.ends *= 2
    folder = tmp_path / f"{PREFIX}1-x"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    ask_anew(spawner)
    ask_anew(spawner)
    assert len(asked) == 6


def test_a_backend_of_another_library_is_missing_whatever_happens():
    rows = _lacking_backends(SimpleNamespace(library="tensorflow", version="2.0.4"))
    lacking = {row[0] for row in rows}
    assert {"numpy", "tensorflow-xla", "jax"} <= lacking
    assert "tensorflow" not in lacking


@pytest.mark.parametrize(
    ("changed", "times"),
    [
        ("env/ulpwatch.json", 2),
        ("suite/ops.py", 2),
        ("suite/available.py", 2),
        ("suite/process/probes.py", 2),
        ("suite/process/release_under_test.py", 2),
        ("suite/formats/ulp.py", 2),  # has the dtypes
        ("suite/backends/numpy.py", 2),
        ("suite/bench_time.py", 1),
        ("suite/functions/exact.py", 1),
    ],
)
def test_it_is_asked_again_after_a_change_of_what_decides(release, tmp_path, changed, times):
    spawner, asked = release
    ask_anew(spawner)
    (tmp_path / changed).parent.mkdir(exist_ok=True)
    (tmp_path / changed).write_text("2")
    ask_anew(spawner)
    assert len(asked) == times


def test_it_is_asked_again_where_other_devices_are_visible(release, monkeypatch):
    spawner, asked = release
    for visible in ("0", "", ""):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        ask_anew(spawner)
    assert len(asked) == 2


def test_all_that_the_answer_is_made_from_decides():
    text = (ROOT / "benchmarks" / "available.py").read_text()
    used = set(re.search(r"^from \. import (.*)$", text, re.M)[1].split(", "))
    # What processes leave for each other decides on nothing.
    assert used - {"_scratch"} <= {name.partition("/")[0].removesuffix(".py") for name in _DECIDE}


def test_the_shortest_loop_is_carried_from_run_to_run(tmp_path):
    here, there = tmp_path / "here", tmp_path / "new" / "there"
    ReleaseSpawner._carry(here, there)
    assert not there.exists()
    for number, kept in ((3e-5, 3e-5), (4e-5, 3e-5), (2e-5, 2e-5)):
        here.write_text(json.dumps(number))
        ReleaseSpawner._carry(here, there)
        assert json.loads(there.read_text()) == kept
