"""What `update` takes from the package index, told by an index that is not there."""

import contextlib
import datetime as dt
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from pypi_simple import DistributionPackage

from benchmarks.libraries import BY_NAME
from tools.foundation.paths import ROOT
from tools.releases import package_index, release_table
from tools.releases.release_table import ReleaseError

LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"
DAY = dt.datetime(2020, 1, 2, 3, 4, 5, 678, tzinfo=dt.UTC)


def wheel(library, version, python="cp311", abi=None, platform=LINUX, **facts):
    name = f"{library}-{version}-{python}-{abi or python}-{platform}.whl"
    return offered(name, library, version, "wheel", **facts)


def offered(name, library, version, kind, digests=None, asked=None, **facts):
    return DistributionPackage(name, "", library, version, kind, digests or {}, asked, None,
                               upload_time=DAY, **facts)  # fmt: skip


ALWAYS = [
    wheel("numpy", "1.13.1", "cp36", "cp36m", "manylinux1_x86_64"),
    wheel("tensorflow", "1.2.0", "cp36", "cp36m", "manylinux1_x86_64"),
]


@pytest.fixture
def offer(monkeypatch):
    """Makes the index offer these files, or raise this."""

    def set(*files, error=None):
        def page(library):
            if error:
                raise error
            return SimpleNamespace(packages=[file for file in files if file.project == library])

        client = SimpleNamespace(get_project_page=page)
        monkeypatch.setattr(package_index, "PyPISimple", lambda: contextlib.nullcontext(client))
        # Of the libraries those of which files are offered.
        asked = {"numpy", "tensorflow", "torch", *(file.project for file in files)}
        table = {name: row for name, row in BY_NAME.items() if name in asked}
        monkeypatch.setattr(package_index, "BY_NAME", table)

    return set


@pytest.fixture
def table(tmp_path):
    return tmp_path / "releases.toml"


def table_of(table):
    package_index.update(table)
    return release_table.load(table)


def names(table):
    return {release.name for release in release_table.load(table)}


FIRST_ONES = {"numpy-1.13.1", "tensorflow-1.2.0"}


def test_the_newest_patch_of_each_minor_version_and_the_first_ones(offer, table):
    # As text, 2.0.9 would be newer than 2.0.10; 1.12 is older than all that is measured.
    versions = ["2.0.9", "2.0.10", "2.1.0", "1.13.3", "1.12.1"]
    offer(*ALWAYS, *[wheel("numpy", version) for version in versions])
    assert package_index.update(table) == 0
    assert names(table) == FIRST_ONES | {"numpy-1.13.3", "numpy-2.0.10", "numpy-2.1.0"}


def test_a_pre_release_only_if_asked(offer, table):
    offer(*ALWAYS, wheel("numpy", "2.0.0"), wheel("numpy", "2.1.0rc1"), wheel("numpy", "2.2.dev1"))
    package_index.update(table)
    assert names(table) == FIRST_ONES | {"numpy-2.0.0"}
    package_index.update(table, ["numpy==2.1.0rc1"])
    assert names(table) == FIRST_ONES | {"numpy-2.0.0", "numpy-2.1.0rc1"}
    package_index.update(table, pre=True)
    assert "numpy-2.2.dev1" in names(table)


def test_a_yanked_release_only_if_asked(offer, table):
    offer(*ALWAYS, wheel("numpy", "2.0.0"), wheel("numpy", "2.0.1", is_yanked=True))
    package_index.update(table)
    assert names(table) == FIRST_ONES | {"numpy-2.0.0"}
    package_index.update(table, yanked=True)
    assert names(table) == FIRST_ONES | {"numpy-2.0.0", "numpy-2.0.1"}


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (["cp310", "cp311", "cp312"], "3.11"),
        (["cp36", "cp39", "cp312"], "3.9"),
        (["cp314", "cp312", "cp313"], "3.12"),
    ],
)
def test_python_3_11_else_the_nearest_older_else_the_nearest_newer(offer, table, offered, taken):
    offer(*ALWAYS, *[wheel("numpy", "2.0.0", python) for python in offered])
    package_index.update(table)
    assert release_table.find("numpy-2.0.0", release_table.load(table)).python == taken


@pytest.mark.parametrize(
    "file",
    [
        wheel("numpy", "2.0.0", "cp313", "cp313t"),
        wheel("numpy", "2.0.0", platform="macosx_11_0_arm64"),
        wheel("numpy", "2.0.0", platform="manylinux2014_aarch64"),
        wheel("numpy", "2.0.0", platform="musllinux_1_2_x86_64"),
        wheel("numpy", "2.0.0", "pp310", "pypy310_pp73"),
        wheel("numpy", "2.0.0", "cp27", "cp27mu"),
        DistributionPackage("numpy-2.0.0.tar.gz", "", "numpy", "2.0.0", "sdist", {}, None, None),
    ],
)
def test_a_file_that_cannot_run_here_is_no_release(offer, table, file):
    offer(*ALWAYS, file)
    package_index.update(table)
    assert names(table) == FIRST_ONES


def source(library, version, **facts):
    return offered(f"{library}-{version}.tar.gz", library, version, "sdist", **facts)


