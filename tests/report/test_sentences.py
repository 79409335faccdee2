"""What the start page says: of each number, from the machine that has it."""

import pytest

from tests import made_results as made
from tools.report.facts import sentences
from tools.report.pages import changes, start
from tools.report.site import Site
from tools.report.steps import between
from tools.results import history

NUMPY, TF = "numpy-2.4.6", "tensorflow-2.21.0"


@pytest.fixture
def site(tmp_path):
    """Distances of the newest releases on ``here``, their times on ``there``."""
    results = tmp_path / "results"
    made.write_benchmarks(results)
    ulp = {made.ULP: {("numpy", "exp", "float32", "normal", "cpu"): 1.0}}
    made.write(results, NUMPY, ulp)
    apart = {("tensorflow", "exp", "float32", "cpu"): 0.0,
             ("tensorflow", "sin", "float32", "cpu"): 1234.0}  # fmt: skip
    made.write(results, TF, {made.DISTANCE: apart})
    for name, backend, scale in [(NUMPY, "numpy", 1), (TF, "tensorflow", 3)]:
        times = {(backend, op, "float32", size, "cpu"): scale * (1e-6 + size * 1e-9)
                 for op in ("exp", "sin") for size in (1, 1000)}  # fmt: skip
        made.write(results, name, {made.TIME: times}, machine="there")
    table = history.load(results, made.RELEASES)
    return Site(table, [], results, tmp_path / "html")


def test_what_each_machine_has_is_told_and_where(site):
    same = sentences.same_results(site)
    assert same == (
        "In 1 of 2 functions, TensorFlow 2.21.0 gives exactly the float32 results of the NumPy "
        "installed with it (CPU, here). They differ by more in sin."
    )
    assert sentences.faster(site) == (
        "NumPy 2.4.6 is faster than TensorFlow 2.21.0 on one number in 2 of 2 and 1,000 numbers in "
        "2 of 2 functions (float32, CPU, there, each called as its users call it)."
    )


def test_results_that_differ_a_little_are_told_from_those_that_differ_much(tmp_path):
    made.write_benchmarks(tmp_path)
    values = {"exp": 4.0, "sin": 5.0}
    apart = {("tensorflow", op, "float32", "cpu"): value for op, value in values.items()}
    made.write(tmp_path, TF, {made.DISTANCE: apart})
    site = Site(history.load(tmp_path, made.RELEASES), [], tmp_path, tmp_path / "html")
    assert sentences.same_results(site) == (
        "In 0 of 2 functions, TensorFlow 2.21.0 gives exactly the float32 results of the NumPy "
        "installed with it (CPU). In 1 more, results differ by at most 4 representable numbers. "
        "They differ by more in sin."
    )


def test_the_machine_that_tells_most_of_the_newest_releases_comes_first(site):
    assert site.machines == ["there", "here"]  # eight numbers, and three


def test_the_machine_that_makes_the_report_comes_first_where_it_has_times_of_both(site, tmp_path):
    results = tmp_path / "results"

    def made_on(machine, *sides):
        for name, backend in sides:
            times = {made.TIME: {(backend, "exp", "float32", 1, "cpu"): 1e-6}}
            made.write(results, name, times, machine=machine)
        table = history.load(results, made.RELEASES)
        return Site(table, [], results, tmp_path / "html", here=machine)

    assert Site(site.table, [], results, tmp_path / "html", here="here").here is None  # no times
    assert made_on("half", (NUMPY, "numpy")).here is None
    mine = made_on("new", (NUMPY, "numpy"), (TF, "tensorflow"))
    assert mine.here == mine.machines[0] == "new"
    assert "CPU, new" in sentences.faster(mine)
    start.write(mine, changes.write(mine))
    page = (tmp_path / "html" / "start.html").read_text()
    assert "<b>new</b>" in page
    assert '<a href="#machine=there">there</a> (2 releases)' in page


def test_an_older_release_with_numbers_is_told_where_the_newest_has_none(site, tmp_path):
    made.write(tmp_path / "results", "numpy-2.5.5",
               {made.ULP: {("numpy", "exp", "float32", "normal", "cpu"): 1.0}})  # fmt: skip
    table = history.load(tmp_path / "results", made.RELEASES)
    assert sentences.faster(Site(table, [], tmp_path / "results", tmp_path / "html")).startswith(
        "NumPy 2.4.6 is faster"
    )


def test_two_processors_are_not_held_against_each_other(site, tmp_path):
    for name, model in [(NUMPY, "EPYC"), (TF, "Xeon")]:
        made.write_listing(tmp_path / "results", name, [], machine="there", cpu={"model": model})
    assert sentences.faster(site) == "How fast they are has not been measured here yet."


def test_a_machine_that_is_alone_is_not_named(site, tmp_path):
    alone = Site(site.on("here"), [], tmp_path / "results", tmp_path / "html")
    assert "installed with it (CPU)." in sentences.same_results(alone)


def test_a_function_counts_once_whoever_measured_it(site, tmp_path):
    results = tmp_path / "results"
    for machine in ("here", "there"):
        for name, value in [("numpy-2.3.5", 1.0), (NUMPY, 2.0)]:
            ulp = {made.ULP: {("numpy", "exp", "float32", "normal", "cpu"): value}}
            time = {made.TIME: {("numpy", "sin", "float32", 1000, "cpu"): 4e-6 / value}}
            made.write(results, name, ulp | time, machine=machine)
    both = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
    said = sentences.lately(both, between.steps(both))
    assert said == (
        "The latest release that changed functions is NumPy 2.4.6 (2026-05-18): 1 function is less "
        "accurate; 1 takes less time."
    )


@pytest.mark.parametrize(("python", "said"), [("Python 3.12.1", True), ("Python 3.11.7", False)])
def test_times_of_two_pythons_are_said_to_be(site, tmp_path, python, said):
    results = tmp_path / "results"
    for name, value, its in [("numpy-2.3.5", 1e-6, "Python 3.11.7"), (NUMPY, 3e-6, python)]:
        time = {made.TIME: {("numpy", "exp", "float32", 1, "cpu"): value}}
        made.write(results, name, time, machine="there")
        made.write_listing(results, name, [], machine="there", python=its)
    timed = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
    text = sentences.lately(timed, between.steps(timed))
    assert "1 function takes more time." in text
    part = " Part of the speed may be Python’s: Python 3.11.7 → Python 3.12.1."
    assert text.endswith(part if said else " takes more time.")
