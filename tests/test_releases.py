"""The table of releases, and asv's view of it."""

import datetime as dt
import hashlib

import pytest
from asv.config import Config
from asv.repo import NoSuchNameError, get_repo
from asv.util import UserError
from packaging.version import Version

from tools import index, releases
from tools.releases import Release, ReleaseError


def release(library, version, date, python="3.11"):
    return Release(library, version, dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC), python)


TABLE = releases.in_order(
    [
        release("tensorflow", "1.15.5", "2021-01-06"),
        release("tensorflow", "2.0.4", "2021-01-05"),
        release("tensorflow", "1.2.0", "2017-06-15"),
        release("numpy", "1.13.1", "2017-07-06"),
        release("numpy", "1.26.4", "2024-02-05"),
        release("numpy", "2.0.2", "2024-08-26"),
    ]
)


def names(found):
    return [one.name for one in found]


def test_hash_depends_on_library_and_version_alone():
    one = release("numpy", "2.0.2", "2024-08-26", "3.11")
    other = release("numpy", "2.0.2", "2000-01-01", "3.13")
    assert one.hash == other.hash == hashlib.sha1(b"numpy==2.0.2").hexdigest()


def test_hashes_in_the_table_differ_where_asv_looks():
    table = releases.load()
    assert len({one.hash[:8] for one in table}) == len(table)


def test_a_late_patch_of_an_old_branch_does_not_step_back():
    order = [one for one in names(TABLE) if one.startswith("tensorflow")]
    assert order == ["tensorflow-1.2.0", "tensorflow-1.15.5", "tensorflow-2.0.4"]
    assert names(TABLE)[:2] == ["tensorflow-1.2.0", "numpy-1.13.1"]  # by date between libraries


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("numpy", ["numpy-1.13.1", "numpy-1.26.4", "numpy-2.0.2"]),
        ("numpy-1.26.4", ["numpy-1.26.4"]),
        ("numpy>=1.20,<2.1", ["numpy-1.26.4", "numpy-2.0.2"]),
        ("numpy-1.13.1..numpy-2.0.2", ["numpy-1.26.4", "numpy-2.0.2"]),
        ("numpy-1.26.4..", ["numpy-2.0.2"]),
        ("..numpy-1.13.1", ["numpy-1.13.1"]),
        ("latest", ["tensorflow-2.0.4", "numpy-2.0.2"]),
        ("numpy-2.0.2 tensorflow<2", ["tensorflow-1.2.0", "tensorflow-1.15.5", "numpy-2.0.2"]),
        ("numpy<1", []),
        ("", names(TABLE)),
    ],
)
def test_ranges(spec, found):
    assert names(releases.select(spec, TABLE)) == found


@pytest.mark.parametrize("spec", ["nonsense", "numpy-9", "numpy>=what", "a..b", "latest oldest"])
def test_nonsense_is_one_line_that_says_what_to_do(spec):
    with pytest.raises(ReleaseError, match="releases`") as error:
        releases.select(spec, TABLE)
    assert "\n" not in str(error.value)


def test_what_is_saved_is_loaded_again(tmp_path):
    releases.save(TABLE, tmp_path / "releases.toml")
    assert releases.load(tmp_path / "releases.toml") == TABLE


@pytest.mark.parametrize("text", ["[numpy", '[numpy]\n"2.0" = {}', '[numpy]\n"x" = {uploaded=1}'])
def test_a_broken_table_is_one_line(tmp_path, text):
    (tmp_path / "releases.toml").write_text(text)
    with pytest.raises(ReleaseError) as error:
        releases.load(tmp_path / "releases.toml")
    assert len(str(error.value).splitlines()) == 1


@pytest.fixture
def repo():
    return get_repo(Config.load("asv.conf.json"))


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch):
    monkeypatch.chdir(releases.TABLE.parent)
    import tools.asv_plugin  # noqa: F401  (makes the repo known to asv)


def test_the_table_holds_the_question_and_both_histories():
    found = names(releases.load())
    assert {"numpy-1.13.1", "tensorflow-1.2.0"} <= set(found)
    minors = {Version(one.version).release[:2] for one in releases.load() if one.library == "numpy"}
    assert {(1, minor) for minor in range(13, 27)} <= minors
    assert {(2, minor) for minor in range(5)} <= minors


