"""What lies in results/ beside asv's files, as types: what is none of these is damaged.

benchmarks/accuracy/sweep.py says what the fields of a Record of errors mean, the other modules of
benchmarks/ theirs. A field that is not listed here may be there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Union

from msgspec import Meta, Struct, json

from tools.foundation.errors import Damaged

Count = Annotated[int, Meta(ge=0)]
Error = Annotated[float, Meta(ge=0)]


class Number(Struct):
    bits: str
    decimal: str
    hex: str


class Witness(Struct):
    """One input, what came of it and what should have."""

    input: list[Number]
    got: Number
    correctly_rounded: Number
    exact: str
    exact_hex: str


class Wrong(Witness):
    ulp: Error


class InReduction(Struct):
    length: Count
    place: Count | list[Count]
    got: Number
    correctly_rounded: Number
    exact: str


class InDistance(Struct):
    input: list[Number]
    got: Number
    due: Number
    place: Count


class Record(Struct):
    backend: str
    device: str
    op: str
    dtype: str
    region: str


class Errors(Record):
    inputs: Count
    max_ulp: Error | None
    mean_ulp: Error | None
    misrounded: Error | None
    nan_wrong: Count
    number_wrong: Count
    flushed: Count
    filter_ulp: Error | None
    worst: Witness | None
    profile: list[tuple[Count, Error]] | None


class Sample(Errors, tag_field="kind", tag="sample"):
    results: str
    within: dict[str, Error] | None = None


class Exact(Errors, tag_field="kind", tag="exact"):
    results: str
    within: dict[str, Error] | None = None
    nonmonotonic: Count | None = None


class Search(Errors, tag_field="kind", tag="search"):
    budget: Count
    seed: int


class Reduction(Record, tag_field="kind", tag="reduction"):
    inputs: Count
    max_ulp: Error
    max_condition_error: Error
    nan_wrong: Count
    by_length: dict[str, tuple[Error | None, Error | None]]
    worst: InReduction | None
    worst_condition: InReduction | None


class Special(Record, tag_field="kind", tag="special"):
    cases: Count
    failures: list[dict[str, Any]]


class Layout(Record, tag_field="kind", tag="layout"):
    calls: Count
    differing: Count
    max_distance: Count
    first: dict[str, Any] | None


class RunToRun(Record, tag_field="kind", tag="run-to-run"):
    calls: Count
    inputs: Count
    max_distance: Count
    max_distance_repeated: Count
    max_distance_one_thread: Count | None


class Nonmonotonic(Record, tag_field="kind", tag="nonmonotonic"):
    inputs: Count
    wrong: Count
    first: dict[str, Any] | None


class Distance(Record, tag_field="kind", tag="distance"):
    inputs: Count
    differing: Count
    max_distance: Count
    nan_differs: Count
    worst: InDistance | None


class Seed(Record, tag_field="kind", tag="seed"):
    inputs: Count
    max_ulp: Error
    wrong: list[Wrong]


class Instructions(Record, tag_field="kind", tag="instructions"):
    by_size: dict[str, tuple[Error, Error]]
    functions: list[tuple[str, str, float]]
    valgrind: str
    level: str
    libc: str
    python: str


class Failure(Struct):
    """Why a benchmark failed, with its parameters."""

    benchmark: str
    params: dict[str, str]
    reason: str


class Floor(Struct):
    """The relative difference that times of one release stay within; null means any."""

    benchmark: str | None
    backend: str | None
    op: str | None
    dtype: str | None
    size: int | None
    device: str | None
    floor: Annotated[float, Meta(ge=0)]


class Cpu(Struct, frozen=True):
    model: str = ""
    features: tuple[str, ...] = ()
    level: str | None = None


class Gpu(Struct):
    name: str
    driver: str


class Listing(Struct):
    """What ran, and on what."""

    cpu: Cpu = Cpu()
    gpus: list[Gpu] = []
    libc: str = ""
    packages: list[str] = []
    python: str = ""
    settings: dict[str, Any] = {}
    wheels: dict[str, str] = {}
    build: dict[str, Any] = {}
    unavailable: list[tuple[str | None, str | None, str | None, str | None, str]] | None = None


Row = dict[str, Any]
_PLAIN = json.Decoder()


def _as(*types: type) -> Callable[[str], Row]:
    """From a line of JSON to the dict in it. Raises ValueError that says what is no such type."""
    decoder: json.Decoder[Any] = json.Decoder(Union[types])  # noqa: UP007

    def parse(line: str) -> Row:
        decoder.decode(line)
        return _PLAIN.decode(line)

    return parse


RECORDS = (
    *(Sample, Exact, Search, Reduction, Special, Layout, RunToRun, Nonmonotonic, Distance),
    *(Seed, Instructions),
)
record = _as(*RECORDS)
failure = _as(Failure)
floor = _as(Floor)
listing = _as(Listing)


def rows(file: Path, parse: Callable[[str], Row]) -> list[Row]:
    """What ``parse`` makes of each line of ``file``, none where it is not there. Raises Damaged."""
    if not file.exists():
        return []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise Damaged(f"{file}: {error}") from None
    return [row(file, number, line, parse) for number, line in enumerate(lines, 1)]


def row(file: Path, number: int, line: str, parse: Callable[[str], Row]) -> Row:
    """What ``parse`` makes of line ``number`` of ``file``. Raises Damaged."""
    try:
        return parse(line)
    except ValueError as error:
        raise Damaged(f"{file}, line {number}: {error}") from None
