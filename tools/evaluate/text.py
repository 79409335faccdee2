"""Evaluations as a table, as Markdown and as JSON."""

from __future__ import annotations

import html
import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
from tabulate import tabulate

from benchmarks.accuracy import reference, sweep
from benchmarks.formats import ulp
from tools.evaluate.evaluation import Evaluation, Row, groups

_HEADERS = ["releases", "backend", "device", "result", "hex", "error", ""]
_PLACES = {"alone": "alone", "vector": "within an array", "tail": "at its end"}
_NO_EXACT = "no exact result is known: this function is not in the table of ops"


def table(found: list[Evaluation]) -> str:
    return "\n\n".join(f"{_heading(one)}\n{_grid(one, 'simple')}" for one in found)


def markdown(found: list[Evaluation]) -> str:
    blocks = [f"**{html.escape(_heading(one))}**\n\n{_grid(one, 'github')}" for one in found]
    return "\n\n".join(blocks)


def as_json(found: list[Evaluation]) -> str:
    """As tools/evaluate.py documents it."""
    documents = [_document(one) for one in found]
    whole = documents[0] if len(documents) == 1 else documents
    return json.dumps(whole, indent=1, allow_nan=False, ensure_ascii=False)


def decimal(bits: int, format: ulp.Format) -> str:
    """The shortest decimal that is this number again, as NumPy prints it."""
    value = float(ulp.to_mp(bits, format))
    if format.name == "float64" or not math.isfinite(value):
        return repr(value)
    if format.name == "bfloat16":
        return next(text for n in range(1, 10) if _bfloat16(text := f"{value:.{n}g}") == value)
    return str(np.dtype(format.name).type(value))


def _bfloat16(text: str) -> float:
    format = ulp.FORMATS["bfloat16"]
    with mpmath.workprec(200):
        return float(ulp.to_mp(ulp.from_mp(mpmath.mpf(text), format), format))


def _number(bits: int, format: ulp.Format) -> dict[str, str]:
    return {"decimal": decimal(bits, format), "hex": float(ulp.to_mp(bits, format)).hex()}


def _heading(one: Evaluation) -> str:
    name = f"{one.expression.text}, {one.format.name}"
    if one.exact is None:
        return f"{name}: {_NO_EXACT}"
    with mpmath.workprec(reference.PRECISION):
        due = ulp.from_mp(one.exact, one.format)
        exact = mpmath.nstr(one.exact, 25)
    number = _number(due, one.format)
    said = f"{name}: {number['decimal']} ({number['hex']}) is correctly rounded, {exact} exact"
    rounded = [
        f"{text} is {float(ulp.to_mp(bits, one.format)).hex()}"
        for text, bits in zip(one.expression.arguments, one.bits, strict=True)
        if not _is_exact(text, bits, one.format)
    ]
    return said + (f"; {' and '.join(rounded)}" if rounded else "")


def _is_exact(text: str, bits: int, format: ulp.Format) -> bool:
    """Whether a number as written is the one that was evaluated, or prints as it."""
    value = float(ulp.to_mp(bits, format))
    try:
        return text.lower().lstrip("+-").startswith("0x") or float(text) == value
    except ValueError:
        return True


def _grid(one: Evaluation, style: str) -> str:
    rows = [_cells(one, rows) for rows in _folded(one)]
    align = ["left", "left", "left", "right", "left", "right", "left"]
    return tabulate(rows, _HEADERS, style, colalign=align if rows else None, disable_numparse=True)


def _folded(one: Evaluation) -> Iterator[list[Row]]:
    """Rows that are equal and follow each other."""
    for _, rows in groups(one.rows):
        for _, same in itertools.groupby(rows, lambda row: (row.got, row.why_not)):
            yield list(same)


def _cells(one: Evaluation, rows: list[Row]) -> list[str]:
    first, last = rows[0], rows[-1]
    releases = first.where.release.name
    if len(rows) > 1:
        releases += f" to {last.where.release.version} ({len(rows)} releases)"
    where = [releases, first.where.backend, first.where.device]
    if first.result is None:
        return [*where, "n/a", "", "", " ".join(first.why_not.split())]
    number = _number(first.result, one.format)
    error = "" if first.ulp is None else f"{first.ulp:.4g} ULP"
    return [*where, number["decimal"], number["hex"], error, "; ".join(_remarks(one, first))]


def _remarks(one: Evaluation, row: Row) -> Iterator[str]:
    if row.correctly_rounded is not None:
        yield "correctly rounded" if row.correctly_rounded else "not correctly rounded"
    if row.changed:
        yield "changed"
    for place, found in row.got.items():
        if others := sorted({decimal(bits, one.format) for bits in found if bits != row.result}):
            yield f"{_PLACES[place]} {' or '.join(others)}"


def _document(one: Evaluation) -> dict:
    exact = None
    if one.exact is not None:
        with mpmath.workprec(reference.PRECISION):
            due = ulp.from_mp(one.exact, one.format)
            exact = {"decimal": mpmath.nstr(one.exact, 25), "hex": sweep.hex_of(one.exact)}
            exact |= {"correctly_rounded": _number(due, one.format)}
    return {
        "version": 1,
        "expression": one.expression.text,
        "op": one.expression.op,
        "dtype": one.format.name,
        "exact": exact,
        "rows": [_row(one, row) for row in one.rows],
    }


def _row(one: Evaluation, row: Row) -> dict:
    document: dict[str, Any] = {
        "release": row.where.release.name,
        "backend": row.where.backend,
        "device": row.where.device,
        "result": None if row.result is None else _number(row.result, one.format),
        "ulp": row.ulp,
        "correctly_rounded": row.correctly_rounded,
        "changed": row.changed,
        "places_differ": row.places_differ,
    }
    if row.why_not:
        document["unavailable"] = row.why_not
    if row.places_differ:
        document["places"] = {
            place: [_number(bits, one.format) for bits in sorted(set(found))]
            for place, found in row.got.items()
        }
    return document
