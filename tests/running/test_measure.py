"""What is missing, how it is cut into units, and who may write."""

import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from types import SimpleNamespace

import pytest

from tools import measure
from tools.foundation import safe_files, temporary
from tools.releases.release_table import find, load
from tools.results import completeness
from tools.running import measuring, scheduler

ERROR, WRONG = "bench_accuracy.Error.track_error", "bench_accuracy.Error.track_wrong"
SEED, TIME = "bench_accuracy.Seed.track_seed", "bench_time.Call.track_time"
NUMPY, TENSORFLOW = "'numpy'", "'tensorflow'"


def benchmark(name, kind="track", **params):
    return {"name": name, "version": "1", "type": kind, "param_names": list(params),
            "params": [list(values) for values in params.values()]}  # fmt: skip


BENCHMARKS = {
    b["name"]: b
    for b in (
        benchmark(ERROR, backend=[NUMPY, TENSORFLOW], op=["'sin'", "'exp'"], dtype=["'f4'"]),
        benchmark(WRONG, backend=[NUMPY, TENSORFLOW], op=["'sin'", "'exp'"], dtype=["'f4'"]),
        benchmark(SEED),
        benchmark(TIME, "time", op=["'exp'"], size=["1", "1000"]),
    )
}
ALL = {name: set(itertools.product(*b["params"])) for name, b in BENCHMARKS.items()}


def released(*names):
    return [find(name, load()) for name in names]


def results(name, version="1", unmeasured=(), **row):
    """A file as asv writes it."""
    columns = {"result": row["result"], "params": row["params"], "version": version}
    file = {"results": {name: list(columns.values())}, "result_columns": list(columns)}
    return file | ({"unmeasured": {name: list(unmeasured)}} if unmeasured else {})


def test_what_a_file_has_is_what_was_measured_in_the_present_version():
    params = [[NUMPY, TENSORFLOW], ["'sin'", "'exp'"], ["'f4'"]]
    file = results(ERROR, result=[0.5, math.nan, None, math.nan], params=params, unmeasured=[3])
    found = completeness.results(file, BENCHMARKS[ERROR])
    assert found.pop((NUMPY, "'sin'", "'f4'")) == 0.5
    assert math.isnan(found.pop((NUMPY, "'exp'", "'f4'")))
    assert found == {(TENSORFLOW, "'sin'", "'f4'"): None}
    assert completeness.results(file, BENCHMARKS[ERROR] | {"version": "2"}) == {}
    assert completeness.results(file, BENCHMARKS[WRONG]) == {}


def test_a_file_without_the_key_was_measured_throughout():
    file = results(TIME, result=[1e-6, math.nan], params=[["'exp'"], ["1", "1000"]])
    assert set(completeness.results(file, BENCHMARKS[TIME])) == ALL[TIME]


def test_asv_writes_null_for_a_list_of_nulls():
    file = results(TIME, result=None, params=[["'exp'"], ["1", "1000"]])
    assert completeness.results(file, BENCHMARKS[TIME]) == dict.fromkeys(ALL[TIME])


def test_times_whose_processes_disagree_are_unsettled():
    """1.25 is the limit, and a time without samples says nothing."""
    params = [["'exp'"], ["1", "1000"]]
    file = results(TIME, result=[9.28, 1.1], params=params)
    file["result_columns"] += ["stats_q_25", "stats_q_75"]
    file["results"][TIME] += [[5.34, 1.0], [13.3, 1.25]]
    assert completeness.unsettled(file, BENCHMARKS[TIME]) == {("'exp'", "1")}
    file["results"][TIME][-2:] = [[None, 1.0], [None, 1.26]]
    assert completeness.unsettled(file, BENCHMARKS[TIME]) == {("'exp'", "1000")}
    assert completeness.unsettled(file, BENCHMARKS[TIME] | {"version": "2"}) == set()
    del file["results"][TIME][-2:]
    assert completeness.unsettled(file, BENCHMARKS[TIME]) == set()


