"""What must hold for all of benchmarks/, whatever is installed."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import libraries

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "benchmarks").rglob("*.py"))
ALLOWED = {"mpmath", "cupyx", *libraries.BY_NAME}
NOT_IN_3_6 = {"contextvars", "dataclasses", "graphlib", "tomllib", "zoneinfo"}

# Prints params, their names and the version of every benchmark class, as asv would find them. No
# library is imported by that, so that a release may be named that is not here.
DESCRIBE = """
import importlib, inspect, json, pkgutil
import benchmarks
found = {}
for module in pkgutil.iter_modules(benchmarks.__path__, "benchmarks."):
    if module.name.startswith("benchmarks.bench_"):
        for name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__ == module.name and not name.startswith("_"):
                found[module.name + "." + name] = {
                    "params": getattr(cls, "params", None),
                    "param_names": getattr(cls, "param_names", None),
                    "version": getattr(cls, "version", None),
                    "benchmarks": [n for n in dir(cls) if n.split("_")[0] in ("track", "time")],
                }
print(json.dumps(found))
"""


def described(release):
    env = {name: value for name, value in os.environ.items() if name != "ULPWATCH_RELEASE"}
    if release:
        env["ULPWATCH_RELEASE"] = release
    command = [sys.executable, "-c", DESCRIBE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def classes():
    found = described(None)
    assert {"benchmarks.bench_time.Elementwise", "benchmarks.bench_accuracy.Seed"} <= set(found)
    return found


def test_params_are_lists_of_plain_values(classes):
    for name, cls in classes.items():
        assert len(cls["params"]) == len(cls["param_names"]), name
        for values in cls["params"]:
            assert isinstance(values, list), name
            assert values, name
            assert all(isinstance(value, str | int) for value in values), name
            assert len(set(values)) == len(values), name


@pytest.mark.parametrize(
    "release",
    [
        "numpy==1.13.1",
        "numpy==2.4.6",
        "tensorflow==1.2.0",
        "tensorflow==2.0.4",
        "tensorflow==2.21.0",
        "tensorflow==99.0.0",
    ],
)
def test_params_do_not_depend_on_the_release(classes, release):
    assert described(release) == classes


def test_every_benchmark_sets_its_version(classes):
    """asv's own would change with a comment, and not with a helper."""
    for name, cls in classes.items():
        assert cls["benchmarks"], name
        assert isinstance(cls["version"], str), name
        assert cls["version"].isdigit(), name


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_is_python_3_6_and_imports_only_what_releases_have(source):
    tree = ast.parse(source.read_text(), feature_version=(3, 6))
    imported, futures = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(node.module.split(".")[0])
            if node.module == "__future__":
                futures.update(alias.name for alias in node.names)
    assert not imported - ALLOWED - (sys.stdlib_module_names - NOT_IN_3_6)
    assert "annotations" not in futures


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_imports_stay_inside_of_benchmarks(source):
    """asv puts only benchmarks/ where a release finds it."""
    depth = len(source.relative_to(ROOT).parts) - 1
    levels = [
        node.level
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom)
    ]
    assert all(level <= depth for level in levels)


def test_only_the_backends_import_tensorflow():
    """An import of TensorFlow takes seconds, and a release of NumPy has none."""
    for source in SOURCES:
        names = [
            alias.name if isinstance(node, ast.Import) else node.module
            for node in ast.walk(ast.parse(source.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        if any((name or "").split(".")[0] == "tensorflow" for name in names):
            assert source.parent.name == "backends"
