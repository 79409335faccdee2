"""The sampling loop that all times come from."""

import gc
import itertools
import time

SAMPLE_SECONDS = 0.01
BUDGET_SECONDS = 0.2
MIN_SAMPLES = 5
WARMUP_SECONDS = 0.05


def sample(function, arguments):
    """Time ``function(*arguments)``: asv's ``{"samples": [seconds per call, …], "number": n}``.

    A sample is the mean of ``n`` calls that take about SAMPLE_SECONDS together. asv's own loop
    calls setup before every call since asv_runner 0.3.0, which puts a microsecond on a call that
    takes 0.3 (see README).
    """
    loop = _LOOPS[len(arguments)]
    collecting = gc.isenabled()
    gc.disable()
    try:
        number = _calibrate(loop, function, arguments)
        samples = []
        end = time.perf_counter() + BUDGET_SECONDS
        while len(samples) < MIN_SAMPLES or time.perf_counter() < end:
            samples.append(loop(function, arguments, number) / number)
    finally:
        if collecting:
            gc.enable()
    return {"samples": samples, "number": number}


def _calibrate(loop, function, arguments):
    """Warm up, and return how many calls take SAMPLE_SECONDS."""
    number, spent = 1, 0.0
    # The first call may load or compile: its time says nothing of how many fit into a sample.
    loop(function, arguments, number)
    while True:
        seconds = loop(function, arguments, number)
        spent += seconds
        if spent >= WARMUP_SECONDS:
            return max(1, int(number * SAMPLE_SECONDS / max(seconds, 1e-9)))
        if seconds < SAMPLE_SECONDS:
            number *= 2


# A loop per number of arguments: calling through *arguments costs as much as a short function.
def _loop0(function, arguments, number):
    repeat = itertools.repeat(None, number)
    start = time.perf_counter()
    for _ in repeat:
        function()
    return time.perf_counter() - start


def _loop1(function, arguments, number):
    (x,) = arguments
    repeat = itertools.repeat(None, number)
    start = time.perf_counter()
    for _ in repeat:
        function(x)
    return time.perf_counter() - start


def _loop2(function, arguments, number):
    x, y = arguments
    repeat = itertools.repeat(None, number)
    start = time.perf_counter()
    for _ in repeat:
        function(x, y)
    return time.perf_counter() - start


_LOOPS = [_loop0, _loop1, _loop2]