def test_a_benchmark_without_parameters_has_one_empty_combination():
    file = results(SEED, result=[38], params=[])
    assert completeness.results(file, BENCHMARKS[SEED]) == {(): 38}


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"results": {ERROR: [[0.5], [["'x'"], ["'y'"]], "1"]}},
        results(ERROR, result=[0.5], params=[["1", "2"]]),  # one number for two combinations
    ],
)
def test_a_file_that_is_not_asvs_is_an_error(file):
    with pytest.raises((KeyError, ValueError)):
        completeness.results(file, BENCHMARKS[ERROR])


def selected(regexes):
    """What asv would run: it looks for each regex in ``name(params)``."""
    names = {
        (name, one): f"{name}({', '.join(one)})" if one else name
        for name in ALL
        for one in ALL[name]
    }
    return {key for key, name in names.items() if any(re.search(r, name) for r in regexes)}


@pytest.mark.parametrize(
    "missing",
    [
        ALL,
        {ERROR: ALL[ERROR]},
        {ERROR: {(NUMPY, "'exp'", "'f4'")}, SEED: {()}},
        # No product of values: asv's regex has to name both and not their crossings.
        {ERROR: {(NUMPY, "'exp'", "'f4'"), (TENSORFLOW, "'sin'", "'f4'")}},
        {TIME: {("'exp'", "1")}},  # and not 1000
    ],
)
def test_a_unit_selects_exactly_what_is_missing(missing):
    missing = {name: set() for name in ALL} | missing
    parts = scheduler.parts(missing, BENCHMARKS)
    assert selected(scheduler.regexes(parts)) == {(n, one) for n in missing for one in missing[n]}


def test_metrics_of_one_computation_are_never_parted():
    parts = scheduler.parts(ALL, BENCHMARKS)
    assert [(part.group, part.op) for part in parts] == [
        ("bench_accuracy.Error", "'sin'"),
        ("bench_accuracy.Error", "'exp'"),
        ("bench_accuracy.Seed", ""),
        ("bench_time.Call", "'exp'"),
    ]
    assert set(parts[0].missing) == {ERROR, WRONG}


def test_accuracy_comes_release_by_release_and_times_last_side_by_side():
    chosen = released("numpy-2.3.5", "numpy-2.4.6", "tensorflow-2.21.0")
    plan = scheduler.stages(dict.fromkeys(chosen, ALL), BENCHMARKS, interleave=2)
    assert [([r.name for r in stage.releases], len(stage.parts)) for stage in plan] == [
        (["numpy-2.3.5"], 3),
        (["numpy-2.4.6"], 3),
        (["tensorflow-2.21.0"], 3),
        (["numpy-2.3.5", "numpy-2.4.6"], 1),
        (["tensorflow-2.21.0"], 1),
    ]
    assert [stage.times for stage in plan] == [False, False, False, True, True]


def test_what_is_measured_is_in_no_plan():
    chosen = released("numpy-2.3.5", "numpy-2.4.6")
    nothing = {name: set() for name in ALL}
    lacking = {chosen[0]: nothing, chosen[1]: nothing | {TIME: ALL[TIME]}}
    (stage,) = scheduler.stages(lacking, BENCHMARKS, interleave=2)
    assert [release.name for release in stage.releases] == ["numpy-2.4.6"]
    assert [part.group for part in stage.parts] == ["bench_time.Call"]


def test_a_time_that_one_lacks_is_taken_of_all_in_turn_where_that_is_asked():
    """What the earlier one has is of another day."""
    chosen = released("numpy-2.3.5", "numpy-2.4.6")
    nothing = {name: set() for name in ALL}
    lacking = {chosen[0]: nothing, chosen[1]: ALL}
    plan = scheduler.stages(lacking, BENCHMARKS, interleave=2, together=True)
    assert [([r.name for r in stage.releases], stage.times) for stage in plan] == [
        (["numpy-2.4.6"], False),
        (["numpy-2.3.5", "numpy-2.4.6"], True),
    ]
    assert scheduler.stages(dict.fromkeys(chosen, nothing), BENCHMARKS, 2, together=True) == []


class Clock:
    """A driver that takes 100 seconds for a part, on a clock of its own."""

    def __init__(self, monkeypatch):
        self.now, self.ran = 0.0, 0
        monkeypatch.setattr(measuring.time, "monotonic", lambda: self.now)

    def run(self, releases, unit, benchmarks, *options):
        self.now += 100 * len(unit)
        self.ran += len(unit)
        return True


