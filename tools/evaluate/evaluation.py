"""One input in every release: what each makes of it, and how far that is from the exact result."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import mpmath
from tqdm import tqdm

from benchmarks.accuracy import reference
from benchmarks.formats import ulp
from tools.environments.environment import ReleaseUnavailable, ensure, is_whole
from tools.evaluate.expression import Expression
from tools.releases.release_table import Release
from tools.sweeping.worker_process import Unavailable, Worker, WorkerError

PLACES = {"alone": [1], "vector": [64], "tail": [65, 66, 67]}
"""Where in an array a number stands, and the lengths of the arrays whose last element it is then:
libraries compute the rest of a length that their vectors do not divide by other code."""


@dataclass(frozen=True)
class Where:
    """What evaluates."""

    release: Release
    backend: str
    device: str


@dataclass
class Row:
    """What came of an expression in one release."""

    where: Where
    got: dict[str, list[int]] = field(default_factory=dict)
    """Bit patterns by place."""
    result: int | None = None
    """Of these the one that is farthest off; the number's alone where nobody knows what is due."""
    ulp: float | None = None
    """Its error; None where nobody knows, or a NaN came or is due."""
    correctly_rounded: bool | None = None
    """Whether that holds at every place."""
    changed: bool = False
    """Since the release before, on the same backend and device."""
    why_not: str = ""

    @property
    def places_differ(self) -> bool:
        return len({bits for found in self.got.values() for bits in found}) > 1


@dataclass
class Evaluation:
    """An expression and what came of it, by backend, device and release, oldest first."""

    expression: Expression
    format: ulp.Format
    bits: list[int]
    exact: mpmath.mpf | None
    """None where no exact result is known: an op that the table lacks."""
    rows: list[Row] = field(default_factory=list)


def evaluate(
    expressions: list[Expression], dtype: str, wanted: list[Where], env_dir: Path,
    only_installed: bool = False,
) -> list[Evaluation]:  # fmt: skip
    """What each of ``wanted`` makes of each expression. Environments that are missing are made
    first, unless ``only_installed``: their releases are left out then."""
    format = ulp.FORMATS[dtype]
    found = [_begin(expression, format) for expression in expressions]
    with ThreadPoolExecutor(os.cpu_count()) as pool, _bar(len(wanted)) as bar:
        pending: list[tuple[Where, Future | str]] = []
        for release, mine in itertools.groupby(wanted, lambda where: where.release):
            bar.set_description(release.name)
            path = env_dir / release.name
            if only_installed and not is_whole(path, release):
                bar.update(len(list(mine)))
                continue
            try:
                path = ensure(release, env_dir)
            except ReleaseUnavailable as error:
                pending += [(where, str(error)) for where in mine]
                continue
            for where in mine:
                future = pool.submit(_ask, where, path, found)
                future.add_done_callback(lambda _: bar.update())
                pending.append((where, future))
        for where, answer in pending:
            _add(found, where, answer if isinstance(answer, str) else answer.result())
    for one in found:
        _mark(one)
    return found


def _bar(total: int) -> tqdm:
    return tqdm(total=total, unit="release", disable=not sys.stderr.isatty(), leave=False)


def _begin(expression: Expression, format: ulp.Format) -> Evaluation:
    bits, op, value = expression.bits(format), expression.row, None
    if op.exact:
        with mpmath.workprec(reference.PRECISION):
            value = reference.exact(op, bits, format)
    return Evaluation(expression, format, bits, value)


def _ask(where: Where, environment: Path, evaluations: list[Evaluation]) -> list[dict | str]:
    """For each evaluation the bits by place, or why there are none."""
    dtype = evaluations[0].format.name
    try:
        with Worker(environment, where.release, where.backend, where.device, "any", dtype) as one:
            return [_at_places(one, asked) for asked in evaluations]
    except Unavailable as error:
        why_not = str(error).removeprefix(f"{where.release.name}: ")
    except WorkerError as error:
        why_not = str(error)
    return [why_not] * len(evaluations)


def _at_places(worker: Worker, asked: Evaluation) -> dict[str, list[int]] | str:
    found = {}
    for place, lengths in PLACES.items():
        several = []
        for length in lengths:
            try:
                answer = worker.ask(
                    "points", op=asked.expression.op, arguments=[[b] * length for b in asked.bits]
                )
            except WorkerError as error:
                if not worker.is_alive:
                    raise
                return str(error)
            if "unavailable" in answer:
                return answer["unavailable"]
            several.append(answer["got"])
        found[place] = several[0] if place == "vector" else [got[-1] for got in several]
    return found


def _add(evaluations: list[Evaluation], where: Where, answers: list[dict | str] | str) -> None:
    several = [answers] * len(evaluations) if isinstance(answers, str) else answers
    for one, answer in zip(evaluations, several, strict=True):
        row = Row(where)
        if isinstance(answer, str):
            row.why_not = answer
        else:
            row.got = answer
            row.result = answer["alone"][0]
            if one.exact is not None:
                judged = [(*_judge(one, got), got) for each in answer.values() for got in each]
                # The first of equal ones: that of the number alone.
                row.correctly_rounded, row.ulp, row.result = min(
                    judged, key=lambda it: (it[0], -(it[1] or 0.0))
                )
        one.rows.append(row)


def _judge(one: Evaluation, got: int) -> tuple[bool, float | None]:
    """Whether a result is correctly rounded; its error in ULP: None where a NaN is or is due."""
    with mpmath.workprec(reference.PRECISION):
        error = ulp.exact_error(got, one.exact, one.format)
        due = ulp.to_mp(ulp.from_mp(one.exact, one.format), one.format)
    value = ulp.to_mp(got, one.format)
    if mpmath.isnan(value) or mpmath.isnan(due):
        return bool(mpmath.isnan(value) and mpmath.isnan(due)), None
    return bool(value == due), error


def _mark(one: Evaluation) -> None:
    """Bring together what is of one backend and device, in the order that was asked for, and say
    where a result is not that of the release before."""
    order = list(dict.fromkeys(map(_key, one.rows)))
    one.rows.sort(key=lambda row: order.index(_key(row)))
    for _, rows in groups(one.rows):
        known = [row for row in rows if row.result is not None]
        for before, after in itertools.pairwise(known):
            after.changed = before.got != after.got


def groups(rows: list[Row]) -> Iterator[tuple[tuple[str, str, str], Iterable[Row]]]:
    """The rows of each library's backend on a device."""
    return itertools.groupby(rows, _key)


def _key(row: Row) -> tuple[str, str, str]:
    return row.where.release.library, row.where.backend, row.where.device
