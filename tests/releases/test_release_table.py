"""Releases: their names, their order, what ranges select, and the table's file."""

import datetime as dt

import pytest

from tools.foundation.pythons import NoInterpreter
from tools.releases import release_table
from tools.releases.release_table import Release, ReleaseError

# From `printf numpy==2.4.0 | sha1sum`, and the like.
NUMPY_2_4_0 = "381346d5c3a41fe11bc869fe7c2a2e90be8231b3"
TENSORFLOW_2_4_0 = "481caf36d8aa4df7709e7b17d65e1eddbb93b74a"


def row(library, version, day):
    return Release(library, version, dt.datetime.fromisoformat(f"{day}T12:00:00+00:00"), "3.11")


# 1.15.5 came three weeks after 2.4.0, numpy-1.20.0 between them and 2.5.0.
ROWS = [
    row("tensorflow", "2.5.0", "2021-05-14"),
    row("tensorflow", "1.15.5", "2021-01-06"),
    row("tensorflow", "2.4.0", "2020-12-14"),
    row("tensorflow", "1.15.0", "2019-10-16"),
    row("numpy", "1.20.0", "2021-01-30"),
    row("numpy", "1.9.0", "2014-09-07"),
]
ORDER = ["numpy-1.9.0", "tensorflow-1.15.0", "tensorflow-1.15.5", "tensorflow-2.4.0",
         "numpy-1.20.0", "tensorflow-2.5.0"]  # fmt: skip


def names(chosen):
    return [release.name for release in chosen]


@pytest.fixture
def table():
    return release_table.in_order(ROWS)


def test_a_hash_depends_on_library_and_version_alone():
    here = row("numpy", "2.4.0", "2025-12-20")
    assert here.hash == NUMPY_2_4_0
    assert here.hash == Release("numpy", "2.4.0", dt.datetime.now(dt.UTC), "3.6").hash


def test_eight_characters_tell_all_releases_apart():
    everything = release_table.load()
    assert len({release.hash[:8] for release in everything}) == len(everything) > 0


def test_a_late_patch_of_an_old_branch_stands_before_the_newer_branch(table):
    of_tensorflow = [name for name in ORDER if name.startswith("tensorflow")]
    assert [name for name in names(table) if name.startswith("tensorflow")] == of_tensorflow


def test_versions_are_compared_as_numbers_not_as_text(table):
    # As text, 1.20.0 is less than 1.9.0.
    assert names(table).index("numpy-1.9.0") < names(table).index("numpy-1.20.0")


@pytest.mark.parametrize("name", ["numpy-1.20.0", "numpy==1.20.0", "numpy"])
def test_find_takes_a_name_a_requirement_and_a_library(table, name):
    assert release_table.find(name, table).name == "numpy-1.20.0"


def test_find_takes_a_hash_from_eight_characters_on(table):
    for part in (TENSORFLOW_2_4_0, TENSORFLOW_2_4_0[:8]):
        assert release_table.find(part, table).name == "tensorflow-2.4.0"
    with pytest.raises(ReleaseError):
        release_table.find(TENSORFLOW_2_4_0[:7], table)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", ORDER),
        ("numpy", ["numpy-1.9.0", "numpy-1.20.0"]),
        ("numpy-1.9.0", ["numpy-1.9.0"]),
        ("numpy==1.9.0", ["numpy-1.9.0"]),
        ("tensorflow>=1.15.5,<2.5", ["tensorflow-1.15.5", "tensorflow-2.4.0"]),
        ("numpy>=99", []),
        ("latest", ["numpy-1.20.0", "tensorflow-2.5.0"]),
        ("tensorflow-1.15.0..tensorflow-2.4.0", ["tensorflow-1.15.5", "tensorflow-2.4.0"]),
        ("tensorflow-1.15.5..", ["tensorflow-2.4.0", "tensorflow-2.5.0"]),
        ("..tensorflow-1.15.5", ["tensorflow-1.15.0", "tensorflow-1.15.5"]),
        ("..", ORDER),
        ("tensorflow-2.5.0 numpy-1.9.0", ["numpy-1.9.0", "tensorflow-2.5.0"]),
        ("numpy numpy-1.9.0", ["numpy-1.9.0", "numpy-1.20.0"]),
    ],
)
def test_select(table, spec, expected):
    assert names(release_table.select(spec, table)) == expected


