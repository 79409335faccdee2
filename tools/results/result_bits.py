"""Which bits a release gave, by its Records: the name of a variant (variants.py), and who swept it.

Without polars: a sweep imports this, and polars has SIGINT handled in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.results import records
from tools.results.schema import Row


def quick(of_release: Iterable[Row]) -> dict[tuple[str, ...], Row]:
    """By backend, device, op and dtype the quick profile's Record of the region ``normal``, among
    one machine's Records of one release: its ``results`` are the name of the variant.

    Of a 16-bit type that profile is all inputs, and its Records are of kind ``exact``; of wider
    types those are of a sweep, whose hash is another one.
    """
    found: dict[tuple[str, ...], Row] = {}
    for one in of_release:
        sixteen = one["dtype"] in ("float16", "bfloat16")
        if one["region"] == "normal" and (
            one["kind"] == "sample" or (one["kind"] == "exact" and sixteen)
        ):
            key = tuple(one[name] for name in ("backend", "device", "op", "dtype"))
            # Of all pairs of 16-bit arguments, too, there may be a sweep.
            if one["kind"] == "sample" or key not in found:
                found[key] = one
    return found


def by_machine(results: Path, release: str) -> dict[str, list[Row]]:
    """All Records of a release. Raises Damaged."""
    files = sorted(results.glob(f"*/records/{release}.jsonl"))
    return {file.parent.parent.name: records.load(file) for file in files}


def held(known: dict[str, list[Row]], machine: str, what: tuple[str, ...]) -> list[Row]:
    """The Records over all inputs of ``what`` (backend, device, op, dtype) that another machine or
    device has made of the same variant, each with its ``machine``; none where nobody has, or nobody
    knows what ``machine`` gives. ``known`` are the Records of one release by machine.
    """
    seen = {name: quick(mine) for name, mine in known.items()}
    mine = seen.get(machine, {}).get(what)
    if mine is None:
        return []
    backend, _, *function = what
    for name, those in known.items():
        exact = [one | {"machine": name} for one in those if one["kind"] == "exact"]
        for key, one in seen[name].items():
            place = name, key[1]
            same = (key[0], *key[2:]) == (backend, *function) and place != (machine, what[1])
            if same and one["results"] == mine["results"]:
                found = [r for r in exact if records.key(r)[:4] == key]
                if found:
                    return found
    return []
