"""The sampling loop, by a clock that goes only when a function is called."""

import gc
from types import SimpleNamespace

import pytest

from benchmarks.speed import timing


class Clock:
    """Stands still but for ``spend``."""

    def __init__(self):
        self.now = 1000.0
        self.spin = 1.0  # of the loop that tells whether the processor is undisturbed
        self.calls = []
        self.waited = 0

    def wait(self, most):
        self.waited += 1
        return self.spin

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
    monkeypatch.setattr(timing.contention, "spin", lambda: clock.spin)
    monkeypatch.setattr(timing.contention, "is_quiet", lambda spins: spins <= 1)
    monkeypatch.setattr(timing.contention, "wait", clock.wait)
    return clock


def sample(function, places, profile=timing.FULL):
    """A call from its first visit to its last, with nothing between them."""
    sampling = timing.Sampling(function, places, profile)
    while not sampling.done:
        sampling.visit()
    return sampling.result()


@pytest.mark.parametrize("arguments", [(), ("x",), ("x", "y")])
def test_a_function_is_called_with_its_arguments(clock, arguments):
    sample(clock.costing(1e-3), [arguments])
    assert set(clock.calls) == {arguments}


def test_places_in_memory_are_taken_by_turns(clock):
    sample(clock.costing(1e-3), [("here",), ("there",), ("elsewhere",)])
    assert clock.calls[:4] == [("here",), ("there",), ("elsewhere",), ("here",)]
    counts = [clock.calls.count((place,)) for place in ("here", "there", "elsewhere")]
    assert max(counts) - min(counts) <= 1


# 1 ms is 1000 calls of 1 µs and 5 of 0.2 ms, but ten calls take less than 5 ms; of 0.7 ms seven
# calls do, of 3 ms one. One call is the least.
@pytest.mark.parametrize(
    ("seconds", "number"), [(1e-6, 1000), (2e-4, 10), (7e-4, 7), (3e-3, 1), (0.03, 1)]
)
def test_a_sample_is_of_ten_calls_or_of_a_millisecond_or_of_five(clock, seconds, number):
    result = sample(clock.costing(seconds), [()])
    assert abs(result["number"] - number) <= max(1e-3 * number, 0.5)
    assert result["samples"] == pytest.approx([seconds] * len(result["samples"]), rel=1e-4)


# Of twelve samples of 1 ms, or of as many as take 60 ms, half are kept; but two there are.
@pytest.mark.parametrize(
    ("seconds", "samples"), [(1e-6, 6), (1e-3, 6), (9.9e-3, 3), (0.04, 2), (0.3, 2), (2.0, 2)]
)
def test_there_are_six_samples_or_two_of_what_takes_long(clock, seconds, samples):
    assert len(sample(clock.costing(seconds), [()])["samples"]) == samples


@pytest.mark.parametrize("seconds", [2.0, 0.1])
def test_of_what_takes_long_no_call_is_wasted(clock, seconds):
    assert sample(clock.costing(seconds), [()])["samples"] == [seconds] * 2
    assert len(clock.calls) == 2


def test_a_first_call_that_sets_something_up_is_none_of_two_long_ones(clock):
    costs = iter([3.0, 1.0, 1.01])

    def function():
        clock.now += next(costs)

    assert sample(function, [()])["samples"] == [1.0, 1.01]


@pytest.mark.parametrize("first", [[2.0], [2.0, 1.0], [0.02, 0.01], [0.4], [1e-3] * 8])
def test_slow_first_calls_neither_count_nor_set_the_size_of_a_sample(clock, first):
    costs = iter(first)

    def function():
        clock.now += next(costs, 1e-4)

    result = sample(function, [()])
    assert result["number"] == 10
    assert result["samples"] == pytest.approx([1e-4] * len(result["samples"]))


def test_calls_go_on_until_they_no_longer_get_faster(clock):
    """A cache that takes 50 ms to fill: each call is 10 % faster than the one before."""
    costs = [1e-2 * 0.9**call for call in range(30)]

    def function():
        clock.now += costs.pop(0) if costs else 1e-4

    result = sample(function, [()])
    assert max(result["samples"]) < 2e-3


