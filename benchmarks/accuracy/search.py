"""A guided search for the worst input where not all can be tried.

In the manner of Zimmermann's black-box search (Innocente and Zimmermann, Accuracy of Mathematical
Functions in Single, Double, Double Extended, and Quadruple Precision): cut the inputs into parts,
try some in each, go on with the parts that gave the largest errors, and try all inputs at the end.

The inputs are numbered in the order of their values, so that a part is an interval of numbers for
each argument: a box. A round starts from one part per binade (for two arguments, from random pairs
of binades and from the usual intervals), halves the best until they are small, and tries the last
ones whole. The budget is a number of evaluations; the same seed gives the same search.
"""

import numpy as np

from ..formats import ulp
from ..inputs import input_sets
from . import error_stats, sweep

# A batch is a block of one shape, so that what compiles for a shape compiles once.
_BATCH = input_sets.BLOCK
# Parts that go on from level to level. Each is halved _HALVINGS times, so that a level is a batch
# of 128 tries for each of 512 parts, and it takes 15 levels from a binade of float64 to the end.
_PARTS = 64
_HALVINGS = 3
_CUTS = _PARTS << _HALVINGS
# Batches of the first level.
_FIRST = 4


def run(op, format, evaluate, budget, seed=1, hard=()):
    """Search until ``budget`` evaluations are spent, of which the last batch may exceed it.

    ``hard`` are known inputs, as bit patterns; all are tried.

    Yields the number of evaluations so far, and at last a dict of ``tallies`` by region (as plain
    values), ``filter_ulp`` and ``evaluations``.
    """
    search = _Search(op, format, evaluate, budget, seed)
    if hard:
        for _ in search.around(hard):
            yield search.evaluations
    round_number = 0
    while search.left():
        for _ in search.descend(round_number):
            yield search.evaluations
        round_number += 1
    filter_ulp = sweep.check_filter(
        op, format, search.kept or list(input_sets.quick(op, format))[:8]
    )
    yield {
        "tallies": {region: one.plain() for region, one in search.tallies.items()},
        "filter_ulp": filter_ulp,
        "evaluations": search.evaluations,
    }


