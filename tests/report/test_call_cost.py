"""Where the cost of a call changed, whatever the function."""

import polars as pl
import pytest

from tools.report.facts import call_cost

OPS = list("abcdefghij")


def side(values, spread=1.0):
    columns = {"value": 1e-6, "low": 1e-6 / spread, "high": 1e-6 * spread}
    return pl.DataFrame(
        {"op": OPS[: len(values)]}
        | {name: [one * scale for one in values] for name, scale in columns.items()}
    )


def test_a_call_that_became_dearer_for_all_functions_is_a_step():
    step = call_cost._step(side([4, 5, 6, 5, 5]), side([8, 10, 12, 10, 20]))
    assert step["ratio"] == pytest.approx(2)
    assert step["verdict"] == "worse"
    assert (step["before"], step["after"]) == pytest.approx((5e-6, 10e-6))
    assert step["ops"] == 5


def test_a_cheaper_one_is_told_by_how_much_too():
    step = call_cost._step(side([9, 9, 9, 9, 9]), side([3, 3, 3, 3, 3]))
    assert (step["ratio"], step["verdict"]) == (pytest.approx(3), "better")


@pytest.mark.parametrize(
    "after",
    [
        [5, 5, 5, 5, 500],  # one function
        [6, 6, 6, 6, 6],  # by a fifth
        [10, 10, 10, 10, 4],  # not all the same way
    ],
)
def test_what_some_functions_do_is_no_cost_of_a_call(after):
    assert call_cost._step(side([5, 5, 5, 5, 5]), side(after)) is None


def test_a_process_that_was_disturbed_all_along_is_no_cost_of_a_call():
    """Half of its samples are as before."""
    quiet, disturbed = side([5] * 5), side([9] * 5, spread=9 / 5.1)
    assert call_cost._step(quiet, disturbed) is None
    assert call_cost._step(disturbed, quiet) is None


def test_of_few_functions_nothing_is_said():
    assert call_cost._step(side([1] * 4), side([9] * 4)) is None
    # Functions that one release alone has do not count.
    assert call_cost._step(side([1] * 4), side([9] * 10)) is None
