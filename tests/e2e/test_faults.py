"""Kills, full disks, two at once, damaged files, lying indexes: one clear line, nothing lost."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from asv.util import load_json
from pypi_simple import PyPISimple

from tools.environments.environment import ReleaseUnavailable, ensure
from tools.foundation import safe_files, temporary
from tools.releases import package_index
from tools.releases.release_table import ReleaseError, find, load

from .test_suite import SEED, measured, result_file

pytestmark = pytest.mark.e2e

RELEASES = "numpy-1.26.4 numpy-2.3.5 numpy-2.4.6"
BENCH = [
    "-b",
    r"Seed\..*'cpu'\)",
    "-b",
    r"track_(max_ulp|nan_wrong)\b.*'(sqrt|exp|sin)', 'float16'.*'cpu'",
]
MEND, NOTHING, FAILED, TIME_UP = 2, 3, 4, 5


def numbers(project):
    """What was measured, of which combinations, by release: no dates, no durations."""
    found = {}
    for name in RELEASES.split():
        file = result_file(project, name)
        for benchmark, row in file["results"].items():
            row = dict(zip(file["result_columns"], row, strict=False))
            plain = ["n/a" if math.isnan(value) else value for value in row["result"]]
            found[name, benchmark] = plain, row["version"], file["unmeasured"].get(benchmark)
    return found


def without_times(project):
    """The Records, less how long they took."""
    return {
        path.name: [
            {key: value for key, value in json.loads(line).items() if key != "seconds"}
            for line in path.read_text().splitlines()
        ]
        for path in (project.machine / "records").glob("*.jsonl")
    }


def test_killed_at_any_moment_it_ends_where_an_undisturbed_run_ends(project, shared_project):
    undisturbed = shared_project.run("tools.measure", RELEASES, *BENCH)
    # Of each release two of the seed, 3 ops × 3 regions × 2 metrics.
    assert "60 numbers" in undisturbed
    moments = random.Random(1)
    kills = 0
    for attempt in range(12):
        driver = project.start("tools.measure", RELEASES, *BENCH, start_new_session=True)
        try:
            # Every second time only the driver, so that its asv and benchmarks are left alone.
            out, errors = driver.communicate(timeout=moments.uniform(0.3, 6))
            assert driver.returncode == 0, out + errors
            break
        except subprocess.TimeoutExpired:
            kill = os.killpg if attempt % 2 else os.kill
            kill(driver.pid, signal.SIGKILL)
            kills += 1
            driver.stdout.close()
            driver.stderr.close()
            driver.wait()
            for file in project.path.glob("results/**/*.json"):
                json.loads(file.read_text())
    else:
        project.run("tools.measure", RELEASES, *BENCH)
    assert kills
    assert numbers(project) == numbers(shared_project)
    assert without_times(project) == without_times(shared_project)
    assert not list(project.path.glob("results/**/*.new"))


@pytest.fixture
def sleeps(shared_project):
    """A benchmark that is still running when the signal comes, however slow the machine is."""
    suite = shared_project.path / "benchmarks" / "bench_sleeps.py"
    suite.write_text("import time\n\ndef track_sleeps():\n    time.sleep(120)\n    return 1\n")
    yield "sleeps"
    suite.unlink()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["tools.measure", "asv"])
def test_a_signal_ends_all_that_was_started_and_leaves_nothing(
    shared_project, sleeps, monkeypatch, command, number
):
    with tempfile.TemporaryDirectory() as tmpdir:  # a short name: asv's socket lies in it
        monkeypatch.setenv("TMPDIR", tmpdir)
        # What is ignored here (nohup) the command would ignore as well.
        ours = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        run = ["run"] if command == "asv" else []
        process = shared_project.start(command, *run, "numpy-2.4.6", "-b", sleeps)
        signal.signal(signal.SIGHUP, ours)
        try:
            deadline = time.monotonic() + 60
            # The command, its fork server, and a process that measures.
            while len(temporary._started_with(Path(tmpdir))) < 3:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
            process.send_signal(number)
            process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode != 0
        assert temporary._started_with(Path(tmpdir)) == []
        assert list(Path(tmpdir).iterdir()) == []


def test_what_a_kill_of_asv_leaves_the_next_run_removes(shared_project, sleeps, monkeypatch):
    with tempfile.TemporaryDirectory() as tmpdir:
        monkeypatch.setenv("TMPDIR", tmpdir)
        process = shared_project.start("asv", "run", "numpy-2.4.6", "-b", sleeps)
        deadline = time.monotonic() + 60
        while len(temporary._started_with(Path(tmpdir))) < 3:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
        process.communicate()
        assert temporary._started_with(Path(tmpdir))  # a fork server, and what it has started
        shared_project.asv("run", "numpy-2.4.6", "-b", "Seed")
        assert temporary._started_with(Path(tmpdir)) == []
        assert list(Path(tmpdir).iterdir()) == []


def test_what_is_measured_is_not_measured_again_unless_asked(shared_project):
    shared_project.run("tools.measure", "numpy-2.4.6", "-b", "Seed")

    def started():
        file = result_file(shared_project, "numpy-2.4.6")
        return file["results"][SEED][file["result_columns"].index("started_at")]

    first = started()
    shared_project.run("tools.measure", "numpy-2.4.6", "-b", "Seed")
    assert started() == first
    shared_project.run("tools.measure", "numpy-2.4.6", "-b", "Seed", "--again")
    assert started() > first


def error_of(project, *args, code):
    """The last line on stderr, of a command that ends with ``code`` and no traceback."""
    process = project.start(*args)
    out, errors = process.communicate(timeout=600)
    assert process.returncode == code, out + errors
    assert "Traceback" not in out + errors
    return (errors.strip() or out.strip()).splitlines()[-1]


def machine_name(project):
    (name,) = load_json(project.home / ".asv-machine.json").keys() - {"version"}
    return name


def test_two_at_once_the_second_is_told_who_the_first_is(project):
    folder = project.path / "results" / machine_name(project)
    with safe_files.hold(folder / safe_files.LOCK, "the first"):
        says = error_of(project, "tools.measure", "numpy-2.4.6", "-b", "Seed", code=MEND)
        assert f"in use by the first (pid {os.getpid()}" in says
        assert f"in use by the first (pid {os.getpid()}" in project.asv(
            "run", "-b", "Seed", "numpy-2.4.6", code=1
        )
    assert not list(folder.glob("*-release-*.json"))


def test_nothing_measured_is_an_error_of_its_own(shared_project):
    bench = ["-b", "track_seed_example.*'tensorflow'"]
    says = error_of(shared_project, "tools.measure", "numpy-2.4.6", *bench, code=NOTHING)
    assert says.startswith("error: nothing was measured")
    says = error_of(shared_project, "tools.measure", "numpy-2.4.6", "-b", "Nonsense", code=MEND)
    assert says == "error: no benchmark matches Nonsense"


@pytest.mark.parametrize("file", ["numpy/_core/numeric.py", "numpy/lib/_function_base_impl.py"])
def test_a_damaged_file_of_a_release_costs_a_new_environment(project, tmp_path, file):
    """Of the same length: only what fails tells. In an environment of this test's own."""
    conf = load_json(project.path / "asv.conf.json") | {"env_dir": str(tmp_path / "env")}
    (project.path / "asv.conf.json").write_text(json.dumps(conf))
    project.run("tools.measure", "numpy-2.4.6", "-b", "Seed")
    (found,) = tmp_path.glob(f"env/numpy-2.4.6/lib/python3*/site-packages/{file}")
    text = found.read_bytes()
    found.unlink()  # its other name is in uv's cache
    found.write_bytes(b"(" * len(text))
    project.run("tools.measure", "numpy-2.4.6", "-b", "Seed", "--again")
    assert measured(project, "numpy-2.4.6", SEED) == {("numpy", "cpu"): 0}
    assert found.read_bytes() == text


