"""One process answers for several parameters, so that TensorFlow starts once and not for each."""

import itertools
import resource
import sys
import time

from . import backends
from .process import exchange

# Long enough for all dtypes and sizes of most ops; what is left gets a process of its own.
_SECONDS = 20
# Of calls that are visited again all begin in this share of it.
_FIRST = 0.5
# Their arrays stay until the last visit: a process begins no more when it has grown by so much.
_BYTES = 2 << 30


def run(benchmark, params, asked, alike, measure):
    """The answer for ``asked``; while time is left also those for the parameters after it.

    ``measure(*parameters)`` gives an answer. ``alike`` are the positions of the parameters in
    which those others may not differ from ``asked``: what is set once in a process. An answer
    that fails ends the batch and is left to a process that is asked for it, so that one failure
    is one failure and has its own message; and all that came before is kept.
    """
    answers = {}
    end = time.time() + _SECONDS
    for parameters, answer in _measured(benchmark, params, asked, alike, measure):
        answers[parameters] = answer
        exchange.leave_answers(benchmark, answers)
        if time.time() > end:
            break
    return answers[asked]


def visit(benchmark, params, asked, alike, sampling):
    """As :func:`run`, where ``sampling(*parameters)`` gives a timing.Sampling: a visit to each by
    turns, until all are done. So the samples of each are spread over the seconds that all take."""

    def begin(*parameters):
        one = sampling(*parameters)
        one.visit()
        return one

    begun, answers = {}, {}
    start, before = time.time(), _most_memory()
    for parameters, one in _measured(benchmark, params, asked, alike, begin):
        begun[parameters], answers[parameters] = one, one.result()
        exchange.leave_answers(benchmark, answers)
        if time.time() > start + _FIRST * _SECONDS or _most_memory() > before + _BYTES:
            break
    # On a processor that others disturb all the time the visits would have no end.
    end = start + 2 * _SECONDS
    while time.time() < end and not all(one.done for one in begun.values()):
        for parameters, one in begun.items():
            if not one.done and time.time() < end:
                one.visit()
                answers[parameters] = one.result()
        exchange.leave_answers(benchmark, answers)
    return answers[asked]


def _measured(benchmark, params, asked, alike, measure):
    """Parameters, ``asked`` first, and what ``measure`` says of them, up to the first failure."""
    for parameters in _after(benchmark, params, asked, alike):
        try:
            answer = measure(*parameters)
        except backends.Unavailable:
            if parameters == asked:
                raise
        except Exception:
            if parameters == asked:
                raise
            return
        else:
            yield parameters, answer


def _most_memory():
    """The most bytes that this process has had."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def _after(benchmark, params, asked, alike):
    """``asked``, and the parameters after it that asv will ask for."""
    selected = exchange.plan()["selection"].get(benchmark)
    wanted = None if selected is None else set(selected)
    begun = False
    for index, parameters in enumerate(itertools.product(*params)):
        begun = begun or parameters == asked
        same = all(parameters[place] == asked[place] for place in alike)
        if begun and same and (parameters == asked or wanted is None or index in wanted):
            yield parameters
