"""Signals that end a command come as Ctrl-C does, once, but for those that nohup has ignored."""

import os
import signal

import pytest

from tools.foundation.interrupts import as_interrupts


@pytest.fixture(autouse=True)
def handlers():
    """As they are in a command that nobody has told to ignore one."""
    before = {one: signal.signal(one, signal.SIG_DFL) for one in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_comes_as_an_interrupt_and_a_second_does_not_disturb_the_tidying_up(number):
    with pytest.raises(KeyboardInterrupt), as_interrupts():
        try:
            os.kill(os.getpid(), number)
            pytest.fail("it went on")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)


def test_what_is_ignored_stays_so():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with as_interrupts():
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
