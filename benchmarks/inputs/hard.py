"""Inputs that are known to be hard, kept as data with their origins: ``hard_inputs/OP-DTYPE.txt``.

A line has one bit pattern per argument, then ``#`` and where it comes from. A guided search starts
from those here and from those that earlier searches found: these lie with the results, since
measuring changes no file of the project. The quick profile does not use them: its numbers would
change with the files.
"""

import os

_NEAR = 1 << 12

_PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(_PROJECT, "benchmarks", "hard_inputs")
FOUND = os.path.join(_PROJECT, "results", "hard_inputs")


def load(op, format):
    """The inputs for ``op`` (a name), as lists of bit patterns."""
    lines = []
    for folder in (FOLDER, FOUND):
        path = _path(folder, op, format)
        if os.path.exists(path):
            with open(path) as file:
                lines += [line.partition("#")[0].split() for line in file]
    return [[int(bits, 16) for bits in line] for line in lines if line]


def add(op, format, bits, origin):
    """Keep an input that was found, unless it or a near neighbour is known: a search looks around
    them anyway."""
    for known in load(op, format):
        if all(abs(one - other) < _NEAR for one, other in zip(bits, known)):
            return
    os.makedirs(FOUND, exist_ok=True)
    digits = format.width // 4
    with open(_path(FOUND, op, format), "a") as file:
        file.write(" ".join("0x%0*x" % (digits, one) for one in bits) + "  # " + origin + "\n")


def _path(folder, op, format):
    return os.path.join(folder, "%s-%s.txt" % (op, format.name))