@pytest.mark.parametrize(
    "spec", ["numpy-3.0", "pandas", "numpy>=x", "numpy-0..numpy", "numpy..nothing", "HEAD~3", "()"]
)
def test_a_range_that_means_nothing_is_an_error_of_one_line(table, spec):
    with pytest.raises(ReleaseError) as error:
        release_table.select(spec, table)
    assert "\n" not in str(error.value)


def test_latest_is_the_newest_that_runs_here_and_says_once_what_was_left_out(monkeypatch, capsys):
    def find_python(minor):
        if minor != "3.11":
            raise NoInterpreter(f"needs Python {minor}: `pyenv install {minor}`")

    monkeypatch.setattr("tools.releases.release_table.find_python", find_python)
    day = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    rows = [("numpy", "2.4.0", "3.11"), ("numpy", "2.5.0", "3.12"), ("tensorflow", "2.9.0", "3.9")]
    table = [Release(library, version, day, python) for library, version, python in rows]
    for _ in range(2):
        names = {release.name for release in release_table.select("latest", table)}
        # Of TensorFlow none runs: who makes the environment says so.
        assert names == {"numpy-2.4.0", "tensorflow-2.9.0"}
    said = capsys.readouterr().err
    assert said.count("left out: numpy-2.5.0: needs Python 3.12: `pyenv install 3.12`\n") == 1


def test_what_is_saved_is_loaded(tmp_path, table):
    path = tmp_path / "releases.toml"
    release_table.save(ROWS, path)
    assert release_table.load(path) == table
    first = path.read_text()
    release_table.save(release_table.load(path), path)
    assert path.read_text() == first
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    [
        "[numpy",
        "numpy = 3",
        '[numpy]\n"1.0" = 3',
        '[numpy]\n"1.0" = { uploaded = 2020-01-01T00:00:00Z }',
        '[numpy]\n"one" = { uploaded = 2020-01-01T00:00:00Z, python = "3.8" }',
        '[numpy]\n"1.0" = { uploaded = "2020-01-01", python = "3.8" }',
        '[numpy]\n"1.0" = { uploaded = 2020-01-01T00:00:00, python = "3.8" }',
    ],
)
def test_a_malformed_table_is_an_error_of_one_line(tmp_path, text):
    path = tmp_path / "releases.toml"
    path.write_text(text)
    with pytest.raises(ReleaseError) as error:
        release_table.load(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("library", ["scipy", "../../trav", "<script>alert(1)</script>", "."])
def test_a_library_that_nothing_knows_is_an_error_that_names_those_known(tmp_path, library):
    path = tmp_path / "releases.toml"
    path.write_text(
        f'["{library}"]\n"1.0" = {{ uploaded = 2024-01-01T00:00:00Z, python = "3.11" }}\n'
    )
    with pytest.raises(ReleaseError, match=r"known: numpy, tensorflow, numba, .* are"):
        release_table.load(path)


@pytest.mark.parametrize("python", ["3.11", '"../3.11"', '"python3"'])
def test_a_python_that_is_no_minor_version_is_an_error_that_shows_one(tmp_path, python):
    path = tmp_path / "releases.toml"
    path.write_text(f'[numpy]\n"1.0" = {{ uploaded = 2024-01-01T00:00:00Z, python = {python} }}\n')
    with pytest.raises(ReleaseError, match=r'bad row numpy 1\.0: .*text like "3\.11"'):
        release_table.load(path)


def test_bytes_that_are_no_text_are_an_error_of_one_line(tmp_path):
    path = tmp_path / "releases.toml"
    path.write_bytes(b"[numpy]\n# \xff\n")
    with pytest.raises(ReleaseError, match="is not TOML"):
        release_table.load(path)


def test_a_missing_table_says_what_to_run(tmp_path):
    with pytest.raises(ReleaseError, match="releases update"):
        release_table.load(tmp_path / "releases.toml")


def test_latest_is_of_the_two_that_the_question_is_about_and_newest_of_all():
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rows = [("numpy", "2.4.0"), ("tensorflow", "2.20.0"), ("jax", "0.8.0"), ("jax", "0.9.0")]
    table = [Release(library, version, day, "3.11") for library, version in rows]
    assert names(release_table.select("latest", table)) == ["numpy-2.4.0", "tensorflow-2.20.0"]
    assert names(release_table.select("newest", table)) == [
        "numpy-2.4.0",
        "tensorflow-2.20.0",
        "jax-0.9.0",
    ]
