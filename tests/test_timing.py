"""The sampling loop, by a clock that goes only when a function is called."""

import gc
from types import SimpleNamespace

import pytest

from benchmarks import timing


class Clock:
    """Stands still but for ``spend``."""

    def __init__(self):
        self.now = 1000.0
        self.calls = []

    def perf_counter(self):
        return self.now

    def costing(self, seconds):
        def function(*arguments):
            self.now += seconds
            self.calls.append(arguments)

        return function


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    return clock


@pytest.mark.parametrize("arguments", [(), ("x",), ("x", "y")])
def test_a_function_is_called_with_its_arguments(clock, arguments):
    timing.sample(clock.costing(1e-3), arguments)
    assert set(clock.calls) == {arguments}


@pytest.mark.parametrize(("seconds", "number"), [(1e-5, 1000), (1e-3, 10), (0.004, 2), (0.03, 1)])
def test_a_sample_is_of_as_many_calls_as_take_ten_milliseconds(clock, seconds, number):
    result = timing.sample(clock.costing(seconds), ())
    assert abs(result["number"] - number) <= number * 0.001
    assert result["samples"] == pytest.approx([seconds] * len(result["samples"]), rel=1e-6)


@pytest.mark.parametrize(("seconds", "least", "most"), [(1e-3, 19, 21), (0.05, 5, 5), (2.0, 5, 5)])
def test_samples_fill_a_fifth_of_a_second_but_are_five_at_least(clock, seconds, least, most):
    # 20 samples of 10 ms fill 0.2 s; 4 of 50 ms do, and 1 of 2 s.
    assert least <= len(timing.sample(clock.costing(seconds), ())["samples"]) <= most


@pytest.mark.parametrize("first", [[0.02, 0.01], [3.0]])
def test_slow_first_calls_neither_count_nor_set_the_size_of_a_sample(clock, first):
    costs = iter(first)

    def function():
        clock.now += next(costs, 1e-4)

    result = timing.sample(function, ())
    assert abs(result["number"] - 100) <= 1
    assert result["samples"] == pytest.approx([1e-4] * len(result["samples"]))


def test_no_garbage_is_collected_meanwhile(clock):
    seen = set()

    def function():
        clock.now += 1e-2
        seen.add(gc.isenabled())

    assert gc.isenabled()
    timing.sample(function, ())
    assert seen == {False}
    assert gc.isenabled()


def test_the_collector_is_back_after_an_error(clock):
    with pytest.raises(ZeroDivisionError):
        timing.sample(lambda: 1 / 0, ())
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off(clock):
    gc.disable()
    try:
        timing.sample(clock.costing(1e-2), ())
        assert not gc.isenabled()
    finally:
        gc.enable()
