"""Is the processor ours alone just now? A short loop of known length tells.

On a shared machine a neighbour on the same core slows it down by a half and more, for milliseconds
or seconds, and leaves no trace in any counter. Measured on two cores of a virtual AMD EPYC: this
loop takes up to 1.1 times its best when alone, 1.5 to 1.9 times when not, and hardly ever anything
between. Of np.exp on 10 000 float32, 20 s of samples of 1 ms, the quarters of all samples lie 30 %
apart; those of the samples beside an undisturbed loop (half of them) 2 %, and the fastest are the
same.

What it does not keep out: on another kind of EPYC the clock itself changes with what all cores of
the processor do, in steps that make the loop take 1.1 to 1.35 times its best, for up to minutes. To
wait for the highest would take longer than to measure; rounds over releases spread it over them.
"""

import time

from ..process import exchange

_ITERATIONS = 3000
_SLACK = 0.4
# How much slower this loop is in one process than in another, for as long as they live: with the
# same Python on the same undisturbed processor its best was 39 to 48 µs in 24 processes.
_PROCESS = 0.3
# Between two loops, seconds: about what a sample takes.
_APART = 0.001
# Where no best is known. On a virtual AMD Milan, where a neighbour takes half of a core for
# half of the time, every second but three of sixty had undisturbed moments; a first look of 30 ms
# fell into a disturbed one, and all that followed was taken for undisturbed.
_FIRST_LOOK = 1.0
_LOOKS = 20
_NAME = "spin.json"

_known = None
"""The best that this Python has done on this machine, in whichever process."""
_own = None
"""The best of this process."""
_waited = 0.0


def spin():
    """Seconds that a loop of plain Python takes, some tens of microseconds."""
    for _ in range(_ITERATIONS // 20):  # its code and the counter back in the caches
        pass
    start = time.perf_counter()
    for _ in range(_ITERATIONS):
        pass
    return time.perf_counter() - start


def is_quiet(spins):
    """Whether what ran between two ``spin``, the longer of which took ``spins``, was undisturbed:
    whether that is near the best of this process, or, where this may have been disturbed from its
    beginning, of all (tools/running/spawner.py brings that from run to run).
    """
    if _own is None:
        _look(_FIRST_LOOK if exchange.load(_NAME, None) is None else 0.0)
    elif spins * (1 + _SLACK) < _own:
        _look(0.0)  # that was no good one
    return spins <= (1 + _SLACK) * min(_own, (1 + _PROCESS) * _known)


def wait(most):
    """Wait for a quiet moment; returns the last ``spin``. If there is none in the ``most`` seconds
    that a process waits all in all, the processor is a slower one now, and what it does at best is
    what counts.

    Awake: on another kind of EPYC the loop takes 1.4 times its best after a sleep of 2 ms.
    """
    global _waited
    start = now = time.perf_counter()
    both = _two()
    least = max(both)
    while not is_quiet(max(both)) and _waited + now - start < most:
        both = _two()
        least = min(least, max(both))
        now = time.perf_counter()
    _waited += now - start
    if not is_quiet(max(both)):
        _note(least, least)
    return both[1]


def _two():
    """What the best is the best of: a ``spin`` and another after a while of nothing else. What is
    measured may wait for memory, and a ``spin`` beside it then runs at a clock that no work keeps.
    """
    before, end = spin(), time.perf_counter() + _APART
    while time.perf_counter() < end:
        pass
    return before, spin()


def _look(seconds):
    """Note the best of a while."""
    end = time.perf_counter() + seconds
    best = min(max(_two()) for _ in range(_LOOKS))
    while time.perf_counter() < end:
        best = min(best, max(_two()))
    _note(best, min(best, exchange.load(_NAME, best)))


def _note(own, known):
    """Take these for the best, here and in the processes to come."""
    global _own, _known
    _own, _known = own, known
    exchange.leave(_NAME, known)
