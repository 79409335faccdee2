"""Benchmark versions are set by hand: what they stand for must not change under them.

Of each module of benchmarks the digest of its code, and of what it imports, is noted with the
versions that the numbers in results/ bear: without comments, documentation and imports, which
change no number. If this fails: a change that leaves every number as it was needs only the new
digest here; one that does not needs a higher ``version`` in the benchmark classes, too.
"""

import ast
import hashlib
import re

import pytest

from tools.foundation import code_digest

BENCHMARKS = code_digest.ROOT / "benchmarks"
# What hands numbers from one process to another, decides what a release can run, or keeps answers:
# no number depends on it.
HANDS_ON = {"available", "batch", "hard", "levels", "libraries"}
KNOWN = {
    "bench_accuracy": (["2", "1"], "f118ea5e51786904"),
    "bench_behaviour": (["1"], "c8aabf1ecf15ed8b"),
    "bench_instructions": (["2"], "a5e9ca8011785727"),
    "bench_conversion": (["2"], "a58f3340a124e30d"),
    "bench_memory": (["2"], "6e37b0cb9a10c511"),
    "bench_reduction": (["1"], "14b5bf8a6ef0956a"),
    "bench_startup": (["1"], "16789a91c33c874f"),
    "bench_time": (["3"], "ae2adf0120ffdb16"),
}


class Code(ast.NodeTransformer):
    """Leaves what runs."""

    def visit_Expr(self, node):
        return None if isinstance(node.value, ast.Constant) else node

    def visit_Import(self, node):
        return None

    visit_ImportFrom = visit_Import


def digest(text):
    return hashlib.sha256(ast.unparse(Code().visit(ast.parse(text))).encode()).hexdigest()[:16]


def digest_of(module):
    files = code_digest.closure(BENCHMARKS, module)
    counted = [
        file
        for file in files
        if file.stem not in HANDS_ON and file.parent.name not in ("backends", "process")
    ]
    return hashlib.sha256(
        "".join(digest(file.read_text()) for file in counted).encode()
    ).hexdigest()[:16]


@pytest.mark.parametrize("module", sorted(file.stem for file in BENCHMARKS.glob("bench_*.py")))
def test_what_decides_on_a_number_is_what_its_version_stands_for(module):
    versions = re.findall(
        r'^    version = "(.*)"$', (BENCHMARKS / f"{module}.py").read_text(), re.M
    )
    assert (versions, digest_of(module)) == KNOWN[module]


def test_only_what_runs_counts():
    assert digest('"""A."""\nimport a\nx = 1  # why\n') == digest(
        '"""B."""\nfrom b import c\nx = 1\n'
    )
    assert digest("SEED = 20\n") != digest("SEED = 21\n")
    assert digest("def f():\n    return 1\n") != digest("def f():\n    return 2\n")


def test_the_inputs_of_times_count():
    """Another seed gives other numbers to compute with."""
    file = BENCHMARKS / "bench_time.py"
    assert file in code_digest.closure(BENCHMARKS, "bench_time")
    assert "20 + index" in file.read_text()
    assert digest(file.read_text()) != digest(file.read_text().replace("20 + index", "21 + index"))