@pytest.mark.parametrize(("minutes", "ran", "left"), [(60, 20, 0), (20, 11, 9), (1, 0, 20)])
def test_no_unit_is_begun_that_would_not_end_in_time(monkeypatch, minutes, ran, left):
    driver = Clock(monkeypatch)
    args = SimpleNamespace(until=60 * minutes, quick=False, attribute=[])
    assert measuring._walk(driver, [stage_of(20)], BENCHMARKS, args) == left
    assert driver.ran == ran
    assert driver.now <= 60 * minutes


def stage_of(count, *names, times=False):
    parts = [scheduler.Part("bench_a.A", f"'{i}'") for i in range(count)]
    return scheduler.Stage(released(*(names or ["numpy-2.4.6"])), parts, times)


@pytest.mark.parametrize(("times", "minutes"), [(False, 1), (True, 4)])
def test_a_unit_grows_or_shrinks_to_about_a_minute_or_four_of_times(times, minutes):
    pace, stage = scheduler.Pace(), stage_of(1000, times=times)
    for seconds_each in (0.5, 20.0):
        for _ in range(8):
            unit = pace.take(stage)
            pace.learn(stage, unit, seconds_each * len(unit))
        assert len(pace.take(stage)) == 60 * minutes / seconds_each


def test_a_unit_is_a_minute_of_each_of_the_releases_that_take_turns():
    # asv's start and each release's import would else be most of it.
    pace, stage = scheduler.Pace(), stage_of(1000, "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6")
    for _ in range(8):
        unit = pace.take(stage)
        pace.learn(stage, unit, 3 * 2.0 * len(unit))  # 2 seconds of each release
    assert len(pace.take(stage)) == 30
    assert len(pace.take(stage_of(1000))) == 30  # and a part costs the same without turns


def test_parts_that_a_release_lacks_do_not_make_the_next_unit_many_minutes_long():
    pace, stage = scheduler.Pace(), stage_of(1000)
    unit = pace.take(stage)
    pace.learn(stage, unit, 20.0 * len(unit))
    pace.learn(stage, pace.take(stage), 0.1)
    assert 20.0 * len(pace.take(stage)) <= 120


def test_a_unit_is_never_empty_and_never_more_than_there_is():
    pace, stage = scheduler.Pace(), stage_of(2)
    pace.learn(stage, stage.parts, 9999)
    assert len(pace.take(stage)) == 1
    for _ in range(20):
        pace.learn(stage, stage.parts, 0.001)
    assert pace.take(stage) == stage.parts


@pytest.fixture
def asked(monkeypatch):
    """What measure is asked for, by a command line."""
    seen = []
    monkeypatch.setattr(measure, "measure", lambda args: seen.append(args) or 0)

    def ask(*words):
        assert measure.main([*words]) == 0
        return seen[-1]

    return ask


def test_attributes_are_handed_to_asv(asked):
    args = asked("numpy", "--quick", "-a", "repeat=5", "-a", "warmup_time=0.005", "-a", "rounds=2")
    handed = measuring._options(stage_of(1, times=True), args)
    assert handed == ["--quick", "-a", "repeat=5", "-a", "warmup_time=0.005", "-a", "rounds=2"]
    # Accuracy would be computed twice.
    assert "rounds=2" not in measuring._options(stage_of(1), args)
    assert measuring._options(stage_of(1, times=True), asked("numpy")) == []


@pytest.mark.parametrize("wrong", ["repeat", "rounds=two", "colour=red"])
def test_an_attribute_that_asv_would_refuse_is_refused_at_once(asked, capsys, wrong):
    with pytest.raises(SystemExit) as ended:
        asked("numpy", "-a", wrong)
    assert ended.value.code == 2
    assert "argument --attribute/-a: " in capsys.readouterr().err


