"""The commands in the README and the docs, as they stand there, in a clone with the results."""

import re
import shlex
import subprocess

import pytest

from .conftest import ROOT, copy_project

pytestmark = pytest.mark.e2e

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(file.read_text(encoding="utf-8") for file in PAGES)
# What another test runs, or no test can.
ELSEWHERE = {
    "make test": "runs this",
    "make report": "takes minutes: its parts are tested in test_suite.py and test_site.py",
    "git clone https://github.com/ulpwatch/ulpwatch && cd ulpwatch && make setup": "asks GitHub",
    'ulpwatch() { .venv/bin/python -m "tools.$@"; }': "defines a name that is written out below",
    "ulpwatch releases update": "test_package_index.py holds it, against an index of its own",
    ".venv/bin/asv publish": "takes a minute: the site of test_site.py is what it makes of these",
    '.venv/bin/python -m tools.evaluate "sin(@inputs.txt)" "numpy>=2" --format json': (
        "has no such file: test_expression.py"
    ),
    ".venv/bin/asv run -b \"bench_instructions.*'float32'\" numpy-2.4.6": (
        "takes minutes, where there is valgrind: test_counting.py"
    ),
    ".venv/bin/python -m tools.noise numpy-2.4.6 --instructions": "the same, four times",
    "asv preview": "serves until it is stopped: test_pages.py",
}
# All inputs of a narrower type, or a release of all, for the same command.
SHORTER = {
    " tensorflow --dtype float32": " numpy-2.4.6 --dtype float32 --format markdown",
    '"numpy>=1.18" --device': "numpy-2.4.6 --device",
    "--dtype float32": "--dtype float16",
    "--dtype float64": "--dtype float32 --budget 100000",
    "/float32/": "/float16/",
}


def commands():
    """Every line of a shell block, and every command in the first column of a table."""
    blocks = "".join(re.findall(r"```sh\n(.*?)```", TEXT, re.S)).replace("\\\n", " ")
    lines = [re.sub(r"\s+# .*|^# .*", "", line).strip() for line in blocks.splitlines()]
    rows = re.findall(r"^\| (`(?:\.venv/bin/)?asv \w.*?`) \|", TEXT, re.M)
    in_tables = [one for row in rows for one in re.findall(r"`([^`]+)`", row)]
    names = [re.sub(r"^mine=.*", "", re.sub(r"\s+", " ", line)) for line in lines + in_tables]
    return [name for name in dict.fromkeys(names) if name]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    project = copy_project(tmp_path_factory.mktemp("commands"))
    (project.path / ".venv").symlink_to(ROOT / ".venv")
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "results"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, tracked.split("\0")):
        (project.path / name).parent.mkdir(parents=True, exist_ok=True)
        (project.path / name).write_bytes((ROOT / name).read_bytes())
    project.run("tools.machine", "reader")
    return project


def test_the_readme_has_commands_and_none_is_excused_that_is_not_there():
    found = commands()
    assert len(found) > 12
    assert set(ELSEWHERE) <= set(found)


@pytest.mark.parametrize("command", [one for one in commands() if one not in ELSEWHERE])
def test_a_command_of_the_readme_does_what_it_says(clone, command):
    for long, short in SHORTER.items():
        command = command.replace(long, short)
    command = command.replace("ulpwatch ", ".venv/bin/python -m tools.").replace("$mine", "2.3.5")
    done = subprocess.run(
        shlex.split(command), cwd=clone.path, env=clone.environment(), capture_output=True,
        text=True, timeout=600, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    said = done.stdout + done.stderr
    worse = "--fail-on worse" in command and done.returncode == 1
    assert done.returncode == 0 or worse, said[-2000:]
    assert "Traceback" not in said
    assert done.stdout.strip()


def test_the_list_of_benchmarks_that_is_committed_is_that_of_the_code(clone):
    """Else whoever measures has a change in it that is not his."""
    clone.asv("run", "--bench", "just-discover", "numpy-2.4.6")
    committed = (ROOT / "results" / "benchmarks.json").read_text()
    assert (clone.path / "results" / "benchmarks.json").read_text() == committed
