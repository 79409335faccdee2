"""A comparison for a terminal, and as markdown."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterator, Sequence

import polars as pl
from asv.util import human_value
from tabulate import tabulate

from tools.judging import verdict
from tools.judging.comparison import Comparison

_SHOWN = 10
"""Rows of one metric that got worse, or better; --format json has all."""
_HEADERS = ("op", "dtype", "where", "before", "after", "ratio")
_ALIGN = ("left", "left", "left", "right", "right", "right")
_NARROW = (9, 8, 12, None, None, None)
_LEGEND = "≥: a lower bound of the largest error, found among some of the inputs."


def table(found: Comparison) -> str:
    """For a terminal: wrapped to its width where names allow."""
    lines = [_whose(found), title(found), ""]
    for heading, rows, hidden in _blocks(_changed(found)):
        text = _grid(rows, "simple")
        if max(map(len, text.splitlines())) > shutil.get_terminal_size().columns:
            text = _grid(rows, "simple", _NARROW)
        lines += [heading, text, *hidden, ""]
    counts = tabulate(_counts(found.rows), "keys", "simple")
    return "\n".join([*lines, counts, *_footer(found)])


def markdown(found: Comparison) -> str:
    """For a job summary or an issue; whatever comes from results is escaped."""
    lines = [f"## {_escape(title(found))}", "", _escape(_whose(found)), ""]
    lines += [markdown_of(_changed(found))]
    counts = tabulate(_counts(found.rows), "keys", "pipe")
    return "\n".join([*lines, counts, "", *map(_escape, _footer(found))])


def markdown_of(rows: pl.DataFrame) -> str:
    """Rows of a comparison under a heading for each metric and backend, the first of each alone."""
    lines = []
    for heading, shown, hidden in _blocks(rows):
        cells = [[_escape(cell) for cell in row] for row in shown]
        lines += [f"### {_escape(heading)}", "", _grid(cells, "pipe"), "", *hidden, ""]
    return "\n".join(lines)


def title(found: Comparison) -> str:
    before, after = (
        f"{release.name} ({release.uploaded:%Y-%m-%d})" for release in (found.before, found.after)
    )
    return f"{before} → {after}, on {found.machine}"


def _whose(found: Comparison) -> str:
    return f"The numbers are of {found.machine}: {found.why}."


def _grid(rows: list[list[str]], style: str, widths: Sequence[int | None] = ()) -> str:
    """Without the columns that are empty throughout."""
    used = [i for i in range(len(_HEADERS)) if any(row[i] for row in rows)]
    return tabulate(
        [[row[i] for i in used] for row in rows],
        [_HEADERS[i] for i in used],
        style,
        colalign=[_ALIGN[i] for i in used],
        maxcolwidths=[widths[i] for i in used] if widths else None,
        disable_numparse=True,
    )


def _changed(found: Comparison) -> pl.DataFrame:
    return found.rows.filter(pl.col("verdict").is_in(["worse", "better"]))


def _blocks(changed: pl.DataFrame) -> Iterator[tuple[str, list[list[str]], list[str]]]:
    """Heading, rows and a line on how many more there are, of what got worse, then better."""
    by = ["verdict", "metric", "unit", "before_backend", "after_backend"]
    several = changed["device"].n_unique() > 1
    for (kind, metric, unit, before, after), rows in changed.group_by(by, maintain_order=True):
        backends = after if before == after else f"{before} → {after}"
        heading = f"{kind}: {metric} ({unit}), {backends or 'whole library'}"
        # Flushing subnormals to zero costs all bits there, which would push all else out of sight.
        shown = rows.sort(pl.col("region").eq_missing("subnormal"), maintain_order=True)
        cells = [_cells(row, several) for row in shown.head(_SHOWN).to_dicts()]
        hidden = len(rows) - len(cells)
        yield heading, cells, [f"… and {hidden} more (--format json has all)"] if hidden else []


def _cells(row: dict, several_devices: bool) -> list[str]:
    where = [row["region"], row["size"], row["variant"], row["device"] if several_devices else None]
    before, after, ratio = _numbers(row)
    return [
        row["op"] or "",
        row["dtype"] or "",
        ", ".join(str(part) for part in where if part is not None),
        before,
        after,
        ratio,
    ]


def _numbers(row: dict) -> tuple[str, str, str]:
    """Before, after and their ratio, with digits enough that they differ."""
    before, after, ratio = row["before"], row["after"], row["ratio"]
    if ratio is None:
        times = "from 0" if before == 0 else "over 10^308"
    else:
        times = f"× {_digits(ratio, 3, other=1.0)}"
    if row["unit"] in ("seconds", "bytes"):
        return human_value(before, row["unit"]), human_value(after, row["unit"]), times
    bound = "≥ " if row["bound"] == "lower bound" else ""
    return bound + _digits(before, 4, after), bound + _digits(after, 4, before), times


def _digits(value: float, least: int, other: float) -> str:
    """``value`` with ``least`` digits, or as many as it takes to tell it from ``other``."""
    if value.is_integer() and value < 1e9:
        return f"{value:.0f}"
    return next(
        (text for n in range(least, 17) if (text := f"{value:.{n}g}") != f"{other:.{n}g}"),
        repr(value),
    )


def _counts(rows: pl.DataFrame) -> list[dict]:
    speed = pl.col("unit").is_in(verdict.MEASURES)
    kinds = {"speed": rows.filter(speed), "accuracy": rows.filter(~speed)}
    return [
        {"": kind} | {name: part.filter(verdict=name).height for name in verdict.VERDICTS}
        for kind, part in kinds.items()
        if len(part)
    ]


def _footer(found: Comparison) -> list[str]:
    bounded = _changed(found).filter(bound="lower bound")
    return [*found.notes, *([_LEGEND] if len(bounded) else [])]


def _escape(text: str) -> str:
    return html.escape(" ".join(text.split())).replace("|", "\\|")