class _Search(object):
    def __init__(self, op, format, evaluate, budget, seed):
        self.op, self.format, self.evaluate = op, format, evaluate
        self.budget, self.seed = budget, seed
        self.evaluations = self.drawn = 0
        self.tallies = {region: error_stats.Tally() for region in error_stats.REGIONS}
        self.kept = []

    def left(self):
        return self.evaluations < self.budget

    def errors(self, numbers):
        """Errors (in region normal, else -1) of the inputs with these numbers, one row an argument;
        all are tallied."""
        count = numbers.shape[1]
        padded = np.resize(numbers, (numbers.shape[0], -(-count // _BATCH) * _BATCH))
        if padded.shape[1] != count:  # np.resize repeats over rows, which would mix arguments
            padded = np.stack([np.resize(row, padded.shape[1]) for row in numbers])
        found = [
            self._batch(padded[:, at : at + _BATCH]) for at in range(0, padded.shape[1], _BATCH)
        ]
        return np.concatenate(found)[:count]

    def _batch(self, numbers):
        arguments = [_to_bits(row, self.format) for row in numbers]
        got = self.evaluate(arguments)
        self.evaluations += _BATCH
        if len(self.kept) < 16:
            self.kept.append(arguments)
        for region, found in error_stats.of_block(self.op, self.format, arguments, got).items():
            self.tallies[region].merge(found)
        values = [ulp.wide(bits, self.format) for bits in arguments]
        exact = self.op.wide(*values)
        # Without a wider float this finds only errors beyond an ULP or so; tallies are certain.
        errors = ulp.error(ulp.wide(got, self.format), exact, self.format)
        special = np.abs(exact) < self.format.smallest_normal
        for value in values:
            special |= np.abs(value) < self.format.smallest_normal
        return np.where(special | np.isnan(errors), -1, errors).astype(np.float64)

    def around(self, hard):
        """The neighbours of known inputs: 2**10 of one argument, 2**5 by 2**5 of two."""
        reach = 1 << (9 if self.op.arity == 1 else 4)
        steps = np.arange(-reach, reach, dtype=np.int64)
        offsets = np.stack(np.meshgrid(*[steps] * self.op.arity)).reshape(self.op.arity, -1)
        for bits in hard:
            centre = _to_numbers(np.array(bits, self.format.uint), self.format)
            self.errors(_clip(centre[:, None] + offsets, self.format))
            yield

    def descend(self, round_number):
        """One round: from parts over everything to a few small ones."""
        low, high = self._first_parts(round_number)
        # The first level decides where a round goes, and is worth more; the budget goes first.
        batches = max(1, min(_FIRST, (self.budget - self.evaluations) // _BATCH))
        while self.left():
            tries = batches * _BATCH // low.shape[1]
            errors = self.errors(self._draw(low, high, tries)).reshape(-1, tries).max(axis=1)
            batches = 1
            yield
            best = np.argsort(-errors, kind="mergesort")[:_PARTS]
            low, high = low[:, best], high[:, best]
            width = (high - low).max(axis=0)
            if width.max() <= _BATCH // _PARTS:
                self._try_all(low[:, :8], high[:, :8])
                yield
                return
            for _ in range(_HALVINGS):
                low, high = _halve(low, high)

    def _first_parts(self, round_number):
        format, op = self.format, self.op
        if op.arity == 1 and round_number % 2 == 0:
            edges = _binade_edges(format)
            return edges[None, :-1], edges[None, 1:]
        # The usual intervals, and for two arguments binades at random, in _CUTS parts.
        low, high = [], []
        for argument, interval in enumerate(op.usual):
            if op.arity == 2 and round_number % 2 == 0:
                edges = _binade_edges(format)
                at = self._random(_CUTS) % np.uint64(edges.size - 1)
                low.append(edges[at.astype(np.intp)])
                high.append(edges[at.astype(np.intp) + 1])
            else:
                # By value: by number nearly all parts would be next to zero.
                values = np.linspace(interval[0], interval[1], _CUTS + 1)
                edges = _to_numbers(ulp.encode(values, format), format)
                order = np.argsort(self._random(_CUTS)) if argument else slice(None)
                low.append(edges[:-1][order])
                high.append(edges[1:][order])
        return np.stack(low), np.maximum(np.stack(high), np.stack(low) + 1)

    def _draw(self, low, high, tries):
        """``tries`` random inputs of each part, part by part."""
        rows = []
        for first, last in zip(low, high):
            width = (last - first).astype(np.uint64).repeat(tries)
            rows.append(first.repeat(tries) + (self._random(width.size) % width).astype(np.int64))
        return _clip(np.stack(rows), self.format)

    def _try_all(self, low, high):
        """All inputs of small parts, at most a batch of each."""
        for part in range(low.shape[1]):
            if not self.left():
                return
            spans = [
                np.arange(first, max(last, first + 1))
                for first, last in zip(low[:, part], high[:, part])
            ]
            grid = np.stack(np.meshgrid(*spans)).reshape(len(spans), -1)[:, :_BATCH]
            self.errors(_clip(grid, self.format))

    def _random(self, count):
        self.drawn += count
        return input_sets.random_bits(100 + self.seed, self.drawn - count, count)


def _halve(low, high):
    """Each part as two, cut in the middle of its longest side."""
    longest = (high - low).argmax(axis=0)
    column = np.arange(low.shape[1])
    middle = (low + (high - low) // 2)[longest, column]
    first_high, second_low = high.copy(), low.copy()
    first_high[longest, column] = np.maximum(middle, low[longest, column] + 1)
    second_low[longest, column] = np.minimum(middle, high[longest, column] - 1)
    return np.hstack([low, second_low]), np.hstack([first_high, high])


def _binade_edges(format):
    """The numbers of the finite powers of two of both signs, and of the largest numbers."""
    step = 1 << (format.precision - 1)
    positive = np.arange(0, 2 * format.emax + 2, dtype=np.int64) * step
    return np.concatenate([-positive[:0:-1], positive])


def _clip(numbers, format):
    """Into the finite numbers."""
    largest = ((2 * format.emax + 1) << (format.precision - 1)) - 1
    return np.clip(numbers, -largest, largest)


def _to_numbers(bits, format):
    """Signed integers in the order of the values; both zeros are 0."""
    sign = np.uint64(1 << (format.width - 1))
    bits = bits.astype(np.uint64)
    magnitude = (bits & (sign - np.uint64(1))).astype(np.int64)
    return np.where(bits & sign, -magnitude, magnitude)


def _to_bits(numbers, format):
    sign = np.uint64(1 << (format.width - 1))
    magnitude = np.abs(numbers).astype(np.uint64)
    return np.where(numbers < 0, magnitude | sign, magnitude).astype(format.uint)
