"""asv's commands on real releases, from `asv run` to the published site."""

from __future__ import annotations

import itertools
import json
import math
import re
import signal
import socket
import tempfile
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from asv.util import load_json

from tools.environments.environment import MARKER
from tools.foundation.pythons import NoInterpreter, find_python
from tools.releases.release_table import find, load

pytestmark = pytest.mark.e2e

RELEASES = ["numpy-2.3.5", "numpy-2.4.6", "tensorflow-2.21.0"]
SEED = "bench_accuracy.Seed.track_seed_example"
SEED_MAX_ULP = "bench_accuracy.Seed.track_seed_max_ulp"
MAX_ULP = "bench_accuracy.Elementwise.track_max_ulp"
# asv's -b looks at NAME(PARAM, …) with the parameters' repr.
BENCH = ["-b", "Seed", "-b", r"track_max_ulp\b.*'sqrt', 'float16'"]


def result_file(project, name):
    (file,) = project.machine.glob(f"{find(name, load()).hash[:8]}-*.json")
    return load_json(file)


def measured(project, name, benchmark):
    """The results that are numbers, on the CPU, by parameters. Fails where a benchmark failed."""
    file = result_file(project, name)
    row = dict(zip(file["result_columns"], file["results"][benchmark], strict=False))
    params = [[value.strip("'") for value in values] for values in row["params"]]
    found = dict(zip(itertools.product(*params), row["result"], strict=True))
    assert None not in found.values()
    return {k: v for k, v in found.items() if k[-1] == "cpu" and not math.isnan(v)}


def records(project, name):
    text = (project.machine / "records" / f"{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def ran(shared_project):
    """A project in which RELEASES have been measured."""
    # A short name: asv's socket lies in it.
    with tempfile.TemporaryDirectory() as tmpdir, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", tmpdir)
        out = shared_project.asv("run", *BENCH, " ".join(RELEASES))
        # TensorFlow's compiler writes a file for each function.
        assert list(Path(tmpdir).iterdir()) == []
    assert all(f"<{name}>" in out for name in RELEASES)
    return shared_project


@pytest.fixture(scope="module")
def published(ran):
    ran.asv("publish")
    return ran


@pytest.mark.parametrize("name", RELEASES)
def test_the_newest_releases_have_every_seed_root_right(ran, name):
    found = measured(ran, name, SEED)
    assert set(found.values()) == {0}
    backends = {"numpy"} if name.startswith("numpy") else {"tensorflow", "tensorflow-xla"}
    assert set(found) == {(backend, "cpu") for backend in backends}
    # The farthest from a float32 is the root of 94: by decimal arithmetic, 0.491660 ULP.
    errors = measured(ran, name, SEED_MAX_ULP)
    assert set(errors) == set(found)
    assert list(errors.values()) == pytest.approx([0.4916596307754758] * len(errors), abs=1e-12)
    kept = {one["backend"]: one for one in records(ran, name) if one["kind"] == "seed"}
    assert set(kept) == backends
    assert [(one["inputs"], one["wrong"]) for one in kept.values()] == [(100, [])] * len(kept)


@pytest.mark.parametrize("name", RELEASES)
def test_sqrt_of_float16_is_correctly_rounded(ran, name):
    found = measured(ran, name, MAX_ULP)
    assert {key[1:3] for key in found} == {("sqrt", "float16")}
    assert {key[3] for key in found} == {"normal", "usual", "subnormal"}
    assert all(0.49 < error <= 0.5 for error in found.values())


@pytest.mark.parametrize("name", RELEASES)
def test_records_lie_beside_the_results(ran, name):
    maxima = {
        (record["backend"], record["op"], record["dtype"], record["region"], record["device"]): (
            record["max_ulp"],
            record["misrounded"],
        )
        for record in records(ran, name)
        if record["device"] == "cpu" and record["kind"] != "seed"
    }
    found = measured(ran, name, MAX_ULP)
    assert maxima == {key: (error, 0) for key, error in found.items()}


@pytest.mark.parametrize("name", RELEASES)
def test_listing_of_the_environment_is_kept(ran, name):
    facts = json.loads((ran.machine / "environments" / f"{name}.jsonl").read_text())
    library, version = name.split("-")
    assert facts["release"] == f"{library}=={version}"
    assert facts["release"] in facts["packages"]
    libraries = {package.split("==")[0] for package in facts["packages"]}
    assert ("tensorflow" in libraries) == (library == "tensorflow")
    assert facts["python"].startswith(f"Python {find(name, load()).python}.")
    assert facts["cpu"]["features"]
    assert facts["libc"].startswith("glibc ")


@pytest.mark.parametrize("name", RELEASES)
def test_result_is_dated_by_the_upload(ran, name):
    library, version = name.split("-")
    table = tomllib.loads((ran.path / "releases.toml").read_text())
    uploaded = table[library][version]["uploaded"]
    assert result_file(ran, name)["date"] == uploaded.timestamp() * 1000


def test_index_has_releases_as_tags_libraries_as_branches(published):
    index = published.index
    table = tomllib.loads((published.path / "releases.toml").read_text())
    rows = {f"{lib}-{version}": row for lib in table for version, row in table[lib].items()}
    assert set(index["tags"]) == set(rows)
    for name, revision in index["tags"].items():
        uploaded = rows[name]["uploaded"].timestamp() * 1000
        assert index["revision_to_date"][str(revision)] == uploaded
        assert index["revision_to_hash"][str(revision)] == find(name, load()).hash
    assert index["params"]["branch"] == ["numpy", "tensorflow"]
    assert {graph["branch"] for graph in index["graph_param_list"]} == {"numpy", "tensorflow"}
    assert {SEED, MAX_ULP} <= set(index["benchmarks"])


def test_graphs_hold_what_was_measured(published):
    """Each library's releases stand in its own branch's graph, at their revisions."""
    tags = published.index["tags"]
    for library in ("numpy", "tensorflow"):
        graphs = published.path.glob(f"html/graphs/*/branch-{library}/**/{SEED}.json")
        (graph,) = [json.loads(file.read_text()) for file in graphs]
        mine = [name for name in RELEASES if name.startswith(library)]
        assert sorted(revision for revision, _ in graph) == sorted(tags[name] for name in mine)
        assert {value for _, values in graph for value in values if value is not None} == {0}


def test_compare_and_show(ran):
    compared = ran.asv("compare", "numpy-2.3.5", "numpy-2.4.6")
    (line,) = [x for x in compared.splitlines() if "track_seed_example('numpy', 'cpu')" in x]
    assert [cell.strip() for cell in line.split("|")][2:4] == ["0", "0"]
    shown = ran.asv("show", "numpy-2.4.6")
    assert "<numpy-2.4.6>" in shown
    assert SEED in shown
    assert re.search(r"\bnumpy +0 ", shown)


def test_second_run_measures_nothing_and_makes_nothing(ran):
    conf = load_json(ran.path / "asv.conf.json")
    kept = [*ran.machine.glob("*.json"), *ran.machine.glob("records/*")]
    kept += [ran.path / "env" / name / MARKER for name in RELEASES]
    assert conf["env_dir"] == str((ran.path / "env").resolve())
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept}
    out = ran.asv("run", "--skip-existing-successful", *BENCH, " ".join(RELEASES))
    assert "For ulpwatch commit" not in out
    assert "Making the environment" not in out
    changed = [
        path.name
        for path, was in before.items()
        if (path.stat().st_mtime_ns, path.read_bytes()) != was and path.name != "machine.json"
    ]
    assert changed == []


