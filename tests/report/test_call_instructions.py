"""What an element takes, release by release, on Records made by hand."""

import pytest

from tests import made_results as made
from tools.report.facts import call_instructions
from tools.report.site import Site
from tools.results import history

OLD, MIDDLE, NEW = "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"


def counted(release, element, op="exp", dtype="float32", library="libm", apart=0.0):
    """A call takes 1,000 instructions with its one element, and each other ``element`` more."""
    return {"kind": "instructions", "machine": "one", "backend": "numpy", "device": "cpu-1",
            "release": release, "op": op, "dtype": dtype, "valgrind": "3.19.0",
            "by_size": {"1": [1000.0, 0.0], "10000": [1000.0 + 9999 * element, apart]},
            "functions": [[f"{op}_of_{release}", library, 0.9]]}  # fmt: skip


@pytest.fixture
def site(tmp_path):
    def site(*records):
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for release in (OLD, MIDDLE, NEW):
            numbers = {("numpy", "exp", "float32", "normal", "cpu"): 1.0}
            made.write(results, release, {made.ULP: numbers}, machine="one")
        table = history.load(results, made.RELEASES)
        return Site(table, list(records), results, tmp_path / "html")

    return site


def test_releases_are_in_order_and_counts_that_disagree_are_left_out(site):
    records = [counted(NEW, 7.0), counted(OLD, 55.0), counted(MIDDLE, 9.0, apart=0.02)]
    rows = call_instructions.by_release(site(), records)
    assert [(row["release"], row["call"], row["element"]) for row in rows] == [
        (OLD, 1000.0, 55.0), (NEW, 1000.0, 7.0)
    ]  # fmt: skip
    assert rows[0]["by"] == f"exp_of_{OLD} of libm (90 %)"


def test_a_tenth_more_is_a_step_and_less_is_none(site):
    rows = call_instructions.by_release(
        site(), [counted(OLD, 10.0), counted(MIDDLE, 10.9), counted(NEW, 12.0)]
    )
    (step,) = call_instructions.steps(rows)
    assert (step["before"]["release"], step["after"]["release"]) == (MIDDLE, NEW)


def test_the_largest_steps_are_told_in_the_order_of_versions(site):
    """exp falls to a half, then to a third; sin to a quarter: of two, the third and the quarter."""
    mine = site(
        counted(OLD, 12.0), counted(MIDDLE, 6.0), counted(NEW, 2.0),
        counted(OLD, 8.0, "sin"), counted(MIDDLE, 2.0, "sin"), counted(NEW, 2.0, "sin"),
    )  # fmt: skip
    found = call_instructions.largest(mine, ["numpy"], 2)["numpy"]
    assert [(one["op"], one["after"]["release"]) for one in found] == [
        ("sin", MIDDLE),
        ("exp", NEW),
    ]


def test_functions_of_the_c_library_are_those_it_takes_most_of(site):
    mine = site(
        counted(OLD, 12.0, "cos"), counted(NEW, 12.0), counted(NEW, 8.0, "sin", library="_umath"),
        counted(NEW, 8.0, "tan", dtype="float64"),
    )  # fmt: skip
    assert call_instructions.of_c_library(mine, "numpy") == [
        {"release": NEW, "dtype": "float32", "ops": ["exp"], "all": 2},
        {"release": NEW, "dtype": "float64", "ops": ["tan"], "all": 1},
    ]
    assert call_instructions.of_c_library(mine, "tensorflow") == []
