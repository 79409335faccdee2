"""The picture of the whole: which number a cell has, worked out by hand."""

import pytest

from tests import made_results as made
from tests.made_results import ULP, record
from tools.report.facts import heat_map
from tools.report.site import Site
from tools.results import history

OLD, NEW = "numpy-2.3.5", "numpy-2.4.6"


@pytest.fixture
def site(tmp_path):
    """``made(NUMBERS of ULP by release, TIMES by release and machine, Records)``."""

    def made_site(errors=None, times=None, records=()):
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for release, numbers in (errors or {}).items():
            made.write(results, release, {ULP: numbers}, machine="one")
            cpu = {"model": "AMD EPYC", "features": made.V3}
            made.write_listing(results, release, [], machine="one", cpu=cpu)
        for (release, machine), value in (times or {}).items():
            numbers = {("numpy", "exp", "float32", 1000, "cpu"): value}
            made.write(results, release, {made.TIME: numbers}, machine=machine)
        table = history.load(results, made.RELEASES)
        return Site(table, list(records), results, tmp_path / "html")

    return made_site


def test_cpu_counts_as_the_level_of_its_machine_and_a_bound_has_a_minus(site):
    found = heat_map.of_dtype(
        site({
            OLD: {("numpy", "exp", "float32", "normal", "cpu"): 2.5},
            NEW: {("numpy", "exp", "float32", "normal", "cpu"): 1.25,
                  ("numpy", "exp", "float32", "usual", "cpu"): 9.0,
                  ("numpy", "exp", "float64", "normal", "cpu"): 9.0},
        }),
        "float32",
    )  # fmt: skip
    assert found["ops"] == ["exp"]
    assert found["columns"] == [("numpy", OLD), ("numpy", NEW)]
    assert found["errors"] == {"v3": [[-2.5, -1.25]]}


def test_times_are_against_the_best_on_the_same_machine(site):
    """2.4.6 was timed on both machines, 2.3.5 on the slow one alone: there 2.4.6 takes 6 µs and
    2.3.5 9 µs, which is 1.5 times as long."""
    numbers = {(OLD, "slow"): 9e-6, (NEW, "slow"): 6e-6, (NEW, "quick"): 1e-6}
    found = heat_map.of_dtype(site(times=numbers), "float32")
    assert found["seconds"] == [[1.5, 1.0]]


def test_instructions_are_against_the_fewest(site):
    def counted(release, many):
        by_size = {"1": [1000.0, 0.0], "10000": [many, 0.0]}
        facts = {"kind": "instructions", "by_size": by_size, "machine": "slow", "release": release}
        return {**record(), **facts}

    numbers = {(OLD, "slow"): 9e-6, (NEW, "slow"): 6e-6}
    records = [counted(OLD, 70993.0), counted(NEW, 20998.0)]  # 7 an element, and 2
    found = heat_map.of_dtype(site(times=numbers, records=records), "float32")
    assert found["instructions"] == [[3.5, 1.0]]
