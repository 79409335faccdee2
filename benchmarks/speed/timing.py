"""The sampling loop that all times come from."""

import gc
import itertools
import time
from typing import NamedTuple

from . import contention


class Profile(NamedTuple):
    """How long to look, in asv's words where it has some: `asv run -a repeat=20` changes one.

    ``warmup_time``
        seconds to call before the clock counts, at least.
    ``sample_time``
        seconds that the calls of one sample take together, at least.
    ``repeat``
        samples to keep, the faster half of those taken; fewer, but two, of what takes much longer
        than ``sample_time``.
    ``patience``
        how many times longer it may take to find samples that nobody disturbed.
    """

    warmup_time: float
    sample_time: float
    repeat: int
    patience: float


# What differs is the process, not the sample. Of 280 benchmarks of NumPy 2.4.6 on two cores of a
# virtual AMD EPYC the samples of a process are 0.1 to 3 % apart, processes up to 20 % (of a million
# float32 np.add takes 98 or 118 µs, whatever their addresses). So of slow-downs by 10 % two
# processes of twenty samples found 39 %, eight of eight find 96 % (tools/noise.py).
ROUNDS = 8
FULL = Profile(warmup_time=0.01, sample_time=0.001, repeat=6, patience=2)
# Without patience's limit waiting is most of its time beside a busy neighbour (88 % once).
QUICK = Profile(warmup_time=0.005, sample_time=0.001, repeat=5, patience=1)
# Seconds: of a call that takes longer two are what it is worth. Of 38 s that one call of each of
# NumPy's benchmarks takes, 22 are calls of 0.05 to 0.5 s.
_LONG = 0.05


def profile(plan):
    """The profile that a run of asv asks for (see exchange.plan): --quick, and -a over it.

    With --quick asv itself asks for one call, of which nothing can be said.
    """
    if plan["quick"]:
        return QUICK
    asked = plan["attributes"]
    known = {name: asked[name] for name in Profile._fields if name in asked}
    if isinstance(known.get("repeat"), list):  # asv's (least, most, seconds)
        known["repeat"] = known["repeat"][1]
    return FULL._replace(**known)


# All that disturbs a call makes it longer. What contention.py cannot see, like a neighbour at the
# memory, is in the slower half: of 96 benchmarks of NumPy, each run three times, 37 were more than
# 5 % apart by the medians of all samples, 13 by those of the faster half.
_TAKEN = 2
_LEAST_TAKEN = 4
# Calls in a sample, at least, where _STRETCH times its usual length is enough for them. Each sample
# begins after a loop on one thread (contention.py), and the other threads are slow to wake: samples
# of two or three calls that two threads share were up to 1.8 times too slow.
_LEAST_CALLS = 10
_STRETCH = 5
# Warm is what no longer gets faster by more than this; what still does after so many warm-up times
# is drifting, and no waiting helps.
_STEADY = 0.03
_DRIFT = 5
# Seconds that a process waits for quiet moments, all in all, times the patience: in the full
# profile half of what it measures for (batch.py). Of eight processes of 15 s each on two cores of a
# virtual AMD EPYC two ran disturbed from beginning to end.
_WAIT = 4.0


# A neighbour at the memory or a clock that changes lasts for a second or so, and what it slows down
# is slow for all of 30 ms. On a virtual AMD EPYC twelve samples in a row were 2 to 4 % apart (the
# standard deviation, within a process, of np.log, np.add, np.exp and np.max), 0.3 to 2 % when 3 s
# lay between the first and the last. So a call is visited again, while others are measured
# (batch.py).
_VISIT = 4
_VISIT_LONG = 2