def test_repo_as_asv_uses_it(repo):
    tags = repo.get_tags()
    newest = repo.get_hash_from_name("numpy")
    assert tags["numpy-1.13.1"] == hashlib.sha1(b"numpy==1.13.1").hexdigest()
    # 2017-07-07T01:19:24Z, as the package index has it, in JavaScript's milliseconds.
    assert repo.get_date(tags["numpy-1.13.1"]) == 1499390364000
    assert repo.get_branch_commits("numpy")[0] == newest == repo.get_hash_from_name(None)
    assert repo.get_branch_commits("numpy")[-1] == tags["numpy-1.13.1"]
    assert repo.get_hash_from_parent("numpy-1.13.3") == tags["numpy-1.13.1"]
    revisions = repo.get_revisions(set(tags.values()))
    order = [revisions[tags[name]] for name in ("numpy-1.13.1", "numpy-1.26.4", "numpy-2.0.2")]
    assert order == sorted(order)
    assert repo.get_name_from_hash(tags["tensorflow-1.2.0"]) == "tensorflow-1.2.0"


def test_names_where_hashes_are_needed_are_refused(repo):
    with pytest.raises(UserError, match="ALL"):
        repo.release("numpy-2.4.6")
    with pytest.raises(NoSuchNameError):
        repo.get_hash_from_name("numpy-0.1")
    with pytest.raises(NoSuchNameError):
        repo.get_hash_from_parent("numpy-1.13.1")
    with pytest.raises(UserError):
        repo.get_hashes_from_range("nonsense")


class FakeFile:
    package_type = "wheel"

    def __init__(
        self, version, python, day, yanked=False, platform="manylinux_2_17_x86_64", abi=None
    ):
        self.version, self.is_yanked = version, yanked
        self.upload_time = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
        abi = abi or f"cp3{python}"
        self.filename = f"numpy-{version}-cp3{python}-{abi}-{platform}.whl"


@pytest.fixture
def offer(monkeypatch, tmp_path):
    """A package index with these files of NumPy and one of TensorFlow; the table to update."""

    def serve(*files):
        class Client:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def get_project_page(self, library):
                class Page:
                    packages = files if library == "numpy" else [FakeFile("1.2.0", 6, "2017-06-15")]

                return Page

        monkeypatch.setattr(index, "PyPISimple", Client)
        return tmp_path / "releases.toml"

    return serve


FILES = (
    FakeFile("1.13.1", 6, "2017-07-06"),
    FakeFile("1.13.3", 6, "2017-09-29"),
    FakeFile("1.12.0", 6, "2017-01-15"),
    FakeFile("2.0.1", 10, "2024-07-21"),
    FakeFile("2.0.2", 9, "2024-08-26"),
    FakeFile("2.0.2", 12, "2024-08-26"),
    FakeFile("2.1.0", 13, "2024-08-18"),
    FakeFile("2.1.0", 12, "2024-08-18"),
    FakeFile("2.2.0", 11, "2024-12-08", abi="cp311t"),
    FakeFile("2.2.0", 12, "2024-12-08", platform="macosx_11_0_arm64"),
    FakeFile("2.3.0", 11, "2025-06-07", yanked=True),
    FakeFile("2.4.0rc1", 11, "2025-12-01"),
)


def test_update_takes_the_newest_patch_of_every_minor(offer):
    table = offer(*FILES)
    index.update(table)
    found = {one.name: one.python for one in releases.load(table)}
    assert found == {
        "numpy-1.13.1": "3.6",
        "numpy-1.13.3": "3.6",
        "numpy-2.0.2": "3.9",  # the nearest older than 3.11
        "numpy-2.1.0": "3.12",  # else the nearest newer
        "tensorflow-1.2.0": "3.6",
    }


def test_pre_releases_and_yanked_ones_when_asked_for(offer):
    table = offer(*FILES)
    index.update(table, pre=True, yanked=True)
    assert {"numpy-2.3.0", "numpy-2.4.0rc1"} <= set(names(releases.load(table)))


def test_update_twice_changes_nothing_and_a_new_release_adds_a_line(offer):
    table = offer(*FILES)
    index.update(table)
    before = table.read_text()
    index.update(table)
    assert table.read_text() == before
    offer(*FILES, FakeFile("2.0.3", 11, "2025-01-01"))
    index.update(table)
    added = set(table.read_text().splitlines()) - set(before.splitlines())
    assert added == {'"2.0.3" = { uploaded = 2025-01-01T00:00:00Z, python = "3.11" }'}
    assert set(before.splitlines()) <= set(table.read_text().splitlines())


def test_an_exact_release_is_added_whatever_it_is(offer):
    table = offer(*FILES)
    index.update(table, ["numpy==2.0.1"])
    assert "numpy-2.0.1" in names(releases.load(table))
    for wrong in ("numpy==9.9", "numpy", "scipy==1.0", "numpy==x"):
        with pytest.raises(ReleaseError):
            index.update(table, [wrong])


def test_an_index_that_answers_nonsense_leaves_the_table_alone(offer, monkeypatch):
    table = offer(*FILES)
    index.update(table)
    before = table.read_text()

    def broken():
        raise ValueError("<html>")

    monkeypatch.setattr(index, "PyPISimple", broken)
    with pytest.raises(ReleaseError, match="package index"):
        index.update(table)
    assert table.read_text() == before
