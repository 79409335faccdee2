"""What a call and an element take, and which functions take it, from Records of instructions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from benchmarks import counting, ops

_LEAST_SHARE = 0.05
_MOST = 3


class Cost(NamedTuple):
    """In instructions; of matmul an element is a product of two numbers."""

    per_call: float
    """Of one element."""
    per_element: float


def cost(record: dict) -> Cost | None:
    """None where two counts of one size were too far apart to tell."""
    counts = {int(size): count for size, count in record["by_size"].items()}
    if len(counts) < 2 or any(apart > counting.USABLE for _, apart in counts.values()):
        return None
    few, many = sorted(counts)
    power = 3 if record["op"] == ops.MATMUL.name else 1
    elements = many**power - few**power
    return Cost(counts[few][0], (counts[many][0] - counts[few][0]) / elements)


def taken_by(record: dict) -> str:
    """What takes most of them in a call of many elements: ``__sin_fma of libm (90 %)``."""
    shown = [one for one in record["functions"] if one[2] >= _LEAST_SHARE][:_MOST]
    return ", ".join(f"{_name(*where)} ({share:.0%})" for *where, share in shown).replace("%", " %")


def _name(function: str, library: str) -> str:
    if not library:
        return "code made at run time"
    # What makes a wheel's copy of a library its own: "libopenblas-34a18dc3".
    library = re.sub("-[0-9a-f]{8}$", "", library)
    return f"{function or 'a function without a name'} of {library}"


def reasons(before: Iterable[dict], after: Iterable[dict]) -> dict[tuple[str, str, str], str]:
    """By backend, op and dtype, per element what it took before and after, and what took it."""
    told: list[dict[tuple[str, str, str], str]] = [{}, {}]
    for side, records in zip(told, (before, after), strict=True):
        for one in records:
            taken = cost(one) if one["kind"] == "instructions" else None
            if taken:
                key = one["backend"], one["op"], one["dtype"]
                side[key] = f"{taken.per_element:.3g} an element: {taken_by(one)}"
    first, second = told
    return {key: f"{first[key]} → {second[key]}" for key in first.keys() & second.keys()}