def test_files_that_are_not_those_of_earlier_results_are_refused(project):
    project.run("tools.measure", "numpy-2.4.6", "-b", "Seed")
    file = project.machine / "environments" / "numpy-2.4.6.jsonl"
    listing = json.loads(file.read_text())
    ((name, digest),) = listing["wheels"].items()
    file.write_text(json.dumps(listing | {"wheels": {name: "0" * 64}}) + "\n")
    process = project.start("tools.measure", "numpy-2.4.6", "-b", "Seed", "--again")
    _, errors = process.communicate(timeout=600)
    assert process.returncode == NOTHING
    assert (
        f"numpy-2.4.6 was measured with another {name} (sha256 {'0' * 64}, now {digest}" in errors
    )


def test_quick_replaces_no_better_times_unless_it_is_said(shared_project):
    name, bench = "bench_time.Elementwise.track_time", r"'numpy', 'exp', 'float32', 1000, 'cpu'\)"
    bench = ["-b", rf"Elementwise.track_time\({bench}"]

    def samples():
        file = result_file(shared_project, "numpy-2.4.6")
        row = file["results"][name][file["result_columns"].index("samples")]
        (found,) = filter(None, row)
        return found

    shared_project.run("tools.measure", "numpy-2.4.6", "-a", "rounds=2", *bench)
    before = samples()
    assert len(before) > 5
    out = shared_project.asv("run", "--quick", *bench, "numpy-2.4.6", code=1)
    assert f"{name} has times of {len(before)} samples each" in out
    assert samples() == before
    shared_project.run("tools.measure", "numpy-2.4.6", "--quick", "--again", *bench)
    assert len(samples()) <= 5


