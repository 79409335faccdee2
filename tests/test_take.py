"""Archives of other jobs: results are taken, and hostile ones write nothing."""

import io
import tarfile

import pytest

from tools import take

GOOD = {
    "results/runner/0178d068-x.json": b"{}",
    "results/runner/records/numpy-2.4.6.jsonl": b"{}\n",
}


def archive(folder, files, **odd):
    """A tar file of ``files``, the last one with these attributes."""
    path = folder / "results.tar"
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
        assert take.take(path, project) == 2
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
def test_an_archive_with_anything_else_is_refused_whole(tmp_path, project, name, capsys):
    path = archive(tmp_path, GOOD | {name: b"import os"})
    with pytest.raises(take.Refused, match="is no file of results"):
        take.take(path, project)
    assert written(project) == {}
    assert take.main([str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_a_link_or_a_device_is_refused(tmp_path, project, kind):
    path = archive(tmp_path, {"results/runner/a.json": b""}, type=kind, linkname="/etc/passwd")
    with pytest.raises(take.Refused):
        take.take(path, project)
    assert written(project) == {}


def test_nothing_is_written_through_a_link_that_is_there(tmp_path, project):
    (tmp_path / "elsewhere").mkdir()
    (project / "results" / "runner").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(take.Refused, match="through a link"):
        take.take(archive(tmp_path, GOOD), project)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_bomb_and_a_torn_archive_are_refused(tmp_path, project, monkeypatch):
    monkeypatch.setattr(take, "_LARGEST", 3)
    with pytest.raises(take.Refused, match="too many"):
        take.take(archive(tmp_path, GOOD), project)
    torn = tmp_path / "torn.tar"
    torn.write_bytes(b"no tar file")
    with pytest.raises(take.Refused, match="no whole tar file"):
        take.take(torn, project)
