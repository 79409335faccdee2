"""The table of releases as asv sees it: commits, branches, tags, dates."""

import datetime as dt
import re
from pathlib import Path

import pytest
from asv.config import Config
from asv.repo import NoSuchNameError, get_repo
from asv.util import UserError

from tools.releases.repository import ReleaseRepo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repo(monkeypatch):
    monkeypatch.chdir(ROOT)
    return get_repo(Config.load("asv.conf.json"))


def test_asv_finds_the_repo_by_the_projects_configuration(repo):
    assert isinstance(repo, ReleaseRepo)
    hash = "043b03cdeddbac4b15f7fba50e05caa14f840b03"  # printf tensorflow==1.2.0 | sha1sum
    assert repo.get_tags()["tensorflow-1.2.0"] == hash
    assert repo.get_name_from_hash(hash) == "tensorflow-1.2.0"
    assert repo.get_name_from_hash("0" * 40) is None
    assert repo.get_decorated_hash(hash) == f"{hash[:8]} <tensorflow-1.2.0>"


def test_a_date_is_the_upload_in_milliseconds(repo):
    # The text of the table itself: "1.13.1" = { uploaded = 2017-07-07T01:19:24Z, ...
    day = re.search(r'"1\.13\.1" = { uploaded = (\S+)Z', (ROOT / "releases.toml").read_text())[1]
    seconds = (dt.datetime.fromisoformat(day) - dt.datetime(1970, 1, 1)).total_seconds()
    assert repo.get_date_from_name("numpy-1.13.1") == 1000 * seconds


def test_branches_are_the_libraries_and_parents_stay_in_them(repo):
    for library in ("numpy", "tensorflow"):
        commits = repo.get_branch_commits(library)
        tags = [repo.get_name_from_hash(commit) for commit in commits]
        assert all(tag.startswith(library + "-") for tag in tags)
        for child, parent in zip(tags, commits[1:], strict=False):
            assert repo.get_hash_from_parent(child) == parent
        with pytest.raises(NoSuchNameError):
            repo.get_hash_from_parent(tags[-1])


def test_revisions_are_numbered_in_the_order_of_the_table(repo):
    tags = repo.get_tags()
    revisions = repo.get_revisions(tags.values())
    assert sorted(revisions.values()) == list(range(len(tags)))
    assert revisions[tags["numpy-1.13.1"]] < revisions[tags["numpy-1.13.3"]]
    some = [tags["tensorflow-1.2.0"]]
    assert repo.get_revisions(some) == {some[0]: revisions[some[0]]}


def test_a_range_lists_the_newest_first(repo):
    tags = repo.get_tags()
    range = repo.get_hashes_from_range("numpy-1.13.1 numpy-1.13.3")
    assert range == [tags["numpy-1.13.3"], tags["numpy-1.13.1"]]


def test_what_asv_does_not_know_is_its_own_kind_of_error(repo):
    with pytest.raises(NoSuchNameError):
        repo.get_hash_from_name("numpy-0.1")
    with pytest.raises(UserError):
        repo.get_hashes_from_range("numpy-0.1..")
    with pytest.raises(UserError):
        repo.get_date("numpy-1.13.1")  # a name where a hash is due
