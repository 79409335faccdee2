"""Results are pushed whoever else pushes meanwhile, to a real repository of git's."""

import json
import subprocess

import pytest

from tools.nightly import pushing

FILE = "results/runner/a.json"


def git(folder, *args):
    options = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *options, *args], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path):
    """A remote with a branch main, and two clones of it."""
    bare = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    first = clone(bare, tmp_path / "first")
    write(first, {"releases.toml": "[numpy]\n", "README.md": "0 files\n", "docs/findings.md": "",
                  FILE: "{}",
                  ".gitattributes": "results/** merge=binary\n"})  # fmt: skip
    git(first, "add", ".")
    git(first, "commit", "--quiet", "--message", "first")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    return bare


def clone(bare, folder):
    git(folder.parent, "clone", "--quiet", str(bare), str(folder))
    return folder


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def somebody_pushes(bare, folder, files):
    there = clone(bare, folder)
    write(there, files)
    git(there, "add", ".")
    git(there, "commit", "--quiet", "--message", "somebody's")
    git(there, "push", "--quiet", "origin", "HEAD:main")


def counting(project):
    """Findings that say how many results there are."""
    return lambda: (project / "README.md").write_text(
        f"{len(list((project / 'results').rglob('*.json')))} files\n"
    )


def night(bare, folder, waits=(), findings=None, **files):
    project = clone(bare, folder)
    write(project, files)
    pushing.push(project, str(bare), "main", findings or counting(project), waits)
    return project


def published(bare, name):
    return git(bare, "show", f"main:{name}")


def test_results_and_findings_are_two_commits_and_again_none(origin, tmp_path):
    project = night(origin, tmp_path / "night", **{"results/runner/b.json": "{}"})
    assert git(origin, "log", "--format=%s", "main").splitlines() == [
        "Findings of the night", "Results of the night", "first",
    ]  # fmt: skip
    assert published(origin, "README.md") == "2 files"
    pushing.push(project, str(origin), "main", counting(project), ())
    assert len(git(origin, "log", "--format=%s", "main").splitlines()) == 3


def test_what_others_pushed_before_is_below_and_in_the_findings(origin, tmp_path):
    project = clone(origin, tmp_path / "night")
    write(project, {"results/runner/b.json": "{}"})
    others = {"results/other/c.json": "{}", "README.md": "by hand\n"}
    somebody_pushes(origin, tmp_path / "other", others)
    pushing.push(project, str(origin), "main", counting(project), ())
    assert published(origin, "README.md") == "3 files"
    assert git(origin, "log", "--format=%s", "main").splitlines()[2] == "somebody's"


def test_somebody_pushing_in_between_costs_another_try(origin, tmp_path):
    project, tries = clone(origin, tmp_path / "night"), []
    write(project, {"results/runner/b.json": "{}"})

    def findings():
        if not tries:
            files = {"README.md": "by hand\n", "results/x/c.json": "{}"}
            somebody_pushes(origin, tmp_path / "other", files)
        tries.append(1)
        counting(project)()

    pushing.push(project, str(origin), "main", findings, (0, 0))
    assert len(tries) == 2
    assert published(origin, "README.md") == "3 files"


def test_of_two_versions_of_a_file_none_is_a_mixture(origin, tmp_path):
    """Changes of different lines, which git would merge."""
    lines = {str(number): 0 for number in range(20)}
    one, other = (json.dumps(lines | {key: 1}, indent=1) for key in ("0", "19"))
    somebody_pushes(origin, tmp_path / "base", {FILE: json.dumps(lines, indent=1)})
    project = clone(origin, tmp_path / "night")
    somebody_pushes(origin, tmp_path / "other", {FILE: other})
    write(project, {FILE: one})
    pushing.push(project, str(origin), "main", counting(project), ())
    assert published(origin, FILE) == one


def test_a_hook_is_not_run(origin, tmp_path):
    project = clone(origin, tmp_path / "night")
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    write(project, {"results/runner/b.json": "{}"})
    pushing.push(project, str(origin), "main", counting(project), ())
    assert not (tmp_path / "ran").exists()
    assert published(origin, "results/runner/b.json")


def test_what_cannot_be_pushed_is_one_line_without_the_address(origin, tmp_path, monkeypatch):
    project = clone(origin, tmp_path / "night")
    write(project, {"results/runner/b.json": "{}"})
    with pytest.raises(pushing.GitError) as error:
        pushing.push(project, f"{tmp_path}/x-access-token:secret", "main", counting(project), (0,))
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)
    assert git(project, "log", "-1", "--format=%s") == "Results of the night"  # nothing is lost
