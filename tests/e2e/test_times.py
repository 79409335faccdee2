"""Times in real releases: threads, a device that is not the CPU, and one failure that stays one."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess

import pytest
from asv.util import load_json

from tools.environments.environment import ReleaseUnavailable, ensure
from tools.releases.release_table import find, load

from .conftest import ROOT

pytestmark = pytest.mark.e2e


def run_inside(name: str, script: str, *args: str) -> dict:
    """What a script of tests/inside/ prints in a release's environment."""
    release = find(name, load())
    try:
        environment = ensure(release, ROOT / "env")
    except ReleaseUnavailable as error:
        pytest.skip(str(error))
    command = [environment / "bin" / "python", "-m", f"tests.inside.{script}", *args]
    env = {**os.environ, "ULPWATCH_RELEASE": release.requirement, "TF_CPP_MIN_LOG_LEVEL": "3"}
    out = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return json.loads(out.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("release", "backend"),
    [
        ("numpy-1.13.1", "numpy"),
        ("numpy-2.4.6", "numpy"),
        ("tensorflow-1.2.0", "tensorflow"),
        ("tensorflow-2.21.0", "tensorflow"),
        ("tensorflow-2.21.0", "tensorflow-xla"),
    ],
)
def test_cpu_1_is_one_thread(release, backend):
    """Two threads would take up to two seconds of the processors in a second."""
    found = run_inside(release, "processor_time", backend, "cpu-1")
    assert all(0 < share < 1.1 for share in found.values()), found


@pytest.mark.parametrize(
    ("release", "backend"), [("numpy-2.4.6", "numpy"), ("tensorflow-2.21.0", "tensorflow")]
)
def test_a_call_takes_the_memory_of_its_result(release, backend):
    """Forty megabytes of ten million float32; of their sum, one number."""
    found = run_inside(release, "peak_memory", backend)
    assert 39.5e6 < found["exp"] < 60e6
    assert found["sum"] < 4e6


@pytest.mark.parametrize("backend", ["tensorflow", "tensorflow-xla"])
def test_on_another_device_the_clock_waits_and_nothing_moves_to_the_cpu(backend):
    found = run_inside("tensorflow-2.21.0", "second_device", backend)
    assert found["roots"] == [1, 2, 3]
    assert found["input on"].endswith("CPU:1")
    assert found["result on"].endswith("CPU:1")
    assert found["waited"] > 0
    assert found["elsewhere"].startswith("no kernel for CPU:1")


def test_what_has_no_kernel_does_not_hide_what_has():
    """TensorFlow 1.2.0 has exp, sqrt and tan for float32, and no kernel of abs for bfloat16."""
    lacks = {(op, dtype) for _, _, op, dtype, _ in run_inside("tensorflow-1.2.0", "missing")}
    assert ("abs", "bfloat16") in lacks
    assert not {("exp", "float32"), ("sqrt", "float32"), ("tan", "float32")} & lacks


BREAK = """
_as_it_is = timed_call


def timed_call(op, dtype, arguments):
    import os, time

    if arguments[0].size == 1000:
        os.abort()
    if arguments[0].size == 10000:
        time.sleep(1000)
    if arguments[0].size == 100000:
        np.empty(1 << 50)  # a petabyte and more
    return _as_it_is(op, dtype, arguments)
"""


def test_a_crash_a_hang_and_too_little_memory_are_one_failure_each(project):
    backend = project.path / "benchmarks" / "backends" / "numpy.py"
    backend.write_text(backend.read_text() + BREAK)
    suite = project.path / "benchmarks" / "bench_time.py"
    suite.write_text(suite.read_text().replace("timeout = 120", "timeout = 20"))
    bench = r"Elementwise.track_time\('numpy', 'sqrt', 'float32', \d+, 'cpu'\)"
    run = project.start("asv", "run", "--quick", "-b", bench, "numpy-2.4.6")
    run.communicate(timeout=300)  # it prints the failures' tracebacks
    assert run.returncode == 2

    (file,) = project.machine.glob("*-release-*.json")
    data = load_json(str(file))
    row = dict(zip(data["result_columns"], *data["results"].values(), strict=False))
    found = dict(zip(itertools.product(*row["params"]), row["result"], strict=True))
    mine = {key[3]: value for key, value in found.items() if value is None or value == value}
    assert {size for size, value in mine.items() if value is None} == {"1000", "10000", "100000"}
    times = [value for value in mine.values() if value is not None]
    assert len(times) == 3
    assert all(value > 0 and math.isfinite(value) for value in times)

    lines = (project.machine / "failures" / "numpy-2.4.6.jsonl").read_text().splitlines()
    reasons = {row["params"]["size"]: row["reason"] for row in map(json.loads, lines)}
    assert set(reasons) == {"1000", "10000", "100000"}
    assert reasons["1000"].startswith("killed by SIGABRT")
    assert reasons["10000"] == "timed out"
    assert "Unable to allocate" in reasons["100000"]


BENCH = r"Elementwise.track_time\('numpy', 'sqrt', 'float32', (1|1000), 'cpu'\)"


def samples_of(data: dict) -> list[list[float]]:
    """The samples of asv's only benchmark in a results file, where there are some."""
    row = dict(zip(data["result_columns"], *data["results"].values(), strict=False))
    return [found for found in row["samples"] if found]


def test_eight_processes_measure_each_time_and_all_samples_are_kept(project):
    project.asv("run", "-b", BENCH, "-a", "repeat=2", "numpy-2.4.6")
    (file,) = project.machine.glob("*-release-*.json")
    # Two of each process, as many as there are where it was disturbed.
    assert [len(found) for found in samples_of(load_json(str(file)))] == [16, 16]
    facts = json.loads((project.machine / "environments" / "numpy-2.4.6.jsonl").read_text())
    assert facts["settings"]["numpy-cpu"]["affinity"] == sorted(os.sched_getaffinity(0))
    assert facts["settings"]["numpy-cpu"]["openblas"]


def test_times_whose_processes_disagree_are_taken_once_more(project):
    project.run("tools.measure", "numpy-2.4.6", "-b", BENCH, "-a", "repeat=4")
    (file,) = project.machine.glob("*-release-*.json")
    data = load_json(str(file))
    before = samples_of(data)
    (row,) = data["results"].values()
    for column, far in (("stats_q_25", 0.5), ("stats_q_75", 2)):
        quartiles = row[data["result_columns"].index(column)]
        first, second = [place for place, value in enumerate(quartiles) if value]
        quartiles[first] *= far
        quartiles[second] = row[data["result_columns"].index("result")][second]
    file.write_text(json.dumps(data))
    project.run("tools.measure", "numpy-2.4.6", "-b", BENCH, "-a", "repeat=4", "--settle")
    unsettled, settled = samples_of(load_json(str(file)))
    assert unsettled[: len(before[0])] == before[0]
    assert len(unsettled) > len(before[0])
    assert settled == before[1]