def test_publish_takes_a_range(ran):
    ran.asv("publish", "numpy-2.3.5..numpy-2.4.6", "--html-dir", "html-range")
    index = load_json(ran.path / "html-range" / "index.json")
    assert [graph["branch"] for graph in index["graph_param_list"]] == ["numpy"]
    (file,) = ran.path.glob(f"html-range/graphs/*/branch-numpy/**/{SEED}.json")
    assert [point[0] for point in json.loads(file.read_text())] == [index["tags"]["numpy-2.4.6"]]


def test_a_profile_of_one_combination_is_of_one_function(ran):
    one = r"bench_time.Elementwise.track_time\('numpy', 'exp', 'float32', 1000, 'cpu'\)"
    out = ran.asv("profile", one, "numpy-2.4.6")
    (calls,) = re.findall(r"^ +(\d+) .*bench_time\.py:\d+\(_sampling\)$", out, re.M)
    assert calls == "1"


def test_preview_serves_the_site(published):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = published.start("asv", "preview", "--port", str(port))
    try:
        for line in server.stdout:
            if "Press ^C" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html", timeout=60) as page:
            assert page.read() == (published.path / "html" / "index.html").read_bytes()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/no-such-page", timeout=60)
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
        assert server.returncode == 0
    finally:
        server.kill()
        server.communicate()


def test_release_that_cannot_be_had_is_left_out(project):
    table = project.path / "releases.toml"
    text, count = re.subn(r'(?m)^("1\.14\.6".*python = )"[^"]+"', r'\1"3.5"', table.read_text())
    assert count == 1
    table.write_text(text)
    try:
        find_python("3.5")
        pytest.skip("there is a Python 3.5 here")
    except NoInterpreter as error:
        says = f"numpy-1.14.6 {error}"
    out = project.asv("run", "-b", "Seed", "numpy-1.14.6 numpy-2.4.6")
    assert [line for line in out.splitlines() if says in line] == [
        line for line in out.splitlines() if "left out" in line
    ]
    assert out.count(says) == 1
    assert not list(project.machine.glob(f"{find('numpy-1.14.6', load()).hash[:8]}-*"))
    assert not (project.machine / "environments" / "numpy-1.14.6.jsonl").exists()
    assert measured(project, "numpy-2.4.6", SEED) == {("numpy", "cpu"): 0}


def test_the_only_release_cannot_be_had(project):
    """No result, and an exit code that says so without taking it for a failed benchmark."""
    table = project.path / "releases.toml"
    table.write_text(re.sub(r'(?m)^("2\.4\.6".*python = )"[^"]+"', r'\1"3.99"', table.read_text()))
    out = project.asv("run", "-b", "Seed", "numpy-2.4.6")
    assert out.count("left out: numpy-2.4.6 needs Python 3.99: ") == 1
    assert not list(project.path.glob("results/*/*-*.json"))


def test_the_question_of_2017(project):
    try:
        find_python("3.6")
    except NoInterpreter as error:
        pytest.skip(str(error))
    project.asv("run", "-b", "Seed", "numpy-1.13.1 tensorflow-1.2.0")
    assert measured(project, "numpy-1.13.1", SEED) == {("numpy", "cpu"): 0}
    found = measured(project, "tensorflow-1.2.0", SEED)
    assert set(found) == {("tensorflow", "cpu")}
    assert found["tensorflow", "cpu"] > 30


def test_find_bisects_between_releases(project):
    out = project.asv("find", "numpy-2.0.2..numpy-2.4.6", SEED)
    tested = set(re.findall(r"For ulpwatch commit \w+ <(.+)>", out))
    assert len(tested) >= 2
    names = {"numpy-2.0.2", "numpy-2.1.3", "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"}
    assert tested <= names
