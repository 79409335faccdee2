"""One way for the data: each room of tools/ knows those before it, and no others."""

import ast
from pathlib import Path

import pytest

from tools.foundation.paths import ROOT

TOOLS = ROOT / "tools"
ROOMS = ("foundation", "releases", "results", "environments", "sweeping", "running", "judging",
         "report", "nightly")  # fmt: skip
ON_TOP = {"evaluate", "selfbench"}
"""Commands with files of their own."""
MOST = 12


def modules():
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts): file
        for file in TOOLS.rglob("*.py")
        if file.stem != "__init__"
    }


def imports(file):
    """The modules of tools/ that ``file`` imports, from wherever in it."""
    known = modules()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "")[:5] == "tools"):
            assert not node.level, f"{file}: {ast.unparse(node)}"
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in known else node.module
        elif isinstance(node, ast.Import):
            assert not any(name.name.startswith("tools") for name in node.names), file


def room(module):
    """The place of a module's room on the way; a command comes after all of them."""
    parts = module.split(".")
    return ROOMS.index(parts[1]) if len(parts) > 2 and parts[1] not in ON_TOP else len(ROOMS)


def test_every_folder_is_a_room_and_none_is_crowded():
    folders = {path.name for path in TOOLS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == {*ROOMS, *ON_TOP}
    for folder in [TOOLS, *(path for path in TOOLS.rglob("*") if path.is_dir())]:
        files = [file for file in folder.glob("*.py") if not file.stem.startswith("__")]
        assert len(files) <= MOST, f"{folder}: {len(files)} files"


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_room_knows_those_before_it_alone(module):
    for other in imports(modules()[module]):
        assert room(other) <= room(module), f"{module} imports {other}"


def test_no_two_modules_import_each_other():
    known = {name: set(imports(file)) for name, file in modules().items()}
    after, seen = dict(known), set()
    while ready := [name for name, needs in after.items() if not needs & after.keys()]:
        for name in ready:
            del after[name]
            seen.add(name)
    assert not after, f"in a circle: {sorted(after)}"


INSIDE = ("process", "formats", "inputs", "functions", "accuracy", "behaviour", "speed")
"""Of benchmarks/; what lies beside them (ops, backends, what asv runs) knows them all."""


def test_in_benchmarks_too_a_room_knows_those_before_it_alone():
    folder = ROOT / "benchmarks"
    folders = {file.parent.name for file in folder.glob("*/*.py")}
    assert folders == {*INSIDE, "backends"}
    for file in folder.glob("*/*.py"):
        here = file.parent.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                there = (node.module or node.names[0].name).partition(".")[0]
                before = INSIDE[: INSIDE.index(here)] if here in INSIDE else INSIDE
                known = {*before, *(["libraries"] if here == "backends" else [])}
                assert there in known, f"{file} imports {there}"


def test_what_runs_in_a_release_knows_nothing_of_the_host():
    for file in Path(ROOT, "benchmarks").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").partition(".")[0] != "tools", file
