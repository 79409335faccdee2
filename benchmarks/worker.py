"""Evaluates and judges one function in a release's environment, as tools/sweep.py tells it to.

``python -m benchmarks.worker BACKEND DEVICE OP DTYPE`` answers each line of JSON on standard
input with one on standard output. OP may be ``any`` for one that is asked for points alone, of ops
that the questions name:

``{"do": "block", "index": i, "known": [hash, …]}`` → ``{"hash": …, "tallies": …}``
    evaluates block ``i`` of all inputs; the hash is that of its result bits. Unless it is one of
    those that are known, the answer has the errors (``tallies`` by region) and ``neighbours`` in
    the wrong order.
``{"do": "filter", "indices": [i, …]}`` → ``{"filter_ulp": …}``
    holds the filter against mpmath on a sample of those blocks.
``{"do": "points", "arguments": [[bits, …], …]}`` → ``{"got": [bits, …]}``
    the results for these inputs, one list of bit patterns per argument; with ``"op": name`` of that
    function, which need not be one of ops.py. ``{"unavailable": reason}`` where there is none.
``{"do": "search", …}`` → ``{"evaluations": …}`` lines, then ``{"tallies": …, "filter_ulp": …}``
    a guided search (search.py).

Its first line says ``{"ready": true}`` or ``{"unavailable": reason}``; ``{"error": …}`` stands in
place of an answer that failed.
"""

import json
import os
import sys

import numpy as np

from . import available, backends, ops
from .accuracy import error_stats, fingerprint, search, sweep
from .behaviour import monotone
from .formats import ulp
from .inputs import input_sets


class Worker(object):
    def __init__(self, backend, device, op, dtype):
        self._op, self._dtype = ops.OPS.get(op), dtype
        self._format = ulp.FORMATS[dtype]
        self._mirrored = None
        self._module = available.start_one(backend, device, self._op, dtype)

    def _evaluate(self, arguments):
        return self._module.evaluate(self._op, self._dtype, arguments)

    def block(self, index, known):
        arguments = input_sets.exhaustive(self._op, self._format, index)
        got = self._evaluate(arguments)
        answer = {"hash": fingerprint.of_bits(got)}
        if answer["hash"] not in known:
            exact = self._exact(index, arguments)
            found = error_stats.of_block(self._op, self._format, arguments, got, exact)
            answer["tallies"] = {region: one.plain() for region, one in found.items()}
            answer["neighbours"] = monotone.of_block(self._op, self._format, arguments, got)
        return answer

    def _exact(self, index, arguments):
        """The filter's results for a block; of an odd or even function from its mirror
        image, the block of the negative inputs, where that was judged just before."""
        if not self._op.parity:
            return None
        half = input_sets.exhaustive_blocks(self._op, self._format) // 2
        if self._mirrored and self._mirrored[0] == index - half:
            return self._op.parity * self._mirrored[1]
        self._mirrored = index, error_stats.exact_of_block(self._op, self._format, arguments)
        return self._mirrored[1]

    def filter(self, indices):
        blocks = [input_sets.exhaustive(self._op, self._format, index) for index in indices]
        return {"filter_ulp": sweep.check_filter(self._op, self._format, blocks)}

    def points(self, arguments, op=None):
        if op is not None:
            self._op = ops.OPS.get(op) or ops.Op(op, ((0.0, 1.0),) * len(arguments))
            try:
                self._module.check(self._op, self._dtype)
            except backends.Unavailable as error:
                return {"unavailable": str(error)}
        got = self._evaluate([np.array(bits, self._format.uint) for bits in arguments])
        return {"got": [int(bits) for bits in got]}

    def search(self, **options):
        run = search.run(self._op, self._format, self._evaluate, **options)
        for evaluations in run:
            if not isinstance(evaluations, dict):
                _answer({"evaluations": evaluations})
                continue
            return evaluations


def main(arguments):
    try:
        worker = Worker(*arguments)
    except backends.Unavailable as error:
        return _answer({"unavailable": str(error)})
    _answer({"ready": True})
    for line in sys.stdin:
        question = json.loads(line)
        try:
            with np.errstate(all="ignore"):
                _answer(getattr(worker, question.pop("do"))(**question))
        except Exception as error:
            _answer({"error": "%s: %s" % (type(error).__name__, error)})


def _answer(values):
    _OUT.write(json.dumps(values) + "\n")
    _OUT.flush()


if __name__ == "__main__":
    # Libraries print to standard output; what is ours goes out by another way.
    _OUT = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    main(sys.argv[1:])