@pytest.mark.parametrize("how", [["-E", "existing"], ["--python", "3.13"]])
def test_an_environment_of_the_users_choice_is_refused_in_one_line(shared_project, how):
    out = shared_project.asv("run", *how, "-b", "Seed", code=1)
    assert out.splitlines()[-1].endswith("as in `asv run --python PATH numpy`")


def test_when_the_time_is_up_nothing_is_begun_and_the_same_command_goes_on(project):
    process = project.start("tools.measure", "numpy-2.4.6", "-b", "Seed", "--max-minutes", "1")
    out, errors = process.communicate(timeout=600)
    assert process.returncode == TIME_UP, out + errors
    assert "0 numbers are in the results; the time is up, 1 parts are left" in errors
    project.run("tools.measure", "numpy-2.4.6", "-b", "Seed", "--max-minutes", "60")
    assert measured(project, "numpy-2.4.6", SEED) == {("numpy", "cpu"): 0}


def test_one_benchmark_that_fails_is_reported_with_its_reason_and_the_rest_is_measured(project):
    (project.path / "benchmarks" / "bench_faulty.py").write_text(
        "class Faulty(object):\n"
        "    params = [['well', 'ill']]\n"
        "    param_names = ['state']\n"
        "    def track_state(self, state):\n"
        "        if state == 'ill':\n"
        "            raise ValueError('not well at all')\n"
        "        return 1\n"
    )
    process = project.start("tools.measure", "numpy-2.4.6", "-b", "Faulty|Seed")
    out, errors = process.communicate(timeout=600)
    assert process.returncode == FAILED, out + errors
    what = "failed: numpy-2.4.6 bench_faulty.Faulty.track_state('ill'): ValueError: not well at all"
    assert what in errors.splitlines()
    assert measured(project, "numpy-2.4.6", SEED) == {("numpy", "cpu"): 0}


BREAKS = """

_whole = check


def check(op, dtype):
    import os
    _whole(op, dtype)
    if (op.name, dtype) == ("exp", "float16"):
        os.write(2, b"LLVM ERROR: Cannot select: t7\\n")
        os.abort()
    if (op.name, dtype) == ("sin", "float32"):
        while True:
            pass
    if (op.name, dtype) == ("log", "float64"):
        hoard = []
        while True:
            hoard.append(np.empty(1 << 30, "u1"))
"""


