"""What to evaluate: ``log(1e4)``, ``pow(2, 0.5)``, and the inputs in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import mpmath

from benchmarks import ops
from benchmarks.backends import _names
from benchmarks.formats import ulp
from tools.foundation.errors import Mendable

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*")
_HEX = re.compile(r"[+-]?0x[0-9a-f]+(\.[0-9a-f]*)?(p[+-]?\d+)?", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SPECIAL = re.compile(r"([+-]?)(inf|nan)", re.IGNORECASE)
# As each library calls what the array API standard, and so ops.py, calls otherwise.
_ALIASES = {theirs: ours for names in _names.BY_LIBRARY.values() for ours, theirs in names.items()}
# A decimal is as near to halfway between two numbers as that only where it is halfway.
_BITS = 8192


class NoExpression(Mendable):
    """It means nothing; the message, one line, says what does."""


@dataclass(frozen=True)
class Expression:
    """A function of one or two numbers."""

    text: str
    op: str
    arguments: tuple[str, ...]

    @property
    def row(self) -> ops.Op:
        """The op; one that ops.py lacks has no exact result."""
        return ops.OPS.get(self.op) or ops.Op(self.op, ((0.0, 1.0),) * len(self.arguments))

    def bits(self, format: ulp.Format) -> list[int]:
        """The arguments in ``format``, rounded to nearest. Raises NoExpression."""
        return [encode(text, format) for text in self.arguments]


def parse(texts: list[str]) -> list[Expression]:
    """The expressions in ``texts``; ``@FILE`` stands for the lines of a file, ``log(@FILE)`` for
    log of the one or two numbers in each. Raises NoExpression."""
    found = []
    for text in texts:
        call = _CALL.fullmatch(text)
        if text.startswith("@"):
            found += [_parse(line, f"{text[1:]}, line {n}: ") for n, line in _lines(text[1:])]
        elif call and call[2].strip().startswith("@"):
            file = call[2].strip()[1:]
            for number, line in _lines(file):
                numbers = ", ".join(line.replace(",", " ").split())
                found.append(_parse(f"{call[1]}({numbers})", f"{file}, line {number}: "))
        else:
            found.append(_parse(text, ""))
    if not found:
        raise NoExpression(f"{' '.join(texts)} has no expression in it")
    return found


def _lines(file: str) -> list[tuple[int, str]]:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise NoExpression(f"cannot read {file!r}: {error}") from None
    return [(n, line) for n, line in enumerate(lines, 1) if line.split("#")[0].strip()]


def _parse(text: str, where: str) -> Expression:
    call = _CALL.fullmatch(text.split("#")[0])
    if not call:
        raise NoExpression(f'{where}{text!r} is no expression: write "log(1e4)" or "pow(2, 0.5)"')
    name = _ALIASES.get(call[1], call[1])
    arguments = tuple(part.strip() for part in call[2].split(","))
    row = ops.OPS.get(name)
    if row and not row.wide:
        raise NoExpression(f"{where}{call[1]} is of an array, not of one or two numbers")
    due = row.arity if row else min(len(arguments), 2)
    if len(arguments) != due:
        raise NoExpression(
            f"{where}{call[1]} takes {due} number{'s' * (due > 1)}, not {len(arguments)}"
        )
    for one in arguments:
        if not any(form.fullmatch(one) for form in (_HEX, _DECIMAL, _SPECIAL)):
            raise NoExpression(f"{where}{one!r} is no number: like 1e4, -0.5, 0x1.8p3, inf or nan")
    return Expression(f"{call[1]}({', '.join(arguments)})", name, arguments)


def encode(text: str, format: ulp.Format) -> int:
    """The bit pattern of a number in ``format``, rounded to nearest, ties to even. Raises
    NoExpression where it is too large."""
    sign = 1 << (format.width - 1) if text.startswith("-") else 0
    digits = text.lstrip("+-").lower()
    if digits in ("inf", "nan"):
        return sign | ulp.from_mp(getattr(mpmath, digits), format)
    with mpmath.workprec(_BITS):
        if digits.startswith("0x"):
            value = mpmath.mpf(float.fromhex(digits))
        else:
            fraction = Fraction(digits)
            value = mpmath.mpf(fraction.numerator) / fraction.denominator
        bits = ulp.from_mp(value, format)
        if mpmath.isinf(ulp.to_mp(bits, format)):
            raise NoExpression(f"{text} is too large for {format.name}")
    return sign | bits
