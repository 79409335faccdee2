"""What a reader wants to know of a function first, in a sentence for each way to call it."""

from __future__ import annotations

from benchmarks.libraries import TITLES
from tools.judging import bands
from tools.report.facts import at_levels, heat_map
from tools.report.facts.sentences import another_way
from tools.report.site import Site
from tools.report.words import counted, ulp

DTYPES = ("float32", "float64")
_WORTH_TELLING = 0.01
_AT = {"gpu": "on a GPU", "unknown": "on a processor not known"}
# Instructions of an element changed from so many times on.
_RATIO = 1.25


def of_op(site: Site, op: str, counts: list[dict]) -> list[dict]:
    """``dtype`` and ``sentences``, one for each backend; ``counts`` are those of
    call_instructions.by_release."""
    found = []
    for dtype in DTYPES:
        said = [_sentence(site, op, dtype, backend, counts) for backend in TITLES]
        if any(said):
            found.append({"dtype": dtype, "sentences": list(filter(None, said))})
    return found


def _sentence(site: Site, op: str, dtype: str, backend: str, counts: list[dict]) -> str:
    by_level = {
        level: {
            release: value
            for (one, release, of), value in heat_map.errors(site, dtype, level).items()
            if (one, of) == (backend, op)
        }
        for level in at_levels.ORDER
    }
    level, known = next(((level, one) for level, one in by_level.items() if one), (None, None))
    if not known:
        return ""
    line = sorted(known, key=site.order.__getitem__)
    newest = line[-1]
    value = known[newest]
    notes = ["all inputs" if value >= 0 else "of the inputs tried"]
    notes += [
        f"{_AT.get(other, f'at {other}')}: {_said(by_level[other][newest], dtype)}"
        for other in at_levels.ORDER
        if other != level and _differs(value, by_level[other].get(newest, value))
    ]
    text = f"{TITLES[backend]} {_version(newest)}: {_said(value, dtype)} ({'; '.join(notes)})."
    step = _last_step(line, known, dtype)
    if step:
        text += f" Until {_version(step)}: {_said(known[step], dtype)}."
    return text + _instructions(backend, dtype, counts)


def _differs(value: float, other: float) -> bool:
    return abs(abs(value) - abs(other)) > _WORTH_TELLING


def _last_step(line: list[str], known: dict[str, float], dtype: str) -> str | None:
    """The last release whose error is in another band than the one's after it."""
    for before, after in zip(line[-2::-1], line[:0:-1], strict=True):
        if bands.of(abs(known[before]), dtype) != bands.of(abs(known[after]), dtype):
            return before
    return None


def _said(value: float, dtype: str) -> str:
    """Of an error, a bound with a minus sign."""
    if abs(value) > bands.ends(dtype)[-1]:
        return "results without a correct digit"
    if abs(value) <= bands.CORRECT:
        return "correctly rounded"
    return f"off by at most {ulp(value)} ULP" if value > 0 else f"off by {ulp(-value)} ULP or more"


def _instructions(backend: str, dtype: str, counts: list[dict]) -> str:
    mine = [one for one in counts if (one["backend"], one["dtype"]) == (backend, dtype)]
    if not mine:
        return ""
    last = mine[-1]
    text = f" {counted(last['element'])} instructions an element"
    for one in reversed(mine[:-1]):
        if another_way(backend, one["release"], last["release"]) or one["element"] <= 0:
            break
        ratio = one["element"] / last["element"] if last["element"] > 0 else 1.0
        if not 1 / _RATIO < ratio < _RATIO:
            return f"{text} ({counted(one['element'])} in {_version(one['release'])})."
    return f"{text}."


def _version(release: str) -> str:
    return release.partition("-")[2]
