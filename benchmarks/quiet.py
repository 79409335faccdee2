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

from . import _scratch

_ITERATIONS = 3000
_SLACK = 0.4
# Between two loops, seconds: about what a sample takes.
_APART = 0.001
# Of eight processes of 15 s each on those two cores two ran disturbed from beginning to end.
_PATIENCE = 60.0
# Where no best is known. On a virtual AMD Milan, where a neighbour takes half of a core for
# half of the time, every second but three of sixty had undisturbed moments; a first look of 30 ms
# fell into a disturbed one, and all that followed was taken for undisturbed.
_FIRST_LOOK = 1.0
_LOOKS = 20
_NAME = "spin.json"

_best = None


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
    whether that is near the best that this Python has done on this machine (tools/spawner.py brings
    it from run to run).
    """
    if _best is None:
        known = _scratch.load(_NAME, None)
        _look(_FIRST_LOOK if known is None else 0.0, known or float("inf"))
    elif spins * (1 + _SLACK) < _best:
        _look(0.0, _best)  # the best was no good one
    return spins <= (1 + _SLACK) * _best


def wait():
    """Wait for a quiet moment; returns the last ``spin``. If there is none for long, the processor
    is a slower one now, and what it does at best is what counts.

    Awake: on that other kind the loop takes 1.4 times its best after a sleep of 2 ms.
    """
    end = time.perf_counter() + _PATIENCE
    least = float("inf")
    while time.perf_counter() < end:
        both = _two()
        least = min(least, max(both))
        if is_quiet(max(both)):
            if least < _best:
                _note(least)
            return both[1]
    _note(least)
    return both[1]


def _look(seconds, known):
    """Note the best of a while, if it is better than the one ``known``."""
    end = time.perf_counter() + seconds
    found = [known] + [max(_two()) for _ in range(_LOOKS)]
    while time.perf_counter() < end:
        found.append(max(_two()))
    _note(min(found))


def _two():
    """What the best is the best of: a ``spin`` and another after a while of nothing else. What is
    measured may wait for memory, and a ``spin`` beside it then runs at a clock that no work keeps.
    """
    before, end = spin(), time.perf_counter() + _APART
    while time.perf_counter() < end:
        pass
    return before, spin()


def _note(seconds):
    """Make it the best, here and for the processes to come."""
    global _best
    _best = seconds
    _scratch.leave(_NAME, seconds)