def disturbed(clock, quiet):
    """A function that takes twice as long, and slows the loop down with it, but for the calls in
    ``quiet`` (the warm-up among them)."""

    def function():
        number = len(clock.calls)
        clock.calls.append(number)
        clock.spin = 1.0 if number in quiet else 2.0
        clock.now += 0.01 * clock.spin

    return function


def test_samples_are_of_the_time_when_nobody_disturbed(clock):
    assert set(sample(disturbed(clock, range(7, 100)), [()])["samples"]) == {0.01}
    assert 1 <= clock.waited <= 7


def test_a_sample_that_was_disturbed_at_its_beginning_does_not_count(clock):
    # The loop before it was slow, the one after it was not.
    result = sample(disturbed(clock, [*range(0, 10, 2), *range(11, 99)]), [()])
    assert set(result["samples"]) == {0.01}


def test_samples_that_turn_out_to_be_disturbed_do_not_count(clock, monkeypatch):
    """The first quiet moment, after five calls, shows that those before it were none."""
    seen = []
    monkeypatch.setattr(
        timing.contention, "is_quiet", lambda spins: seen.append(spins) or spins <= min(seen)
    )
    assert set(sample(disturbed(clock, range(5, 100)), [()])["samples"]) == {0.01}


@pytest.mark.parametrize(("profile", "most"), [(timing.FULL, 40), (timing.QUICK, 10)])
def test_without_a_quiet_moment_there_is_an_end(clock, profile, most):
    result = sample(disturbed(clock, ()), [()], profile)
    assert result["samples"] == [0.02] * 2
    assert len(clock.calls) < most


# Twelve samples, four a visit; the seven of 9.9 ms that take 60 ms, two; of 40 ms four; of what
# takes longer two in all.
@pytest.mark.parametrize(
    ("seconds", "visits"), [(1e-6, 3), (1e-3, 3), (9.9e-3, 4), (0.04, 2), (0.1, 1), (2, 1)]
)
def test_the_samples_come_from_several_visits(clock, seconds, visits):
    sampling = timing.Sampling(clock.costing(seconds), [()])
    for _ in range(visits):
        assert not sampling.done
        sampling.visit()
    assert sampling.done


def test_a_visit_begins_with_calls_that_do_not_count(clock):
    """What others did in the meantime has emptied the caches: the first call takes longer."""
    cost = 1e-3

    def function():
        nonlocal cost
        clock.now += cost
        cost = 1e-3

    sampling = timing.Sampling(function, [()])
    while not sampling.done:
        sampling.visit()
        cost = 0.1
    assert max(each for _, each in sampling._taken) == pytest.approx(1e-3)


def test_what_one_visit_gave_is_an_answer_already(clock):
    sampling = timing.Sampling(clock.costing(1e-3), [()])
    sampling.visit()
    assert sampling.result() == {"samples": [1e-3] * 2, "number": 5}


def test_a_disturbance_that_lasts_for_a_visit_is_outvoted(clock):
    """All of the first visit is slow, and the loop beside it is not: a neighbour at the memory."""
    cost = 2e-3

    def function():
        clock.now += cost

    sampling = timing.Sampling(function, [()])
    while not sampling.done:
        sampling.visit()
        cost = 1e-3
    assert set(sampling.result()["samples"]) == {1e-3}


def test_the_faster_half_counts(clock):
    def function():
        clock.calls.append(None)
        clock.now += 0.011 if len(clock.calls) % 2 else 0.01

    assert set(sample(function, [()])["samples"]) == {0.01}


def test_samples_have_five_digits(clock):
    result = sample(clock.costing(1 / 3e4), [()])
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
    sample(function, [()])
    assert seen == {False}
    assert gc.isenabled()


def test_the_collector_is_back_after_an_error(clock):
    with pytest.raises(ZeroDivisionError):
        sample(lambda: 1 / 0, [()])
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off(clock):
    gc.disable()
    try:
        sample(clock.costing(1e-2), [()])
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
