"""The sampling loop, with a clock that the calls themselves move."""

import gc

import pytest

from benchmarks import timing


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(timing, "time", clock)
    return clock


@pytest.mark.parametrize("arity", [0, 1, 2])
@pytest.mark.parametrize("seconds", [1e-6, 1e-3, 0.5])
def test_samples_are_seconds_a_call(clock, arity, seconds):
    calls = []

    def function(*arguments):
        assert len(arguments) == arity and not gc.isenabled()
        calls.append(arguments)
        clock.now += seconds

    found = timing.sample(function, list(range(arity)))
    assert found["samples"] == pytest.approx([seconds] * len(found["samples"]))
    assert len(found["samples"]) >= timing.MIN_SAMPLES
    assert found["number"] == pytest.approx(max(1, timing.SAMPLE_SECONDS / seconds), abs=1)
    assert gc.isenabled()


def test_garbage_collection_comes_back_after_a_failure():
    with pytest.raises(ZeroDivisionError):
        timing.sample(lambda: 1 // 0, [])
    assert gc.isenabled()
