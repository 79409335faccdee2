"""What asv prints of a run and of a search."""

import itertools
import math
from types import SimpleNamespace

import pytest

from tools.running import asv_display

PARAMS = [["'numpy'", "'tensorflow'"], ["'exp'", "'sin'", "'tan'"], ["1", "1000"]]
EVERY = list(itertools.product(*PARAMS))
NAME = "bench.Call.track_it"


class Results:
    """asv's, of numbers by combination; NaN elsewhere."""

    stderr: dict = {}

    def __init__(self, found, params=PARAMS):
        self._params = params
        self._values = [found.get(one, math.nan) for one in itertools.product(*params)]

    def get_result_params(self, name):
        return self._params

    def get_result_value(self, name, params):
        return self._values

    def get_result_stats(self, name, params):
        return [None] * len(self._values)


def told(found, chosen=None, params=PARAMS):
    names = ["backend", "op", "size"][: len(params)]
    benchmark = {"name": NAME, "params": params, "param_names": names, "unit": "ulp",
                 "type": "track"}  # fmt: skip
    asv_display.selected.clear()
    if chosen is not None:
        asv_display.selected[NAME] = {EVERY.index(one) for one in chosen}
    return asv_display.format_benchmark_result(Results(found, params), benchmark)


ONE, TWO = ("'numpy'", "'exp'", "1000"), ("'numpy'", "'sin'", "1")


def test_one_number_is_one_line():
    info, table = told({ONE: 0.5, TWO: 2.5}, chosen=[ONE])
    assert info == "ok"
    assert "0.5" in table
    assert "2.5" not in table
    assert all(word not in table for word in ("tensorflow", "sin", "n/a"))
    assert len(table.splitlines()) == 7  # of which six are the frame


def test_of_all_that_could_be_the_numbers_that_there_are():
    info, table = told({ONE: 0.5, TWO: 2.5})
    assert info == "ok"
    assert "tan" not in table
    assert "tensorflow" not in table
    assert [word in table for word in ("exp", "sin", "0.5", "2.5")] == [True] * 4


def test_a_failure_is_told():
    info, table = told({ONE: None, TWO: 2.5})
    assert info == "1/4 failed"
    assert "failed" in table


def test_nothing_is_a_word():
    assert told({}) == ("n/a", None)
    assert told({ONE: 0.5}, chosen=[TWO]) == ("n/a", None)


def test_what_has_no_parameters_is_as_asv_tells_it():
    assert told({(): 1.5}, params=[]) == ("1.5", None)


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ([], "Greatest regression found: x: the later of two, neither of which was measured"),
        ([[1.0, math.nan]] * 3, "No change: the 3 releases measured have equal numbers"),
        ([[1.0], [1.0], [2.0]], "Greatest regression found: x"),
        ([[1.0], [None]], "Greatest regression found: x"),
    ],
)
def test_a_search_among_equals_says_so(monkeypatch, numbers, says):
    said = []
    log = SimpleNamespace(**dict.fromkeys(["error", "warning", "indent", "debug", "flush"], print),
                          info=said.append)  # fmt: skip
    monkeypatch.setattr(asv_display, "log", log)
    search = asv_display.Search()
    for values in numbers:
        one = SimpleNamespace(get_result_value=lambda name, params, values=values: values)
        search.note(one, {NAME: {"params": PARAMS}})
    search.log.info("Testing --o--")
    search.log.info("Greatest regression found: x")
    assert said == ["Testing --o--", says]
