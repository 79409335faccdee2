"""How large a step is, with ratios worked out by hand."""

import pytest

from tests import made_results as made
from tools.report.pages import changes
from tools.report.site import Site
from tools.results import history

OLDER, BEFORE, AFTER = "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"


@pytest.fixture
def steps_of(tmp_path):
    def steps_of(numbers):
        """What changes.py makes of numbers by release, benchmark and key."""
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for name, found in numbers.items():
            made.write(results, name, found)
        table = history.load(results, made.RELEASES)
        return changes.steps(Site(table, [], results, tmp_path / "html"))

    return steps_of


@pytest.fixture
def steps(steps_of):
    def steps(benchmark, key, before, after):
        """What changes.py makes of one number of two releases."""
        return steps_of({BEFORE: {benchmark: {key: before}}, AFTER: {benchmark: {key: after}}})

    return steps


ERROR = made.ULP, ("numpy", "exp", "float32", "normal", "cpu")
COUNT = made.SEED, ("numpy", "cpu")
TIME = made.TIME, ("numpy", "exp", "float32", 1000, "cpu")


@pytest.mark.parametrize(
    ("number", "before", "after", "ratio"),
    [
        (ERROR, 0.0, 1.0, 2),  # from half an ULP on
        (ERROR, 1.0, 0.0, 2),
        (ERROR, 0.3, 0.5, 1),  # both correctly rounded
        (ERROR, 0.5, 0.0, 1),
        (ERROR, 1.5, 6.0, 4),
        (ERROR, 6.0, 0.75, 8),
        (COUNT, 0.0, 38.0, 39),  # counts from one on
        (TIME, 2e-6, 5e-6, 2.5),
        (TIME, 5e-6, 2e-6, 2.5),
    ],
)
def test_the_size_of_a_step_is_a_ratio(steps, number, before, after, ratio):
    (step,) = steps(*number, before, after).to_dicts()
    assert step["step"] == pytest.approx(ratio)
    assert step["verdict"] == ("worse" if after > before else "better")


def test_no_step_is_no_row(steps):
    assert steps(*ERROR, 0.5, 0.5).is_empty()


ENDS = ("metric", "before_release", "after_release", "gap")


def test_a_search_says_nothing_of_releases_that_have_none(steps_of):
    (ulp, key), search = ERROR, made.SEARCH
    found = steps_of({
        OLDER: {ulp: {key: 2.0}, search: {key: 3.0}},
        BEFORE: {ulp: {key: 0.5}},
        AFTER: {ulp: {key: 0.5}, search: {key: 1.0}},
    })  # fmt: skip
    assert found.select(ENDS).rows() == [("max_ulp", OLDER, BEFORE, False)]


def test_a_step_over_a_release_without_that_number_says_so(steps_of):
    (ulp, key), (time, timed) = ERROR, TIME
    found = steps_of({
        OLDER: {ulp: {key: 2.0}},
        BEFORE: {time: {timed: 1e-3}},
        AFTER: {ulp: {key: 0.5}},
    })  # fmt: skip
    assert found.select(ENDS).rows() == [("max_ulp", OLDER, AFTER, True)]


def test_a_release_of_the_other_library_is_no_gap(steps_of):
    ulp, key = made.ULP, ("tensorflow", "exp", "float32", "normal", "cpu")
    found = steps_of({
        "tensorflow-2.20.0": {ulp: {key: 2.0}},
        "numpy-2.3.5": {ulp: {ERROR[1]: 2.0}},
        "tensorflow-2.21.0": {ulp: {key: 0.5}},
    })  # fmt: skip
    assert found.select(ENDS).rows() == [
        ("max_ulp", "tensorflow-2.20.0", "tensorflow-2.21.0", False)
    ]
