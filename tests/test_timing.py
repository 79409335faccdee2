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


# 5 ms are 500 calls of 10 µs, 5 of 1 ms; one call is the least.
@pytest.mark.parametrize(("seconds", "number"), [(1e-5, 500), (1e-3, 5), (0.0021, 2), (0.03, 1)])
def test_a_sample_is_of_as_many_calls_as_take_five_milliseconds(clock, seconds, number):
    result = timing.sample(clock.costing(seconds), ())
    assert abs(result["number"] - number) <= max(1e-3 * number, 0.5)
    assert result["samples"] == pytest.approx([seconds] * len(result["samples"]), rel=1e-4)


# Ten samples of 5 ms are enough, and so are 0.1 s; but three samples there are.
@pytest.mark.parametrize(
    ("seconds", "samples"), [(1e-6, 10), (1e-3, 10), (0.021, 5), (0.04, 3), (0.3, 3), (2.0, 2)]
)
def test_there_are_ten_samples_or_three_of_what_takes_long(clock, seconds, samples):
    assert len(timing.sample(clock.costing(seconds), ())["samples"]) == samples


def test_of_what_takes_very_long_no_call_is_wasted(clock):
    timing.sample(clock.costing(2.0), ())
    assert len(clock.calls) == 2


@pytest.mark.parametrize("first", [[0.02, 0.01], [0.4], [1e-3] * 15])
def test_slow_first_calls_neither_count_nor_set_the_size_of_a_sample(clock, first):
    costs = iter(first)

    def function():
        clock.now += next(costs, 1e-4)

    result = timing.sample(function, ())
    assert abs(result["number"] - 50) <= 1
    assert result["samples"] == pytest.approx([1e-4] * len(result["samples"]))


def test_calls_go_on_until_they_no_longer_get_faster(clock):
    """A cache that takes 50 ms to fill: each call is 10 % faster than the one before."""
    costs = [1e-2 * 0.9**call for call in range(30)]

    def function():
        clock.now += costs.pop(0) if costs else 1e-4

    result = timing.sample(function, ())
    assert max(result["samples"]) < 2e-3


def test_samples_have_five_digits(clock):
    result = timing.sample(clock.costing(1 / 3e4), ())
    assert set(result["samples"]) == {3.3333e-05}


@pytest.mark.parametrize(
    ("attributes", "quick", "expected"),
    [
        ({}, False, timing.FULL),
        ({}, True, timing.QUICK),
        # What asv itself asks for with --quick: one call of each.
        ({"number": 1, "repeat": 1, "warmup_time": 0, "rounds": 1}, True, timing.QUICK),
        ({"repeat": 20, "timeout": 9}, False, timing.FULL._replace(repeat=20)),
        ({"repeat": [3, 7, 20.0]}, False, timing.FULL._replace(repeat=7)),
        (
            {"sample_time": 0.1, "warmup_time": 1.0},
            False,
            timing.FULL._replace(sample_time=0.1, warmup_time=1.0),
        ),
    ],
)
def test_asv_run_sets_the_profile(attributes, quick, expected):
    assert timing.profile({"attributes": attributes, "quick": quick}) == expected


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


def test_a_function_slowed_by_a_tenth_takes_a_tenth_longer(clock, monkeypatch):
    def tick():
        clock.now += 1e-6  # or it would wait for ever
        return clock.now

    monkeypatch.setattr(timing.time, "perf_counter", tick)
    before = clock.now
    timing.slowed(clock.costing(0.01), 0.1)("x")
    assert clock.calls == [("x",)]
    assert clock.now - before == pytest.approx(0.011, rel=1e-2)