class Sampling(object):
    """Times ``function(*arguments)``, some samples a visit, until it is ``done``.

    ``places`` is a list of arguments that are alike but for where in memory they are; the calls
    take them by turns. A sample is the mean of ``n`` calls. asv's own loop calls setup before every
    call since asv_runner 0.3.0, which puts a microsecond on a call that takes 0.3 (see README).
    """

    def __init__(self, function, places, profile=FULL):
        self._loop, self._function, self._profile = _LOOPS[len(places[0])], function, profile
        self._turns = itertools.cycle([one[0] if len(one) == 1 else one for one in places])
        self._number, self._taken, self._spent, self._kept = 0, [], 0.0, None
        self.done = False

    def result(self):
        """asv's ``{"samples": [seconds per call, …], "number": n}``, of the visits so far: the
        faster half of the samples while nobody disturbed the processor (contention.py); if there
        are hardly any, of the least disturbed."""
        kept = self._kept or self._faster_half()
        return {"samples": [float("%.5g" % seconds) for seconds in kept], "number": self._number}

    def visit(self):
        collecting = gc.isenabled()
        gc.disable()
        try:
            if self._number:
                self._call(self._number)  # warm again
            else:
                self._begin()
            if not self.done:
                self._take()
        finally:
            if collecting:
                gc.enable()

    def _call(self, number):
        return self._loop(self._function, self._turns, number)

    def _begin(self):
        """Two calls of what takes long; the first is one of them unless it is slower than the
        second: a library may have been setting something up. Of all else the warm-up."""
        calls = [self._call(1)]
        while calls[-1] > _LONG:
            if len(calls) == 3 or (len(calls) == 2 and calls[1] > (1 - _STEADY) * calls[0]):
                self._number, self._kept, self.done = 1, calls[-2:], True
                return
            calls.append(self._call(1))
        self._number = self._warm_up()

    def _warm_up(self):
        """Call until the time of a call is steady; returns how many calls make a sample."""
        number, spent, last = 1, 0.0, float("inf")
        while True:
            seconds = self._call(number)
            spent += seconds
            each = seconds / number
            if 2 * seconds < self._profile.sample_time:
                number *= 2
            else:
                steady = each > (1 - _STEADY) * last
                if spent >= self._profile.warmup_time * (1 if steady else _DRIFT):
                    return _calls(each, self._profile.sample_time)
            last = each

    def _take(self):
        """Samples of one visit; the last one when there are as many as asked for, or as few as are
        worth the time where calls are long or the processor is disturbed."""
        most = _TAKEN * self._profile.repeat
        enough = 5 * most * self._profile.sample_time
        patience = self._profile.patience
        earlier = len(self._taken)
        before = contention.spin()
        while True:
            seconds = self._call(self._number)
            after = contention.spin()
            self._taken.append((max(before, after), seconds / self._number))
            self._spent += seconds
            alone = contention.is_quiet(self._taken[-1][0])
            undisturbed = len(self._undisturbed())
            impatient = self._spent >= patience * enough
            self.done = (
                undisturbed >= most
                or (self._spent >= enough and undisturbed >= _LEAST_TAKEN)
                or (impatient and len(self._taken) >= patience * _LEAST_TAKEN)
            )
            visit = _VISIT if seconds <= 5 * self._profile.sample_time else _VISIT_LONG
            if (
                self.done
                or len(self._undisturbed(earlier)) >= visit
                or len(self._taken) - earlier >= patience * visit
            ):
                return
            before = after if alone else contention.wait(_WAIT * patience)

    def _faster_half(self):
        samples = self._undisturbed()
        if len(samples) < _LEAST_TAKEN:
            samples = [each for _, each in sorted(self._taken)[:_LEAST_TAKEN]]
        return sorted(samples)[: max(1, len(samples) // _TAKEN)]

    def _undisturbed(self, since=0):
        """Looked at anew each time: what is undisturbed may have just been learnt."""
        return [each for spins, each in self._taken[since:] if contention.is_quiet(spins)]


def _calls(each, sample_time):
    """How many calls of ``each`` seconds make a sample."""
    few = min(_LEAST_CALLS, int(_STRETCH * sample_time / max(each, 1e-9)))
    return max(1, few, round(sample_time / max(each, 1e-9)))


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
