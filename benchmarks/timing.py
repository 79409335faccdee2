"""The sampling loop that all times come from."""

import gc
import itertools
import time
from typing import NamedTuple

from . import quiet


class Profile(NamedTuple):
    """How long to look, in asv's words where it has some: `asv run -a repeat=20` changes one.

    ``warmup_time``
        seconds to call before the clock counts, at least.
    ``sample_time``
        seconds that the calls of one sample take together, at least.
    ``repeat``
        samples to keep, the faster half of those taken; fewer, but two, of what takes much longer
        than ``sample_time``.
    ``long``
        seconds: of a call that takes longer, two are what it is worth.
    ``patience``
        how many times longer it may take to find samples that nobody disturbed.
    """

    warmup_time: float
    sample_time: float
    repeat: int
    long: float
    patience: float


FULL = Profile(warmup_time=0.02, sample_time=0.001, repeat=10, long=0.5, patience=5)
# Without `long` arrays of ten million are most of its time: of 38 s that one call of each of
# NumPy's benchmarks takes, 22 are calls of 0.05 to 0.5 s, of each of which the full profile makes
# six. Without patience's limit waiting is, beside a busy neighbour: 88 % of TensorFlow's.
QUICK = Profile(warmup_time=0.005, sample_time=0.001, repeat=5, long=0.05, patience=1)


def profile(plan):
    """The profile that a run of asv asks for (see _scratch.plan): --quick, and -a over it.

    With --quick asv itself asks for one call, of which nothing can be said.
    """
    if plan["quick"]:
        return QUICK
    asked = plan["attributes"]
    known = {name: asked[name] for name in Profile._fields if name in asked}
    if isinstance(known.get("repeat"), list):  # asv's (least, most, seconds)
        known["repeat"] = known["repeat"][1]
    return FULL._replace(**known)


# All that disturbs a call makes it longer. What quiet.py cannot see, like a neighbour at the
# memory, is in the slower half: of 96 benchmarks of NumPy, each run three times, 37 were more than
# 5 % apart by the medians of all samples, 13 by those of the faster half.
_TAKEN = 2
_LEAST_TAKEN = 4
# Calls in a sample, at least, where _STRETCH times its usual length is enough for them. Each sample
# begins after a loop on one thread (quiet.py), and the other threads are slow to wake: samples of
# two or three calls that two threads share were up to 1.8 times too slow.
_LEAST_CALLS = 10
_STRETCH = 5
# Warm is what no longer gets faster by more than this; what still does after so many warm-up times
# is drifting, and no waiting helps.
_STEADY = 0.03
_DRIFT = 5
# Seconds that a process waits for quiet moments, all in all, times the patience: in the full
# profile about what it measures for (batch.py). Of eight processes of 15 s each on two cores of a
# virtual AMD EPYC two ran disturbed from beginning to end.
_WAIT = 4.0


def sample(function, places, profile=FULL):
    """Time ``function(*arguments)``: asv's ``{"samples": [seconds per call, …], "number": n}``.

    ``places`` is a list of arguments that are alike but for where in memory they are; the calls
    take them by turns. A sample is the mean of ``n`` calls. asv's own loop calls setup before every
    call since asv_runner 0.3.0, which puts a microsecond on a call that takes 0.3 (see README).
    """
    loop = _LOOPS[len(places[0])]
    turns = itertools.cycle([one[0] if len(one) == 1 else one for one in places])
    collecting = gc.isenabled()
    gc.disable()
    try:
        number, samples = 1, _long_calls(loop, function, turns, profile)
        if not samples:
            number = _warm_up(loop, function, turns, profile)
            samples = _samples(loop, function, turns, number, profile)
    finally:
        if collecting:
            gc.enable()
    return {"samples": [float("%.5g" % seconds) for seconds in samples], "number": number}


def _long_calls(loop, function, turns, profile):
    """Two calls of what takes long, none of what does not. The first is one of them unless it is
    slower than the second: a library may have been setting something up."""
    calls = [loop(function, turns, 1)]
    while calls[-1] > profile.long:
        if len(calls) == 3 or (len(calls) == 2 and calls[1] > (1 - _STEADY) * calls[0]):
            return calls[-2:]
        calls.append(loop(function, turns, 1))
    return []


def _warm_up(loop, function, turns, profile):
    """Call until the time of a call is steady; returns how many calls make a sample."""
    number, spent, last = 1, 0.0, float("inf")
    while True:
        seconds = loop(function, turns, number)
        spent += seconds
        each = seconds / number
        if 2 * seconds < profile.sample_time:
            number *= 2
        else:
            steady = each > (1 - _STEADY) * last
            if spent >= profile.warmup_time * (1 if steady else _DRIFT):
                return _calls(each, profile.sample_time)
        last = each


def _calls(each, sample_time):
    """How many calls of ``each`` seconds make a sample."""
    few = min(_LEAST_CALLS, int(_STRETCH * sample_time / max(each, 1e-9)))
    return max(1, few, round(sample_time / max(each, 1e-9)))


def _samples(loop, function, turns, number, profile):
    """Means of ``number`` calls, the faster half of those while nobody disturbed the processor
    (quiet.py); if there is little such time, of the least disturbed."""
    taken, spent = [], 0.0
    most = _TAKEN * profile.repeat
    enough = 5 * most * profile.sample_time
    before = quiet.spin()
    while True:
        seconds = loop(function, turns, number)
        after = quiet.spin()
        taken.append((max(before, after), seconds / number))
        spent += seconds
        alone = quiet.is_quiet(taken[-1][0])
        # All of them anew: what is undisturbed may have just been learnt.
        undisturbed = [each for spins, each in taken if quiet.is_quiet(spins)]
        if len(undisturbed) == most or (spent >= enough and len(undisturbed) >= _LEAST_TAKEN):
            return _faster_half(undisturbed)
        if spent >= profile.patience * enough and len(taken) >= profile.patience * _LEAST_TAKEN:
            return _faster_half([each for _, each in sorted(taken)[:_LEAST_TAKEN]])
        before = after if alone else quiet.wait(_WAIT * profile.patience)


def _faster_half(samples):
    return sorted(samples)[: len(samples) // _TAKEN]


def slowed(function, share):
    """``function``, made slower on purpose by this share of its time: would it be found?"""

    def slower(*arguments):
        start = time.perf_counter()
        result = function(*arguments)
        end = time.perf_counter()
        end += share * (end - start)
        while time.perf_counter() < end:
            pass
        return result

    return slower


# A loop per number of arguments: calling through *arguments costs as much as a short function.
def _loop0(function, turns, number):
    calls = itertools.islice(turns, number)
    start = time.perf_counter()
    for _ in calls:
        function()
    return time.perf_counter() - start


def _loop1(function, turns, number):
    calls = itertools.islice(turns, number)
    start = time.perf_counter()
    for x in calls:
        function(x)
    return time.perf_counter() - start


def _loop2(function, turns, number):
    calls = itertools.islice(turns, number)
    start = time.perf_counter()
    for x, y in calls:
        function(x, y)
    return time.perf_counter() - start


_LOOPS = [_loop0, _loop1, _loop2]