def test_a_second_holder_is_told_who_has_the_lock(tmp_path):
    lock = tmp_path / "results" / safe_files.LOCK
    with safe_files.hold(lock, "tools.measure"):
        with pytest.raises(safe_files.Held) as held:
            safe_files.hold(lock, "asv")
        message = str(held.value)
    assert f"in use by tools.measure (pid {os.getpid()}, since 20" in message
    assert "\n" not in message
    safe_files.hold(lock).close()


def test_the_kernel_lets_go_of_the_lock_of_a_killed_process(tmp_path):
    lock = tmp_path / safe_files.LOCK
    code = (
        "from pathlib import Path; from tools.foundation import safe_files;"
        f"f = safe_files.hold(Path({str(lock)!r}))"
    )
    holder = subprocess.Popen([sys.executable, "-c", f"{code}; print(flush=True); input()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    holder.stdout.readline()
    with pytest.raises(safe_files.Held):
        safe_files.hold(lock)
    holder.kill()
    holder.communicate()
    safe_files.hold(lock).close()


def test_a_child_knows_what_its_parent_holds(tmp_path, monkeypatch):
    lock, other = tmp_path / safe_files.LOCK, tmp_path / "other"
    other.touch()
    with safe_files.hold(lock) as held:
        assert not safe_files.is_held(lock)
        monkeypatch.setenv(safe_files.HELD, str(held.fileno()))
        assert safe_files.is_held(lock)
        assert not safe_files.is_held(other)
    monkeypatch.setenv(safe_files.HELD, "99")
    assert not safe_files.is_held(lock)


def test_a_write_that_is_cut_off_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "file"
    safe_files.write(file, "old\n")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        safe_files.write(file, "new and longer\n")
    assert file.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [file]


def test_only_what_dead_writers_left_is_swept_up(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = [tmp_path / "a.json", tmp_path / f"b.json.{os.getpid()}.new"]
    left = tmp_path / "vm" / f"a.json.{dead.pid}.new"
    left.parent.mkdir()
    for file in (*kept, left):
        file.touch()
    safe_files.sweep_up(tmp_path)
    assert not left.exists()
    assert all(file.exists() for file in kept)


def test_what_a_killed_driver_left_is_ended_and_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(temporary.tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, subprocess, sys; from tools.foundation import temporary;"
        "folder = temporary.folder();"
        "orphan = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " env=os.environ | {'TMPDIR': folder.name}, stdout=subprocess.DEVNULL);"
        "print(orphan.pid, folder.name, flush=True); input()"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    orphan, folder = driver.stdout.readline().split()
    hold = partial(safe_files.hold, tmp_path / safe_files.LOCK)
    temporary.reclaim(hold).close()  # of a driver that lives: nothing
    os.kill(int(orphan), 0)
    assert os.path.isdir(folder)  # noqa: PTH112
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    temporary.reclaim(hold).close()
    assert list(tmp_path.iterdir()) == [tmp_path / safe_files.LOCK]
    assert _ends(int(orphan))


def test_a_lock_is_waited_for_whose_holder_is_gone_but_not_what_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(temporary.tempfile, "tempdir", str(tmp_path))
    lock = tmp_path / safe_files.LOCK
    code = (
        "import subprocess, sys; from pathlib import Path; from tools.foundation import safe_files;"
        f"held = safe_files.hold(Path({str(lock)!r}), 'the driver');"
        "subprocess.Popen(['sleep', '2'], pass_fds=[held.fileno()], stdout=subprocess.DEVNULL);"
        "print(flush=True); input()"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    driver.stdout.readline()
    with pytest.raises(safe_files.Held, match="in use by the driver"):
        temporary.reclaim(partial(safe_files.hold, lock))  # it lives
    driver.kill()
    driver.communicate()
    with pytest.raises(safe_files.Held):
        safe_files.hold(lock)
    temporary.reclaim(partial(safe_files.hold, lock)).close()


def _ends(pid):
    """Whether a process that is nobody's child here is gone, or only its entry is left."""
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
                if not file.read():
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_a_lock_file_says_who_as_json(tmp_path):
    with safe_files.hold(tmp_path / safe_files.LOCK, "asv"):
        said = json.loads((tmp_path / safe_files.LOCK).read_text())
    assert (said["what"], said["pid"]) == ("asv", os.getpid())
