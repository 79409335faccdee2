"""Whether the processor is undisturbed, by a loop that always takes as long."""

import pytest

from benchmarks.speed import contention


@pytest.fixture
def spins(monkeypatch, tmp_path):
    """A process of its own, in which undisturbed loops take 10 µs."""
    monkeypatch.setenv("ULPWATCH_SCRATCH", str(tmp_path))
    monkeypatch.setattr(contention, "spin", lambda: 1e-5)
    monkeypatch.setattr(contention, "_own", None)
    monkeypatch.setattr(contention, "_waited", 0.0)
    monkeypatch.setattr(contention, "_FIRST_LOOK", 0.0)
    return tmp_path


@pytest.mark.parametrize(
    ("took", "quiet_then"), [(1e-5, True), (1.35e-5, True), (1.5e-5, False), (3e-5, False)]
)
def test_half_as_long_again_is_disturbed(spins, took, quiet_then):
    assert contention.is_quiet(took) is quiet_then


def test_the_best_of_all_processes_counts(spins, monkeypatch):
    assert contention.is_quiet(1e-5)
    monkeypatch.setattr(contention, "_own", None)
    monkeypatch.setattr(contention, "spin", lambda: 2e-5)  # another process, disturbed all the time
    assert not contention.is_quiet(2e-5)


def test_a_loop_that_was_fast_by_luck_is_no_measure(spins):
    assert contention.is_quiet(1e-5)
    assert contention.is_quiet(0.5e-5)
    assert contention.is_quiet(1e-5)


def test_a_best_that_was_disturbed_is_found_out(spins, monkeypatch):
    """Disturbed when it first looked, by half."""
    monkeypatch.setattr(contention, "spin", lambda: 2e-5)
    assert contention.is_quiet(2e-5)
    monkeypatch.setattr(contention, "spin", lambda: 1e-5)
    assert contention.is_quiet(1e-5)
    assert not contention.is_quiet(2e-5)


def test_outside_of_asv_the_best_of_this_process_counts(monkeypatch):
    monkeypatch.delenv("ULPWATCH_SCRATCH", raising=False)
    monkeypatch.setattr(contention, "spin", lambda: 1e-5)
    monkeypatch.setattr(contention, "_own", None)
    assert contention.is_quiet(1e-5)
    assert not contention.is_quiet(2e-5)


class Machine:
    """Its clock, and loops that take twice as long until ``quiet_at`` and then ``after``."""

    def __init__(self, quiet_at, after=1e-5):
        self.now, self.quiet_at, self.after = 0.0, quiet_at, after

    def spin(self):
        took = 2e-5 if self.now < self.quiet_at else self.after
        self.now += took
        return took

    def perf_counter(self):
        self.now += 1e-6
        return self.now


@pytest.mark.parametrize(("quiet_at", "left_at"), [(0.0, 0.001), (3.0, 3.01), (1e9, 20.01)])
def test_waits_for_a_quiet_moment_but_not_for_ever(spins, monkeypatch, quiet_at, left_at):
    assert contention.is_quiet(1e-5)
    machine = Machine(quiet_at)
    monkeypatch.setattr(contention, "spin", machine.spin)
    monkeypatch.setattr(contention, "time", machine)
    contention.wait(20)
    assert machine.now == pytest.approx(left_at, abs=0.01)


def test_a_process_waits_so_long_but_once(spins, monkeypatch):
    assert contention.is_quiet(1e-5)
    machine = Machine(1e9)
    monkeypatch.setattr(contention, "spin", machine.spin)
    monkeypatch.setattr(contention, "time", machine)
    for _ in range(5):
        contention.wait(20)
    assert machine.now == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize(
    ("own", "took", "quiet_then"),
    [(1.25, 1.7, True), (1.25, 1.8, False), (1.6, 1.6, True), (2, 2, False)],
)
def test_a_slow_process_is_no_disturbed_one(spins, monkeypatch, own, took, quiet_then):
    """Up to 1.3 times the best of all is a process's own way, and 1.4 times that is disturbed."""
    assert contention.is_quiet(1e-5)
    monkeypatch.setattr(contention, "_own", None)
    monkeypatch.setattr(contention, "spin", lambda: own * 1e-5)
    assert contention.is_quiet(took * 1e-5) is quiet_then


def test_a_processor_that_became_slower_is_taken_as_it_is(spins, monkeypatch):
    assert not contention.is_quiet(2e-5)
    slow, fast = Machine(1e9), Machine(0)
    for machine, then in ((slow, True), (fast, False)):
        monkeypatch.setattr(contention, "spin", machine.spin)
        monkeypatch.setattr(contention, "time", machine)
        contention.wait(20)
        assert contention.is_quiet(2e-5) is then


def test_the_loop_takes_longer_than_the_clock_can_miss():
    assert contention.spin() > 1e-6
