"""Archives of other jobs: results are taken, and hostile ones write nothing."""

import io
import json
import tarfile

import pytest

from tests.made_results import record
from tools import push, take
from tools.nightly import archives
from tools.releases.release_table import find, load

RECORDS = b"".join(json.dumps(record(op=op)).encode() + b"\n" for op in ("exp", "sin"))
GOOD = {
    "results/runner/18e1422d-x.json": b"{}",  # SHA-1 of numpy==2.4.6
    "results/runner/records/numpy-2.4.6.jsonl": RECORDS,
    "results/runner/environments/numpy-2.4.6.jsonl": b'{"python": "Python 3.11.7"}\n',
}


def archive(folder, files, **odd):
    """A tar file of ``files``, the last one with these attributes."""
    path = folder / "results.tar"
    folder.mkdir(exist_ok=True, parents=True)
    with tarfile.open(path, "w") as tar:
        for place, (name, content) in enumerate(files.items()):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if place == len(files) - 1:
                for attribute, value in odd.items():
                    setattr(info, attribute, value)
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project" / "results").mkdir(parents=True)
    return tmp_path / "project"


def written(project):
    return {
        str(file.relative_to(project)): file.read_bytes()
        for file in project.rglob("*")
        if file.is_file()
    }


def test_results_are_taken_and_again_with_the_same_end_and_none_can_be_run(tmp_path, project):
    path = archive(tmp_path, GOOD, mode=0o777)
    for _ in range(2):
        assert archives.take(path, project) == 3
        assert written(project) == GOOD
    assert not any(file.stat().st_mode & 0o111 for file in project.rglob("*.json*"))


@pytest.mark.parametrize(
    "name",
    [
        "tools/readme.py",
        ".git/hooks/pre-commit",
        "results/../tools/readme.py",
        "/results/runner/a.json",
        "results/runner/.hidden.json",
        "results/runner/a.py",
        "results/.git/config.json",
        "results/-x/a.json",
        "results/runner/a.json\n",
        "results/a/b/c/d/e.json",
    ],
)
def test_an_archive_with_anything_else_is_refused_whole(tmp_path, project, name):
    path = archive(tmp_path, GOOD | {name: b"import os"})
    with pytest.raises(archives.Refused, match="is no file of results"):
        archives.take(path, project)
    assert written(project) == {}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_a_link_or_a_device_is_refused(tmp_path, project, kind):
    path = archive(tmp_path, {"results/runner/a.json": b""}, type=kind, linkname="/etc/passwd")
    with pytest.raises(archives.Refused):
        archives.take(path, project)
    assert written(project) == {}


def test_nothing_is_written_through_a_link_that_is_there(tmp_path, project):
    (tmp_path / "elsewhere").mkdir()
    (project / "results" / "runner").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(archives.Refused, match="through a link"):
        archives.take(archive(tmp_path, GOOD), project)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_bomb_and_a_torn_archive_are_refused(tmp_path, project, monkeypatch):
    monkeypatch.setattr(archives, "_LARGEST", 3)
    with pytest.raises(archives.Refused, match="too many"):
        archives.take(archive(tmp_path, GOOD), project)
    torn = tmp_path / "torn.tar"
    torn.write_bytes(b"no tar file")
    with pytest.raises(archives.Refused, match="no whole tar file"):
        archives.take(torn, project)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("results/runner/a.json", b"{"),
        ("results/runner/a.json", b"[1]"),
        ("results/runner/a.json", b"\xff"),
        ("results/runner/records/a.jsonl", b"{}\n"),
        ("results/runner/records/a.jsonl", RECORDS[:-20]),
        ("results/runner/environments/a.jsonl", b'{"python": 3}\n'),
        ("results/runner/odd/a.jsonl", b"{}\n"),
        ("results/a.jsonl", b"{}\n"),
        ("results/runner/noise.jsonl", b"{}\n"),
    ],
)
def test_damaged_results_are_refused(tmp_path, project, name, content):
    with pytest.raises(archives.Refused, match="is damaged"):
        archives.take(archive(tmp_path, GOOD | {name: content}), project)
    assert written(project) == {}


def test_of_two_patches_of_a_night_each_jobs_own_results_are_taken(tmp_path, project, monkeypatch):
    """The job of 2.4.6 measures 2.3.5, too, and so does that of 2.3.5."""
    older = "results/runner/records/numpy-2.3.5.jsonl"
    hashed = f"results/runner/{find('numpy-2.3.5', load()).hash[:8]}-x.json"
    own, other = (json.dumps(record(max_ulp=value)).encode() for value in (1.0, 2.0))
    archive(tmp_path / "in" / "results-numpy-2.3.5", {older: own, hashed: b'{"own": 1}'})
    archive(tmp_path / "in" / "results-numpy-2.4.6", GOOD | {older: other, hashed: b"{}"})
    monkeypatch.setattr(take, "ROOT", project)
    assert take.main([str(tmp_path / "in")]) == 0
    assert written(project) == GOOD | {older: own, hashed: b'{"own": 1}'}


def test_a_refused_archive_is_named_and_the_others_are_taken(
    tmp_path, project, monkeypatch, capsys
):
    archive(tmp_path / "in" / "results-numpy-2.4.6", GOOD)
    archive(tmp_path / "in" / "results-numpy-2.3.5", {"tools/readme.py": b"import os"})
    monkeypatch.setattr(take, "ROOT", project)
    assert take.main([str(tmp_path / "in")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "results-numpy-2.3.5" in line
    assert written(project) == GOOD


def test_no_archive_at_all_is_no_error(tmp_path, project, monkeypatch):
    monkeypatch.setattr(take, "ROOT", project)
    assert take.main([str(tmp_path)]) == 0
    assert written(project) == {}


@pytest.mark.parametrize("command", [take, push])
def test_a_command_that_is_told_nothing_says_what_it_takes(command, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([])
    assert ended.value.code == 2
    assert "the following arguments are required" in capsys.readouterr().err
