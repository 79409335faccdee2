"""Numbers as a reader takes them in."""

from __future__ import annotations

from tools.judging import bands

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# From here on only the power of ten says anything.
_LARGE = 1e6
_TIMES = (("s", 1), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


def ulp(value: float) -> str:
    """An error in ULP: ``0.5149``, ``29,850``, ``1.5·10⁵¹``."""
    if value < _LARGE:
        return f"{value:.4g}" if value < 1000 else f"{value:,.0f}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}·10{str(int(power)).translate(_SUPERSCRIPTS)}"


def error(value: float, dtype: str | None) -> str:
    """The same, where the result has a correct digit."""
    return bands.NAMES[-1] if dtype and value > bands.ends(dtype)[-1] else ulp(value)


def bounded(value: float, bound: str | None, dtype: str) -> str:
    """The same, with ``≥`` where it is a lower bound of the largest error."""
    text = error(value, dtype)
    return text if bound == "exact" or text == bands.NAMES[-1] else f"≥ {text}"


def speed(ratio: float, verdict: str) -> str:
    """How much faster or slower, from the larger time over the smaller one."""
    times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"
    return f"{times} times as {'slow' if verdict == 'worse' else 'fast'}"


def seconds(value: float) -> str:
    """``1.25 µs``, as the pages' script has it."""
    unit, size = next((one for one in _TIMES if value >= one[1]), _TIMES[-1])
    return f"{float(f'{value / size:.3g}'):g} {unit}"


def counted(value: float) -> str:
    """A count that was derived: ``0.338``, ``6.32``, ``91.6``, ``3,330``."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def place(value: str) -> str:
    """A size as ``1,000 numbers``; a region as it is."""
    if not value.isdigit():
        return value
    return "one number" if value == "1" else f"{int(value):,} numbers"


def listed(words: list) -> str:
    """``a, b and c``."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last