def pure(library, version, asked):
    return wheel(library, version, "py3", "none", "any", asked=asked)


@pytest.mark.parametrize(
    ("file", "python"),
    [
        # What is built from source, for which no file says it, has the Python of its day.
        (source("theano", "0.9.0"), "3.6"),
        (source("theano", "1.0.5"), "3.7"),
        (pure("aesara", "2.9.4", ">=3.8"), "3.9"),
        (source("pytensor", "2.8.11", asked=">=3.7"), "3.11"),
        (pure("jax", "0.5.3", ">=3.10"), "3.11"),
        (pure("jax", "0.12.0.1", ">=3.12"), "3.12"),
    ],
)
def test_the_python_of_files_that_are_for_any(offer, table, file, python):
    row = BY_NAME[file.project]
    always = [wheel(row.name, version) for version in row.always]
    offer(*ALWAYS, *always, file)
    package_index.update(table)
    release = release_table.find(f"{file.project}-{file.version}", release_table.load(table))
    assert release.python == python


def test_what_is_measured_where_it_is_installed_is_not_asked_of_the_index(offer, table):
    offer(*ALWAYS)
    with pytest.raises(ReleaseError, match="torch is measured where it is installed: --python"):
        package_index.update(table, ["torch==2.9.0"])


def test_a_wheel_goes_before_source(offer, table):
    offer(*ALWAYS, source("pytensor", "2.9.1"), wheel("pytensor", "2.9.1", "cp310"))
    package_index.update(table)
    assert release_table.find("pytensor", release_table.load(table)).python == "3.10"


def test_a_second_update_changes_nothing_and_a_new_release_adds_its_line(offer, table):
    offer(*ALWAYS, wheel("numpy", "2.0.0"), wheel("tensorflow", "2.16.1"))
    package_index.update(table)
    first = table.read_text()
    package_index.update(table)
    assert table.read_text() == first
    offer(*ALWAYS, wheel("numpy", "2.0.0"), wheel("numpy", "2.0.1"), wheel("tensorflow", "2.16.1"))
    package_index.update(table)
    line = '"2.0.1" = { uploaded = 2020-01-02T03:04:05Z, python = "3.11" }'
    lines = table.read_text().splitlines()
    assert lines.count(line) == 1
    lines.remove(line)
    assert lines == first.splitlines()


def test_the_hashes_of_the_wheels_for_its_python_are_noted_once(offer, table):
    older, other = "manylinux1_x86_64", {"python": "cp310"}
    first, second, third = ("a" * 64, "b" * 64, "c" * 64)
    offer(*ALWAYS, wheel("numpy", "2.0.0"))
    package_index.update(table)  # as an index does that tells no hash, and the tables of before
    hashed = [
        wheel("numpy", "2.0.0", digests={"sha256": second}),
        wheel("numpy", "2.0.0", platform=older, digests={"sha256": first}),
        wheel("numpy", "2.0.0", **other, digests={"sha256": third}),
    ]
    offer(*ALWAYS, *hashed)
    package_index.update(table)
    (numpy,) = [one for one in release_table.load(table) if one.version == "2.0.0"]
    assert numpy.sha256 == (first, second)
    text = table.read_text()
    offer(*ALWAYS, wheel("numpy", "2.0.0", digests={"sha256": third}))
    package_index.update(table)  # another file now: the environment refuses it
    assert table.read_text() == text


@pytest.mark.parametrize(
    ("required", "python"),
    [(None, "3.11"), (">=3.12", "3.12"), (">=3.6,<3.9", "3.8"), ("<3", None), ("what?", None)],
)
def test_a_wheel_for_any_python_runs_on_the_preferred_of_those_that_it_asks_for(
    offer, table, required, python
):
    pure = wheel("numpy", "2.0.0", "py3", "none", "any")
    pure.requires_python = required
    offer(*ALWAYS, pure)
    index_of = {one.name: one.python for one in table_of(table)}
    assert index_of.get("numpy-2.0.0") == python


def test_an_index_that_fails_is_an_error_of_one_line_and_leaves_the_table(offer, table):
    offer(*ALWAYS)
    package_index.update(table)
    first = table.read_text()
    for error in (OSError("no route"), ValueError("line one\nline two")):
        offer(error=error)
        with pytest.raises(ReleaseError) as raised:
            package_index.update(table)
        assert "\n" not in str(raised.value)
        assert table.read_text() == first


@pytest.mark.parametrize("name", ["numpy==9.9.9", "numpy", "numpy==x", "pandas==1.0", "numpy=="])
def test_what_cannot_be_added_is_an_error_of_one_line(offer, table, name):
    offer(*ALWAYS)
    with pytest.raises(ReleaseError) as raised:
        package_index.update(table, [name])
    assert "\n" not in str(raised.value)
    assert not table.exists()


def test_the_command_says_in_one_line_that_no_index_answers():
    nowhere = dict.fromkeys(["HTTPS_PROXY", "https_proxy", "ALL_PROXY"], "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "tools.releases", "update"],
        cwd=ROOT, env={**os.environ, **nowhere, "NO_PROXY": "", "no_proxy": ""},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
