"""Is the processor ours alone just now? A short loop of known length tells.

On a shared machine a neighbour on the same core slows it down by a half and more, for milliseconds
or seconds, and leaves no trace in any counter. Measured on two cores of a virtual AMD EPYC: this
loop takes up to 1.1 times its best when alone, 1.5 to 1.9 times when not, and hardly ever anything
between. Of np.exp on 10 000 float32, 20 s of samples of 1 ms, the quarters of all samples lie 30 %
apart; those of the samples beside an undisturbed loop (half of them) 2 %, and the fastest are the
same.
"""

import time

from . import _scratch

_ITERATIONS = 3000
_SLACK = 0.25
# Of eight processes of 15 s each on those two cores two ran disturbed from beginning to end.
_PATIENCE = 60.0
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


def is_quiet(seconds):
    """Whether a ``spin`` that took so long was undisturbed, by the best that this Python has done
    on this machine: tools/spawner.py brings it from run to run."""
    if _best is None:
        _note(min([_scratch.load(_NAME, seconds), *(spin() for _ in range(50))]))
    if seconds < _best:
        _note(seconds)
    return seconds <= (1 + _SLACK) * _best


def wait():
    """Wait for a quiet moment. If there is none for long, the processor is a slower one now, and
    what it does at best is what counts."""
    end = time.perf_counter() + _PATIENCE
    least = float("inf")
    while time.perf_counter() < end:
        longest = max(spin(), spin())
        if is_quiet(longest):
            return
        least = min(least, longest)
        time.sleep(0.002)
    _note(least)


def _note(seconds):
    """Make it the best, here and for the processes to come."""
    global _best
    _best = seconds
    _scratch.leave(_NAME, seconds)
