"""Is the processor ours alone just now? A short loop of known length tells.

On a shared machine a neighbour slows a core down by a third for milliseconds or seconds, and leaves
no trace in any counter. Measured on two cores of a virtual AMD EPYC, np.exp on 10 000 float32, 20 s
of samples of 1 ms: the quarters of all of them lie 30 % apart; those of the samples for which this
loop ran within 10 % of its best (half of them) 1.6 %, and the fastest are the same.
"""

import time

from . import _scratch

_ITERATIONS = 3000
# Beyond this a sample is disturbed. The result above is the same for 2 % and for 10 %.
_SLACK = 0.10
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
    """Whether a ``spin`` that took so long was undisturbed, by the best of this run of asv."""
    global _best
    if _best is None:
        _best = min([_scratch.load(_NAME, seconds), *(spin() for _ in range(50))])
        _scratch.keep_least(_NAME, _best)
    if seconds < _best:
        _best = seconds
        _scratch.keep_least(_NAME, _best)
    return seconds <= (1 + _SLACK) * _best