def test_a_backend_that_crashes_hangs_and_starves_loses_what_did_it_and_no_more(project):
    backend = project.path / "benchmarks" / "backends" / "numpy.py"
    backend.write_text(backend.read_text() + BREAKS)
    probes = project.path / "benchmarks" / "process" / "probes.py"
    probes.write_text(probes.read_text().replace("SECONDS = 120", "SECONDS = 2"))
    regex = r"Elementwise.track_max_ulp\('numpy', '(exp|sin|log|sqrt)', '.*', 'normal', 'cpu'\)"
    started = time.monotonic()
    code = project.start("tools.measure", "numpy-2.4.6", "-b", regex).wait(300)
    assert code == 4
    assert time.monotonic() - started < 120
    file = project.machine / "failures" / "numpy-2.4.6.jsonl"
    reasons = {
        (row["params"]["op"], row["params"]["dtype"]): row["reason"]
        for row in map(json.loads, file.read_text().splitlines())
    }
    assert reasons == {
        ("exp", "float16"): "killed by SIGABRT: LLVM ERROR: Cannot select: t7",
        ("sin", "float32"): "hangs (no answer in 2 s)",
        ("log", "float64"): "MemoryError: Unable to allocate 1.00 GiB for an array with "
        "shape (1073741824,) and data type uint8",
    }
    (result,) = project.machine.glob("*-release-*.json")
    values = load_json(str(result))["results"]["bench_accuracy.Elementwise.track_max_ulp"][0]
    # 4 functions in 3 dtypes, without the three.
    assert sum(isinstance(value, float) and value == value for value in values) == 9


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A project with results of two releases, one of which is cut off."""
    from .conftest import copy_project

    project = copy_project(tmp_path_factory.mktemp("damaged"))
    project.run("tools.measure", "numpy-2.3.5 numpy-2.4.6", "-b", "Seed")
    (cut,) = project.machine.glob(f"{find('numpy-2.3.5', load()).hash[:8]}-*.json")
    cut.write_text(cut.read_text()[:500])
    return project, cut


def test_a_truncated_file_is_named_and_the_rest_is_published(damaged):
    project, cut = damaged
    out = project.asv("publish", code=1)
    assert any(cut.name in line and "left out" in line for line in out.splitlines())
    (graph,) = project.path.glob(f"html/graphs/*/branch-numpy/**/{SEED}.json")
    tags = load_json(project.path / "html" / "index.json")["tags"]
    assert [point[0] for point in json.loads(graph.read_text())] == [tags["numpy-2.4.6"]]


def test_a_foreign_file_is_named_too(damaged):
    project, _ = damaged
    foreign = project.machine / "foreign-release-pyrelease.json"
    foreign.write_text("[1, 2]")
    try:
        out = project.asv("publish", code=1)
        assert any(foreign.name in line and "left out" in line for line in out.splitlines())
        assert list(project.path.glob(f"html/graphs/*/branch-numpy/**/{SEED}.json"))
    finally:
        foreign.unlink()


def test_a_machine_with_a_truncated_machine_json_is_named_too(damaged):
    project, _ = damaged
    machine = project.machine
    other = machine.with_name("other")
    shutil.copytree(machine, other)
    try:
        (other / "machine.json").write_text('{"machine": "oth')
        out = project.asv("publish", code=1)
        assert f"left out: {other.relative_to(project.path)}/machine.json" in out
        assert list(project.path.glob(f"html/graphs/*/branch-numpy/**/{SEED}.json"))
        assert project.index["machines"].keys() == {machine.name}
    finally:
        shutil.rmtree(other)


def test_a_release_with_a_truncated_file_is_left_out_and_the_others_are_measured(damaged):
    project, cut = damaged
    before = cut.read_bytes()
    bench = ["-b", r"track_max_ulp\b.*'sqrt', 'float16'.*'cpu'"]
    process = project.start("tools.measure", "numpy-2.3.5 numpy-2.4.6", *bench)
    out, errors = process.communicate(timeout=600)
    assert process.returncode == FAILED, out + errors
    assert any(line.startswith("left out: numpy-2.3.5: ") for line in errors.splitlines())
    assert "3 numbers" in out
    assert cut.read_bytes() == before


@contextlib.contextmanager
def small_disk(folder, megabytes):
    """A file system of a few MB on ``folder``; skips where it cannot be mounted."""
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("no right to mount a file system here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder):
    with contextlib.suppress(OSError), (folder / "full").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_stops_with_one_line_and_with_room_it_goes_on(project):
    results = project.path / "results"
    results.mkdir(exist_ok=True)
    with small_disk(results, 3):
        project.run("tools.measure", "numpy-2.3.5", "-b", "Seed")
        before = result_file(project, "numpy-2.3.5")
        fill(results)
        says = error_of(project, "tools.measure", "numpy-2.3.5 numpy-2.4.6", *BENCH, code=MEND)
        assert "No space left on device" in says
        assert result_file(project, "numpy-2.3.5") == before
        assert not list(results.rglob("*.new"))
        (results / "full").unlink()
        project.run("tools.measure", "numpy-2.3.5 numpy-2.4.6", "-b", "Seed")
        assert measured(project, "numpy-2.4.6", SEED) == {("numpy", "cpu"): 0}


def test_a_read_only_folder_is_one_line(project):
    results = project.path / "results"
    results.mkdir(exist_ok=True)
    with small_disk(results, 3):
        subprocess.run(["mount", "-o", "remount,ro", str(results)], check=True)
        says = error_of(project, "tools.measure", "numpy-2.4.6", "-b", "Seed", code=MEND)
        assert "Read-only file system" in says
        out = project.asv("run", "-b", "Seed", "numpy-2.4.6", code=1)
        assert "Read-only file system" in out


def test_publish_ends_whatever_the_numbers(shared_project):
    """Infinity would have it search for steps for ever: it is a failure, and the rest is kept."""
    suite = shared_project.path / "benchmarks" / "bench_endless.py"
    suite.write_text("def track_endless():\n    return float('inf')\n")
    try:
        shared_project.asv("run", "-b", "endless|Seed", "numpy-2.4.6", code=2)
        assert "Infinity" not in "".join(
            path.read_text() for path in shared_project.machine.glob("*.json")
        )
        assert measured(shared_project, "numpy-2.4.6", SEED) == {("numpy", "cpu"): 0}
        failures = shared_project.machine / "failures" / "numpy-2.4.6.jsonl"
        (row,) = map(json.loads, failures.read_text().splitlines())
        assert (row["benchmark"], row["reason"]) == (
            "bench_endless.track_endless", "an infinite number"
        )  # fmt: skip
    finally:
        suite.unlink()
    shared_project.run("tools.measure", "numpy-2.3.5 numpy-2.4.6", "-b", "Seed")
    process = shared_project.start("asv", "publish")
    try:
        process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0


class Misbehaving(http.server.BaseHTTPRequestHandler):
    """Answers everything with what its server is told to."""

    def do_GET(self):
        code, kind, body = self.server.answer
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


JSON = "application/vnd.pypi.simple.v1+json"
ANSWERS = {
    "a proxy's page": (200, "text/html", b"<html><h1>Please sign in</h1></html>"),
    "an error": (500, "text/plain", b"oops"),
    "half a list": (200, JSON, b'{"meta": {"api-version": "1.1"}, "name": "numpy", "files": [{"fi'),
    "no list": (200, JSON, b'"numpy"'),
}


@pytest.fixture(params=list(ANSWERS))
def url(request, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    server.answer = ANSWERS[request.param]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}/simple/"
    server.shutdown()
    server.server_close()


def test_an_index_that_misbehaves_is_one_line_and_leaves_the_table(url, monkeypatch, tmp_path):
    table = tmp_path / "releases.toml"
    shutil.copy("releases.toml", table)
    before = table.read_bytes()
    monkeypatch.setattr(package_index, "PyPISimple", functools.partial(PyPISimple, endpoint=url))
    with pytest.raises(ReleaseError) as error:
        package_index.update(table)
    assert str(error.value).startswith("the package index gave no list of numpy: ")
    assert "\n" not in str(error.value)
    assert table.read_bytes() == before


def test_an_index_that_misbehaves_makes_no_environment(url, monkeypatch, tmp_path):
    monkeypatch.setenv("UV_DEFAULT_INDEX", url)
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for name in ("UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    started = time.monotonic()
    with pytest.raises(ReleaseUnavailable) as error:
        ensure(find("numpy-2.4.6", load()), tmp_path)
    assert str(error.value).startswith("numpy-2.4.6: ")
    assert "\n" not in str(error.value)
    assert time.monotonic() - started < 60
    assert not (tmp_path / "numpy-2.4.6" / "ulpwatch.json").exists()


def test_an_interpreter_that_vanished_is_one_line(project, tmp_path):
    """The environment's Python is gone, and no other of its version is to be had."""
    env = tmp_path / "env"
    shutil.copytree(project.path / "env" / "numpy-2.4.6", env / "numpy-2.4.6", symlinks=True)
    python = env / "numpy-2.4.6" / "bin" / "python"
    python.unlink()
    python.symlink_to(tmp_path / "gone")
    table = project.path / "releases.toml"
    text, count = re.subn(r'(?m)^("2\.4\.6".*python = )"[^"]+"', r'\1"3.99"', table.read_text())
    assert count == 1
    table.write_text(text)
    conf = load_json(project.path / "asv.conf.json")
    (project.path / "asv.conf.json").write_text(json.dumps(conf | {"env_dir": str(env)}))
    process = project.start("tools.measure", "numpy-2.4.6", "-b", "Seed")
    out, errors = process.communicate(timeout=600)
    assert process.returncode == NOTHING, out + errors
    first, last = errors.splitlines()
    assert first.startswith("left out: numpy-2.4.6 needs Python 3.99: ")
    assert last == "error: nothing was measured: see above"
