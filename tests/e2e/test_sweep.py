"""Sweeps of real releases: what they record, that they repeat, that they go on where they were."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tools.results import records

from .conftest import copy_project

pytestmark = pytest.mark.e2e

RELEASE = "numpy-2.4.6"
FLOAT16 = [RELEASE, "--op", "exp", "--dtype", "float16"]
SEARCH = [RELEASE, "--op", "exp", "--dtype", "float64", "--budget", "2e5"]
# All float32 inputs take a minute or two: this is tools.sweep over the first BLOCKS of 4096.
BLOCKS = 160
SHORT = f"""
import sys
from benchmarks.inputs import input_sets
input_sets.exhaustive_blocks = lambda op, format: {BLOCKS}
from tools import sweep
sys.exit(sweep.main(["{RELEASE}", "--op", "sqrt", "--dtype", "float32", "--json"]))
"""


def lasting(found):
    """The Records by region, without what differs from run to run."""
    assert len({record["region"] for record in found}) == len(found)
    return {
        record["region"]: {k: v for k, v in record.items() if k not in ("seconds", "resumed")}
        for record in found
    }


def recorded(project):
    """The Records in the one file."""
    (file,) = project.path.glob(f"results/*/records/{RELEASE}.jsonl")
    return records.load(file)


def spacing(value):
    """Of float16 in the binade of ``value``."""
    return max(2.0 ** (math.frexp(value)[1] - 11), 2.0**-24)


def test_float16_record_is_over_all_inputs_and_rechecks(project):
    found = lasting(project.sweep(*FLOAT16))
    assert lasting(recorded(project)) == found
    assert {record["kind"] for record in found.values()} == {"exact"}
    assert set(found) == {"normal", "usual", "subnormal"}

    # All but the 2046 NaNs, each in one region; the infinities have exact results too.
    regions = found["normal"]["inputs"] + found["subnormal"]["inputs"]
    assert regions == (1 << 16) - 2046
    assert found["usual"]["inputs"] < found["normal"]["inputs"]
    for record in found.values():
        worst = record["worst"]
        got = float.fromhex(worst["got"]["hex"])
        true = math.exp(float.fromhex(worst["input"][0]["hex"]))
        assert abs(got - true) / spacing(true) == pytest.approx(record["max_ulp"], rel=1e-9)
    assert found["normal"]["max_ulp"] >= found["usual"]["max_ulp"]

    for region in found:
        name = f"{RELEASE}/numpy/cpu/exp/float16/exact/{region}"
        assert "holds: " in project.run("tools.sweep", "--recheck", name)


def test_recheck_of_a_wrong_record_says_so(project):
    (record,) = [r for r in project.sweep(*FLOAT16) if r["region"] == "normal"]
    file = project.path / "record.json"
    file.write_text(json.dumps({**record, "release": RELEASE}))
    assert "holds: " in project.run("tools.sweep", "--recheck", str(file))
    file.write_text(json.dumps({**record, "release": RELEASE, "max_ulp": record["max_ulp"] / 2}))
    assert "DIFFERS  max_ulp: " in project.run("tools.sweep", "--recheck", str(file), code=1)
    file.write_text(json.dumps({**record, "release": RELEASE, "kind": "seed"}))
    project.run("tools.sweep", "--recheck", str(file), code=2)


def test_second_sweep_gives_the_same_records(project):
    first = project.sweep(*FLOAT16)
    assert lasting(project.sweep(*FLOAT16)) == lasting(first)


def test_search_with_the_same_seed_gives_the_same_records(tmp_path_factory):
    """From the same hard inputs, that is: a search keeps what it found as one."""
    first, second, other = (copy_project(tmp_path_factory.mktemp("search")) for _ in range(3))
    found = lasting(first.sweep(*SEARCH))
    assert found == lasting(second.sweep(*SEARCH))
    assert found != lasting(other.sweep(*SEARCH, "--seed", "2"))
    assert {record["kind"] for record in found.values()} == {"search"}
    assert 0.5 < found["normal"]["max_ulp"] < 1
    assert sum(found[region]["inputs"] for region in ("normal", "subnormal")) >= 2e5
    for region in ("normal", "subnormal"):
        name = f"{RELEASE}/numpy/cpu/exp/float64/search/{region}"
        assert "holds: " in first.run("tools.sweep", "--recheck", name)


def test_what_a_search_found_is_a_hard_input_and_no_file_of_the_project_changes(project):
    known = project.path / "benchmarks" / "hard_inputs" / "exp-float64.txt"
    known.write_text("")
    (record,) = [r for r in project.sweep(*SEARCH) if r["region"] == "normal"]
    assert known.read_text() == ""
    found = project.path / "results" / "hard_inputs" / "exp-float64.txt"
    bits, _, origin = found.read_text().partition("#")
    assert bits.split() == [record["worst"]["input"][0]["bits"]]
    assert "search" in origin


def start_short(project):
    command = [sys.executable, "-c", SHORT]
    return subprocess.Popen(
        command, cwd=project.path, env=project.environment(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish_short(project):
    out, errors = start_short(project).communicate(timeout=600)
    assert out, errors
    return json.loads(out)


def blocks_done(project):
    cache = project.path / ".cache" / "sweep.sqlite"
    if not cache.exists():
        return 0
    with contextlib.closing(sqlite3.connect(cache, timeout=60)) as db:
        try:
            return db.execute("SELECT COUNT(*) FROM progress").fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            return 0


@pytest.fixture(scope="module")
def undisturbed(shared_project):
    found = finish_short(shared_project)
    assert {record["resumed"] for record in found} == {0}
    assert sum(r["inputs"] for r in found if r["region"] != "usual") <= BLOCKS << 20
    return lasting(found)


def interrupt(process):
    process.send_signal(signal.SIGINT)


def interrupt_from_the_terminal(process):
    os.killpg(process.pid, signal.SIGINT)


def kill(process):
    process.kill()


@pytest.mark.parametrize("stop", [interrupt, interrupt_from_the_terminal, kill])
def test_stopped_sweep_goes_on_and_gives_the_same_records(project, undisturbed, stop):
    process = start_short(project)
    try:
        while blocks_done(project) < 4 and process.poll() is None:
            time.sleep(0.01)
        stop(process)
        out, errors = process.communicate(timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert out == ""
    if stop is kill:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert errors == "stopped: the same command goes on from here\n"
    assert not list(project.path.glob("results/*/records/*"))
    before = blocks_done(project)
    assert 4 <= before < BLOCKS

    found = finish_short(project)
    assert {record["resumed"] for record in found} == {before}
    assert lasting(found) == undisturbed
    assert blocks_done(project) == 0
