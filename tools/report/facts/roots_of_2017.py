"""The question of 2017, root by root, as the Records of the seed example have it."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from tools.report.site import Site

# The versions that it was asked of.
NUMPY, TENSORFLOW = "numpy-1.13.1", "tensorflow-1.2.0"
_ROOTS = range(100)
# What the two printed then, as posted with the question: one line per input.
_PRINTED = Path(__file__).with_name("printout_of_2017.csv")


def printed() -> dict[str, np.ndarray]:
    """The roots that NumPy 1.13.1 and TensorFlow 1.2.0 printed in 2017, as float32 by library."""
    with _PRINTED.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["n"]))
    columns = {"numpy": "numpy_1_13_1", "tensorflow": "tensorflow_1_2_0"}
    # Nine digits, which is what tells any two float32 apart.
    return {
        library: np.array([row[column] for row in rows], np.float64).astype(np.float32)
        for library, column in columns.items()
    }


def printout(site: Site) -> dict:
    """How many roots are wrong in the printout; on which machines the same wheel gives it bit for
    bit today, and on which it does not; the maker of the CPU of each."""
    posted, due = printed(), _due()
    machines = [one for one in _records(site) if _is_original(one)]
    return {
        "wrong": {library: int((roots != due).sum()) for library, roots in posted.items()},
        "machines": [
            {
                "machine": one["machine"],
                "maker": site.makers[one["machine"]],
                "wrong": len(one["wrong"]),
                "same": bool((_results(one) == posted["tensorflow"]).all()),
            }
            for one in machines
        ],
    }


def _due() -> np.ndarray:
    """The correctly rounded roots: a float64 root of a float32 is rounded to float32 innocuously
    (Figueroa 1995: 53 >= 2 * 24 + 2 digits)."""
    return np.sqrt(np.arange(100, dtype=np.float64)).astype(np.float32)


def _results(record: dict) -> np.ndarray:
    """All 100 results of a Record, which keeps those that are not correctly rounded."""
    roots = _due()
    for one in record["wrong"]:
        roots[int(float(one["input"][0]["decimal"]))] = float(one["got"]["decimal"])
    return roots


def _is_original(record: dict) -> bool:
    return (record["release"], record["backend"]) == (TENSORFLOW, "tensorflow")


def then(site: Site) -> list[dict]:
    """TensorFlow's roots of then, by machine; none where no Record has them."""
    return [_of(one) for one in _records(site) if _is_original(one)]


def squares(site: Site) -> list[dict]:
    """Where a perfect square was among the wrong roots: which, and in what run of releases."""
    found: list[dict] = []
    for record in sorted(_records(site), key=lambda one: (one["backend"], one["machine"])):
        what = {name: record[name] for name in ("backend", "machine")}
        what["squares"] = _squares(map(_root, record["wrong"]))
        if found and found[-1]["what"] == what:
            found[-1]["releases"].append(record["release"])
        else:
            found.append({"what": what, "releases": [record["release"]]})
    return [one["what"] | one for one in found if one["what"]["squares"]]


def _records(site: Site) -> list[dict]:
    """Those on the CPU, in the order of releases, then of machines."""
    found = [one for one in site.known_records if one["kind"] == "seed" and one["device"] == "cpu"]
    return sorted(
        found, key=lambda one: (site.order[one["release"]], site.machines.index(one["machine"]))
    )


def _of(record: dict) -> dict:
    """A Record for readers: which of the inputs are wrong, and what each gave."""
    wrong = [_root(one) for one in record["wrong"]]
    inputs = {one["input"] for one in wrong}
    return {
        "machine": record["machine"],
        "release": record["release"],
        "wrong": wrong,
        "wrong_squares": _squares(wrong),
        "squares": sum(map(_is_square, _ROOTS)),
        "grid": [
            {"input": number, "wrong": number in inputs, "square": _is_square(number)}
            for number in _ROOTS
        ],
        "farthest": max(wrong, key=lambda one: one["ulp"], default=None),
    }


def _root(one: dict) -> dict:
    number = int(float(one["input"][0]["decimal"]))
    return {
        "input": number,
        "square": _is_square(number),
        "got": one["got"],
        "exact": one["exact"],
        "due": one["correctly_rounded"],
        "ulp": one["ulp"],
        "told": {"got": _nine(one["got"]), "due": _nine(one["correctly_rounded"])},
    }


def _nine(number: dict) -> str:
    """As many digits as tell any two float32 apart."""
    return f"{float(number['decimal']):.9g}"


def _squares(wrong) -> list[int]:
    return [one["input"] for one in wrong if one["square"]]


def _is_square(number: int) -> bool:
    return math.isqrt(number) ** 2 == number
