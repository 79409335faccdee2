"""The question of 2017, root by root, as the Records of the seed example have it."""

from __future__ import annotations

import math

from tools.report.site import Site

# The versions that it was asked of.
NUMPY, TENSORFLOW = "numpy-1.13.1", "tensorflow-1.2.0"
_ROOTS = range(100)


def then(site: Site) -> list[dict]:
    """TensorFlow's roots of then, by machine; none where no Record has them."""
    found = [one for one in _records(site) if one["release"] == TENSORFLOW]
    return [_of(one) for one in found if one["backend"] == "tensorflow"]


def squares(site: Site) -> list[dict]:
    """Where a perfect square was among the wrong roots: which, and in what run of releases."""
    found = []
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
