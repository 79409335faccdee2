"""One process answers for several parameters, so that TensorFlow starts once and not for each."""

import itertools
import time

from . import _scratch, backends

# Long enough for all dtypes and sizes of most ops; what is left gets a process of its own.
_SECONDS = 20


def run(benchmark, params, asked, alike, measure):
    """The answer for ``asked``; while time is left also those for the parameters after it.

    ``measure(*parameters)`` gives an answer. ``alike`` are the positions of the parameters in
    which those others may not differ from ``asked``: what is set once in a process. An answer
    that fails ends the batch and is left to a process that is asked for it, so that one failure
    is one failure and has its own message; and all that came before is kept.
    """
    answers = {}
    end = time.time() + _SECONDS
    for parameters in _after(benchmark, params, asked, alike):
        try:
            answers[parameters] = measure(*parameters)
        except backends.Unavailable:
            if parameters == asked:
                raise
        except Exception:
            if parameters == asked:
                raise
            break
        _scratch.leave_answers(benchmark, answers)
        if time.time() > end:
            break
    return answers[asked]


def _after(benchmark, params, asked, alike):
    """``asked``, and the parameters after it that asv will ask for."""
    selected = _scratch.plan()["selection"].get(benchmark)
    wanted = None if selected is None else set(selected)
    begun = False
    for index, parameters in enumerate(itertools.product(*params)):
        begun = begun or parameters == asked
        same = all(parameters[place] == asked[place] for place in alike)
        if begun and same and (parameters == asked or wanted is None or index in wanted):
            yield parameters
