"""What benchmark processes leave, in the results afterwards."""

import json

import pytest

from tests.made_results import record
from tools.running.collect import gather

RELEASE = "numpy-2.0.0"
# asv's order, which is not the alphabet's.
PARAMS = ("backend", "op", "dtype")
EXP = ("bench_time.Elementwise.track_time", "numpy", "exp", "float32")
SIN = ("bench.Other.track", "numpy")


def failure(key, reason):
    benchmark, *values = key
    return {"benchmark": benchmark, "reason": reason,
            "params": dict(zip(PARAMS, values, strict=False))}  # fmt: skip


@pytest.fixture
def left(tmp_path):
    """Leaves files of these names in the scratch folder of a run, and gathers them."""

    def leave(failed=(), **files):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        for old in scratch.iterdir():
            old.unlink()
        for name, content in files.items():
            (scratch / f"{name.replace('_', '-')}.json").write_text(json.dumps(content))
        gather(scratch, tmp_path, "here", RELEASE, {"python": "3.11.9"}, failed)

    return leave


@pytest.fixture
def kept(tmp_path):
    def rows(kind):
        file = tmp_path / "here" / kind / f"{RELEASE}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    return rows


def test_records_of_all_processes_are_kept(left, kept):
    regions = ("normal", "usual")
    files = {f"record_{op}": {r: record(op=op, region=r) for r in regions} for op in ("exp", "sin")}
    left(**files)
    assert {(r["op"], r["region"]) for r in kept("records")} == {
        ("exp", "normal"), ("exp", "usual"), ("sin", "normal"), ("sin", "usual")
    }  # fmt: skip


def test_the_environment_says_what_ran_and_what_could_not(left, kept):
    left(unavailable=[["numpy", "gpu", None, None, "no such device"]])
    (facts,) = kept("environments")
    assert facts["python"] == "3.11.9"
    assert facts["unavailable"][0][:2] == ["numpy", "gpu"]
    assert {"model", "features", "governor", "level"} == set(facts["cpu"])


def test_the_environment_names_the_gpus(left, kept, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    left()
    assert kept("environments")[0]["gpus"] == []
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 'NVIDIA L4, 570.1'\necho 'NVIDIA H100 80GB HBM3, 570.1'\n")
    smi.chmod(0o755)
    left()
    assert kept("environments")[0]["gpus"] == [
        {"name": "NVIDIA L4", "driver": "570.1"},
        {"name": "NVIDIA H100 80GB HBM3", "driver": "570.1"},
    ]


@pytest.mark.parametrize(
    ("said", "kept_as"),
    [
        (
            "used by node Tanh (defined at /home/me/ulp/benchmarks/backends/tensorflow.py:71) with",
            "used by node Tanh (defined at …/benchmarks/backends/tensorflow.py:71) with",
        ),
        (  # TensorFlow 1.15.5's own way
            "node reduce_std/sub (defined at home/me/env/tf/lib/python3/site-packages/tf/a.py:1)",
            "node reduce_std/sub (defined at …/tf/a.py:1)",
        ),
        (
            "No such file or directory: '/tmp/ulpwatch-x/numpy/a'",
            "No such file or directory: '…/a'",
        ),
        ("/usr/lib/libcuda.so.1: cannot open", "…/libcuda.so.1: cannot open"),
        ("no kernel on /job:localhost/replica:0/task:0/device:GPU:0",) * 2,
        ("see https://www.tensorflow.org/install/pip, 1/2 and/or a/b/c",) * 2,
    ],
)
def test_reasons_name_no_folder_of_this_machine(left, kept, said, kept_as):
    left({EXP}, unavailable=[["numpy", None, "exp", None, said]], failures=[failure(EXP, said)])
    assert kept("environments")[0]["unavailable"] == [["numpy", None, "exp", None, kept_as]]
    assert kept("failures")[0]["reason"] == kept_as


def test_settings_are_those_of_the_last_run_of_each_backend(left, kept):
    left(**{"settings_numpy_cpu": {"openblas": [2]}, "settings_numpy_cpu_1": {"openblas": [2]}})
    left(**{"settings_numpy_cpu_1": {"openblas": [1]}})
    (facts,) = kept("environments")
    assert facts["settings"] == {
        "numpy-cpu": {"openblas": [2]}, "numpy-cpu-1": {"openblas": [1]}
    }  # fmt: skip


def test_a_failure_is_kept_with_its_reason_while_it_is_one(left, kept, tmp_path):
    left({EXP}, failures=[failure(EXP, "killed by SIGKILL")])
    left({EXP, SIN}, failures=[failure(SIN, "timed out")])
    assert {row["reason"] for row in kept("failures")} == {"killed by SIGKILL", "timed out"}
    left({SIN})
    assert [row["reason"] for row in kept("failures")] == ["timed out"]
    left()
    assert not (tmp_path / "here" / "failures" / f"{RELEASE}.jsonl").exists()


def test_the_newer_reason_of_one_failure_counts(left, kept):
    left({EXP}, failures=[failure(EXP, "timed out")])
    left({EXP}, failures=[failure(EXP, "killed by SIGSEGV")])
    assert [row["reason"] for row in kept("failures")] == ["killed by SIGSEGV"]
