"""What is damaged: `asv publish` and tools.doctor name each file, and all else is published."""

import json
import shutil
import subprocess
import sys

import pytest

from tests import made_results as made
from tools.foundation.paths import ROOT
from tools.results import records

BEFORE, AFTER, OTHER = "numpy-2.3.5", "numpy-2.4.6", "tensorflow-2.21.0"
EXP = ("numpy", "exp", "float32", "normal", "cpu")
TIME = ("numpy", "exp", "float32", 1000, "cpu")
NOTE = 'release = "%s"\nops = ["exp"]\ntext = "Told."\nurl = "https://numpy.org/"\n'


class Project:
    """Results of two releases of NumPy and one of TensorFlow, beside asv's configuration."""

    def __init__(self, folder):
        self.folder, self.results, self.html = folder, folder / "results", folder / "html"
        for name in ("asv.conf.json", "releases.toml"):
            shutil.copy(ROOT / name, folder)
        for name in ("tools", "benchmarks"):
            (folder / name).symlink_to(ROOT / name)
        (folder / "notes.toml").write_text(f"[[note]]\n{NOTE % AFTER}")
        made.write_benchmarks(self.results)
        for name, error, time in [(BEFORE, 0.5, 1e-6), (AFTER, 2.0, 5e-6)]:
            made.write(self.results, name, {made.ULP: {EXP: error}, made.TIME: {TIME: time}})
            made.write_listing(self.results, name, [])
            file = records.path(self.results, "here", name)
            records.merge(file, [made.record(), made.record(op="sin")])
        theirs = ("tensorflow", *EXP[1:])
        made.write(self.results, OTHER, {made.ULP: {theirs: 1.0}})

    def publish(self, *args):
        return self.run("asv", "publish", *args)

    def run(self, *args):
        """Exit code and output."""
        command = [sys.executable, "-m", *args]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return done.returncode, done.stdout

    def steps(self):
        return json.loads((self.html / "data" / "changes.json").read_text())["steps"]

    def pages(self):
        return {str(path.relative_to(self.html)) for path in self.html.rglob("*")}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def add(file, text):
    with file.open("a") as out:
        out.write(text + "\n")


def test_whatever_is_damaged_is_named_and_the_rest_is_published(project):
    assert project.run("tools.doctor")[0] == 0
    code, out = project.publish()
    assert code == 0, out
    whole, steps = project.pages(), project.steps()
    here = project.results / "here"
    damage = {
        here / "noise.jsonl": '{"floor": "much"}',
        here / "records" / f"{BEFORE}.jsonl": '{"kind": "sample", "backend": "numpy"}',
        here / "records" / f"{AFTER}.jsonl": "[1]",
        here / "environments" / f"{BEFORE}.jsonl": "{",
        here / "failures" / f"{AFTER}.jsonl": '{"benchmark": 7}',
        project.folder / "notes.toml": f"[[note]]\n{NOTE % 'numpy-9.9'}",
    }
    for file, text in damage.items():
        file.parent.mkdir(exist_ok=True)
        if file.parent.name == "environments":
            file.write_text("")
        add(file, text)
    there = shutil.copytree(here, project.results / "there")
    (there / "machine.json").write_text('{"machine": "the')
    code, out = project.run("tools.doctor")
    assert code == 2
    for file in damage:
        assert str(file.relative_to(project.folder)) in out, file
    whole_still = [line.split()[1] for line in out.splitlines() if line.startswith("ok ")]
    assert whole_still == ["releases.toml:", "environments:"]
    code, out = project.publish()
    assert code == 1
    for file in [*damage, there / "machine.json"]:
        assert str(file.relative_to(project.folder)) in out, file
    assert "Traceback" not in out
    assert project.pages() == whole
    assert project.steps() == steps
    assert "Told." in (project.html / "findings.html").read_text()


def test_a_step_beyond_all_numbers_is_published(project):
    """The largest error in ULP of float64's own numbers is 2^1023 and more."""
    made.write(project.results, AFTER, {made.ULP: {EXP: 2.0**1023}})
    made.write(project.results, BEFORE, {made.ULP: {EXP: 0.25}})
    code, out = project.publish()
    assert code == 0, out
    (step,) = project.steps()
    assert (step["before"], step["after"], step["verdict"]) == (0.25, 2.0**1023, "worse")
    assert step["ratio"] is None
    assert "≥ 0.25 → no correct digit" in (project.html / "findings.html").read_text()


def test_a_range_is_of_all_pages(project):
    code, out = project.publish("numpy-2.4.6")
    assert code == 0, out
    assert project.steps() == []
    for page in ("index.html", "findings.html", "changes.html", "about.html", "data/site.js"):
        text = (project.html / page).read_text()
        assert BEFORE not in text, page
        assert OTHER not in text, page
    packed = (project.html / "data" / "records.jsonl.gz").stat().st_size
    project.publish()
    assert (project.html / "data" / "records.jsonl.gz").stat().st_size > packed


def test_results_of_a_release_that_the_table_lacks_are_named(project):
    table = project.folder / "releases.toml"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(line for line in lines if not line.startswith('"2.3.5"')))
    assert len(table.read_text().splitlines()) == len(lines) - 1
    code, out = project.publish()
    assert code == 1, out
    assert "is of a release that releases.toml lacks" in out
    assert "Traceback" not in out
    assert AFTER in (project.html / "data" / "site.js").read_text()


def test_what_is_no_range_leaves_the_site_as_it_is(project):
    project.publish()
    whole = project.pages()
    code, out = project.publish("nope")
    assert code == 1
    assert "`python -m tools.releases` lists them all" in out
    assert project.pages() == whole
