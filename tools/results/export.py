"""All numbers and Records as files for other programs, packed: plain, a history takes 100 MB each.

``numbers.csv.gz``, ``numbers.json.gz``, ``numbers.parquet``
    what was measured or failed, one row per number (what is unavailable is no number). JSON by
    column: ``{"version": 1, "numbers": {"op": ["exp", …], …}}``. Parquet has the samples of times
    besides.
``records.jsonl.gz``
    the Records, one a line.
``schema.json``
    what the columns mean, with the version of all this: it is raised where a column goes or
    changes its meaning.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import polars as pl

from benchmarks.libraries import BY_NAME, TITLES
from tools.results.history import SCHEMA

VERSION = 1
# The fastest: publishing waits for it.
_LEVEL = 1
NUMBERS = {
    "library": ", ".join(BY_NAME),
    "version": "of the library",
    "release": "library-version",
    "uploaded": "day on which the release came to the package index, UTC",
    "machine": "name of the machine; numbers of different machines cannot be compared",
    "metric": "time, max_ulp, max_ulp_exact, max_ulp_search, nan_wrong, …",
    "backend": ", ".join(TITLES),
    "device": "cpu (the library's default threads), cpu-1 (one thread), cpu-v2, cpu-v3, cpu-v4 "
    "(held to that level of x86-64), gpu",
    "op": "mathematical operation, by its name in the Python array API standard",
    "dtype": "float16, bfloat16, float32, float64",
    "region": "part of the op's domain (normal, usual, subnormal); of a reduction: its data set",
    "size": "of a time: number of elements; of matmul: edge of the square matrices",
    "variant": "any other parameter, as name=value",
    "value": "the number; of a time: the median of its samples; null where it failed",
    "low": "of a time: 25 % quantile of its samples",
    "high": "of a time: 75 % quantile of its samples",
    "samples": "of a time: mean seconds per call, round by round (Parquet only)",
    "unit": "of value, low, high, samples",
    "bound": "of a largest error: exact (over all inputs there are) or lower bound (some inputs)",
    "status": "measured or failed",
    "reason": "why it failed, where that is known",
    "found_on": "machine and device that found this number, where the same result bits were seen "
    "here and it was not measured here; null where it was",
    "started": "when the benchmark was started, UTC",
    "benchmark": "full name of the asv benchmark",
    "benchmark_version": "of the benchmark; numbers of different versions cannot be compared",
}
RECORDS = {
    "machine": "name of the machine",
    "release": "library-version",
    "backend": "as in the numbers",
    "device": "as in the numbers",
    "op": "as in the numbers",
    "dtype": "as in the numbers",
    "kind": "exact (all inputs), sample, search, reduction, special, layout, run-to-run, "
    "nonmonotonic, distance, seed (2017's question), instructions",
    "region": "as in the numbers",
    "max_ulp": "of exact, sample, search, reduction: the largest error in ULP, certified",
    "worst": "input, result and exact answer of the largest error; bits and hex are exact",
    "wrong": "of seed: each root that is not correctly rounded, as in worst, with its error; "
    "of nonmonotonic: pairs of neighbouring inputs with results in the wrong order",
    "profile": "of exact: largest error by binade, as rows of sign-and-exponent bits and error",
    "inputs": "how many were looked at",
    "mean_ulp": "mean error, no single one counted as more than 2^64",
    "misrounded": "share of results that are not the correctly rounded one, for certain",
    "within": "of exact, sample: share of results off by at most 0.5, 1, 2 and 4 ULP",
    "by_size": "of instructions: those of a call, and how far another count in the same process "
    "was from it, as a ratio less 1",
    "functions": "of instructions, of many elements: the functions that take most of them, with "
    "their library (none: code made at run time) and share",
    "valgrind": "of instructions: the version that counted",
    "level": "of instructions: of the processor that valgrind shows",
    "libc": "of instructions: the C library",
    "python": "of instructions: the version that called",
    "nan_wrong": "NaN where a number is due, or the reverse",
    "number_wrong": "a finite number where an infinity is due, or the reverse",
    "flushed": "zero where the correctly rounded result is subnormal",
    "filter_ulp": "largest error of the filter that chooses what is certified, in ULP",
    "results": "a hash of all results' bits: where two have the same, they gave the same results",
    "nonmonotonic": "of exact: pairs of neighbouring inputs with results in the wrong order",
    "budget": "of search: inputs that it may look at",
    "seed": "of search: of its random numbers",
    "known": "of search: hard inputs that it began with",
    "seconds": "of exact, search: how long it took",
    "resumed": "of exact: blocks that an earlier run had done",
    "max_condition_error": "of reduction: largest error over what the data's condition makes "
    "of one ULP of an input",
    "by_length": "of reduction: max_ulp and max_condition_error by number of elements",
    "worst_condition": "of reduction: as worst, of max_condition_error",
    "cases": "of special: how many special values were tried",
    "failures": "of special: input, result and what is due, by which rule",
    "calls": "of layout, run-to-run: how often the function was called",
    "differing": "of layout, distance: results with other bits",
    "first": "of layout, nonmonotonic: the first that differs",
    "max_distance": "of layout, run-to-run, distance: largest difference in representable numbers",
    "max_distance_repeated": "of run-to-run: the same within one process",
    "max_distance_one_thread": "of run-to-run: the same between one thread and all",
    "nan_differs": "of distance: NaN in one of the two alone",
}


def write(table: pl.DataFrame, records: Iterable[dict], folder: Path) -> None:
    """Write all files into ``folder``, from tools.history's table and Records."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = table.filter(pl.col("status") != "unavailable").select(SCHEMA.keys())
    numbers.write_parquet(folder / "numbers.parquet")
    plain = numbers.drop("samples").with_columns(
        pl.col("started").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    _pack(folder / "numbers.csv.gz", plain.write_csv().encode())
    # One row of lists: polars writes it many times as fast as Python's json would.
    columns = plain.select(pl.all().implode()).write_ndjson().strip()
    document = f'{{"version": {VERSION}, "numbers": {columns}}}\n'
    _pack(folder / "numbers.json.gz", document.encode())
    # Records are read by a parser that takes neither NaN nor infinity: there is none to write.
    _pack(folder / "records.jsonl.gz", msgspec.json.Encoder().encode_lines(records))
    schema = json.dumps(_schema(numbers), indent=1, ensure_ascii=False)
    (folder / "schema.json").write_text(f"{schema}\n", encoding="utf-8")


def _pack(file: Path, text: bytes) -> None:
    """The same text gives the same bytes."""
    file.write_bytes(gzip.compress(text, _LEVEL, mtime=0))


def _schema(numbers: pl.DataFrame) -> dict:
    kinds = {"Float64": "number", "Int64": "integer", "List(Float64)": "list of numbers"}
    return {
        "version": VERSION,
        "numbers": [
            {"name": name, "type": kinds.get(str(kind), "string"), "description": NUMBERS[name]}
            for name, kind in numbers.schema.items()
        ],
        "records": [
            {"name": name, "description": description} for name, description in RECORDS.items()
        ],
    }
