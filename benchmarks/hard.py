"""Inputs that are known to be hard, kept as data with their origins: ``hard_inputs/OP-DTYPE.txt``.

A line has one bit pattern per argument, then ``#`` and where it comes from. A guided search starts
from them and tools/sweep.py adds what it finds. The quick profile does not use them: its numbers
would change with the files.
"""

import os

_NEAR = 1 << 12

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hard_inputs")


def load(op, format):
    """The inputs for ``op`` (a name), as lists of bit patterns."""
    try:
        with open(_path(op, format)) as file:
            lines = [line.partition("#")[0].split() for line in file]
    except FileNotFoundError:
        return []
    return [[int(bits, 16) for bits in line] for line in lines if line]


def add(op, format, bits, origin):
    """Keep an input, unless it or a near neighbour is there: a search looks around them anyway."""
    for known in load(op, format):
        if all(abs(one - other) < _NEAR for one, other in zip(bits, known)):
            return
    digits = format.width // 4
    with open(_path(op, format), "a") as file:
        file.write(" ".join("0x%0*x" % (digits, one) for one in bits) + "  # " + origin + "\n")


def _path(op, format):
    return os.path.join(FOLDER, "%s-%s.txt" % (op, format.name))
