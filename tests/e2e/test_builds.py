"""A NumPy of one's own: in a wheel, and in an environment, which stays as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from tools.environments.environment import ensure
from tools.foundation.paths import ROOT
from tools.releases.release_table import find, load

pytestmark = pytest.mark.e2e

RELEASE = "numpy-2.4.6"
# exp is two numbers too large.
CHANGED = """
_exp = exp
def exp(x):
    return nextafter(nextafter(_exp(x), x.dtype.type(inf)), x.dtype.type(inf))
"""
ASKED = ("--op", "exp", "--dtype", "float32", "--device", "cpu", "--metric", "accuracy")


def refused(project, *command):
    """The one line with which a command is."""
    process = project.start(*command)
    out, errors = process.communicate(timeout=600)
    assert (process.returncode, out) == (2, "")
    assert errors.count("\n") == 1, errors
    return errors


@pytest.fixture(autouse=True, scope="module")
def removed():
    yield
    for name in ("numpy-2.4.6+mine", "numpy-2.4.6@conda"):
        shutil.rmtree(ROOT / "env" / name, ignore_errors=True)


@pytest.fixture(scope="module")
def installed():
    """The folder in which the release is installed."""
    environment = ensure(find(RELEASE, load()), ROOT / "env")
    return next(environment.glob("lib/python3*/site-packages"))


def wheel(folder, installed, version, more):
    """The release as a wheel of another version, with ``more`` at the end of its code."""
    path = folder / f"numpy-{version}-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(installed.rglob("*")):
            name = file.relative_to(installed).as_posix()
            top, _, rest = name.partition("/")
            if top not in ("numpy", "numpy.libs", f"{RELEASE}.dist-info") or file.is_dir():
                continue
            if "__pycache__" in name or "/tests/" in name:
                continue
            text = file.read_bytes()
            if name == "numpy/__init__.py":
                text += more.encode()
            if top.endswith(".dist-info"):
                if rest in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"):
                    continue
                name = f"numpy-{version}.dist-info/{rest}"
                text = text.replace(b"\nVersion: 2.4.6\n", f"\nVersion: {version}\n".encode())
            archive.writestr(name, text)
        archive.writestr(f"numpy-{version}.dist-info/RECORD", "")
    return path


def test_a_wheel_is_measured_and_compared_with_the_release_in_one_command(
    project, installed, tmp_path
):
    (project.path / "results").mkdir(exist_ok=True)
    shutil.copy(ROOT / "results" / "benchmarks.json", project.path / "results")
    file = wheel(tmp_path, installed, "2.4.6+mine", CHANGED)
    command = (RELEASE, "numpy", "--wheel", str(file), "--measure", *ASKED, "--format", "json")
    found = json.loads(project.run("tools.compare", *command))
    assert found["after"]["version"] == "2.4.6+mine"
    rows = [row for row in found["rows"] if row["metric"] == "max_ulp" and row["region"] == "usual"]
    (row,) = [row for row in rows if row["device"] == "cpu"]
    assert row["verdict"] == "worse"
    assert row["before"] + 1 < row["after"] < row["before"] + 2.5  # as far as one binade has it

    again = wheel(tmp_path, installed, "2.4.6+mine", "")
    said = refused(project, "tools.compare", RELEASE, "numpy", "--wheel", str(again))
    assert "name this one with --label" in said


@pytest.fixture
def theirs(tmp_path, installed):
    """Somebody's environment that has the release, and the state of its files."""
    folder = tmp_path / "theirs"
    virtualenv = [sys.executable, "-m", "virtualenv", "--quiet", "--no-seed"]
    base = installed.parents[2] / "bin" / "python"
    subprocess.run([*virtualenv, "--python", base, folder], check=True)
    site = next(folder.glob("lib/python3*/site-packages"))
    (site / "numpy.pth").write_text(f"{installed}\n")
    return folder


def state(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_an_installed_library_is_measured_where_it_is(project, theirs):
    before = state(theirs)
    python = ("--python", str(theirs / "bin" / "python"))
    asked = ("exp(1.5)", RELEASE, *python, "--label", "conda", "--format", "json")
    found = json.loads(project.run("tools.evaluate", *asked, "--dtype", "float32"))
    assert [row["release"] for row in found["rows"]] == [RELEASE, "numpy-2.4.6@conda"]
    assert len({row["result"]["hex"] for row in found["rows"]}) == 1

    bench = r"bench_accuracy.*max_ulp\('numpy', 'exp', 'float32', 'usual', 'cpu'\)"
    said = project.run("tools.measure", "numpy", *python, "--label", "conda", "-b", bench)
    assert "1 numbers are in the results" in said
    (listing,) = (
        json.loads(file.read_text())
        for file in project.machine.glob("environments/numpy-2.4.6@conda.jsonl")
    )
    assert listing["build"]["origin"] == python[1]
    assert "blas" in listing["build"]["build"]["Build Dependencies"]
    assert state(theirs) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--python", "/nowhere/python"], "--python /nowhere/python: No such file"),
        (["--python", sys.executable], "cannot import tensorflow: "),
        (["--wheel", "numpy.whl"], "--wheel numpy.whl: "),
        (["--wheel", "numpy-2.4.6-py3-none-any.whl"], "No such file"),
        (["--label", "mine"], "say which with --python or --wheel"),
        (["--python", sys.executable, "--label", "../x"], "--label '../x': small letters"),
    ],
)
def test_what_is_no_build_is_one_line(project, options, said):
    assert said in refused(project, "tools.measure", "tensorflow", *options)
