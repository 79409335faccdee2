"""Which result bits a release gives where: by level, and by the maker of the processor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from benchmarks import levels
from benchmarks.backends import _names
from benchmarks.libraries import BY_NAME, OF_BACKEND
from tools.report.facts import at_levels
from tools.report.site import Site
from tools.results import result_bits, variants

_KINDS = ("exact", "search", "sample")
"""Of Records of errors: what looked most closely comes first."""


def of_newest(site: Site, records: list[dict]) -> list[dict]:
    """Of the newest release of each backend, one op's variants by dtype: a Record of each, with its
    worst input, that looked most closely, and in ``seen`` where the same bits were seen."""
    errors = [
        one for one in records
        if one["kind"] in _KINDS and one["region"] == "normal" and one.get("worst")
    ]  # fmt: skip
    newest: dict[str, str] = {}
    for one in errors:
        known = newest.get(one["backend"], one["release"])
        newest[one["backend"]] = max(known, one["release"], key=site.order.__getitem__)
    mine = [one for one in errors if one["release"] == newest[one["backend"]]]
    found = []
    for several in _by_bits(mine).values():
        best = min(several, key=lambda one: _KINDS.index(one["kind"]))
        seen = defaultdict(list)
        for machine, device in dict.fromkeys((one["machine"], one["device"]) for one in several):
            seen[machine].append(device)
        held = {
            at_levels.of(site.levels[machine], device)
            for machine, devices in seen.items() for device in devices
        }  # fmt: skip
        shown = {"evaluate": _command(best), "python": python_line(best)}
        places = [level for level in at_levels.ORDER if level in held]
        found.append(best | {"seen": dict(seen), "levels": places} | shown)
    return found


def distributions(site: Site, records: list[dict]) -> list[dict]:
    """How the errors of one op's normal numbers are distributed, by release, backend, dtype and
    ``level``: the shares within 0.5, 1, 2 and 4 ULP. Of variants at one level, that of the machine
    whose errors the pages show. Only Records made since these are counted have them."""
    found: dict[tuple, dict] = {}
    for whose, mine in _grouped(records, "release").items():
        for (backend, dtype, _), several in _by_bits(mine).items():
            # The quick profile's, which the releases have in common.
            known = [one for one in several if one.get("within") and one["region"] == "normal"]
            if not known:
                continue
            within = list(min(known, key=lambda one: one["kind"] != "sample")["within"].values())
            for one in several:
                level = at_levels.of(site.levels[one["machine"]], one["device"])
                key = (*whose, backend, dtype, level)
                rank = at_levels.rank(site, level, one["machine"])
                if key not in found or rank < found[key]["rank"]:
                    found[key] = {"release": whose[0], "backend": backend, "dtype": dtype,
                                  "level": level, "within": within, "rank": rank}  # fmt: skip
    return [
        {name: value for name, value in one.items() if name != "rank"} for one in found.values()
    ]


def _command(record: dict) -> str:
    """What shows a Record's worst input again."""
    numbers = ", ".join(one["hex"] for one in record["worst"]["input"])
    of = f'"{record["op"]}({numbers})" {record["release"]} --dtype {record["dtype"]}'
    if record["backend"] != OF_BACKEND.get(record["backend"]):
        of += f" --backend {record['backend']}"
    if record["device"] != "cpu":
        of += f" --device {record['device']}"
    return f"python -m tools.evaluate {of}"


def python_line(record: dict) -> str:
    """A line of Python that calls the function with a Record's worst input as its library's users
    do, and prints the result; "" where the backend has none."""
    library = OF_BACKEND.get(record["backend"], "")
    version = tuple(map(int, record["release"].partition("-")[2].split(".")[:2]))
    rows = BY_NAME[library].backends if library else ()
    row = next(
        (one for one in rows if one.name == record["backend"] and version >= one.since), None
    )
    if row is None:
        return ""
    arguments = ", ".join(
        row.argument.format(hex=one["hex"], dtype=record["dtype"])
        for one in record["worst"]["input"]
    )
    return row.shown.format(
        function=_names.dotted(library, record["op"]),
        arguments=arguments,
        names=", ".join("xy"[: len(record["worst"]["input"])]),
        dtype=record["dtype"],
    )


def _by_bits(records: list[dict]) -> dict[tuple, list[dict]]:
    """Records of one op by backend, dtype and result bits; of a place whose bits nobody knows, by
    place."""
    known: dict[tuple, str] = {}
    for whose, mine in _grouped(records, "machine", "release").items():
        known |= {(whose, *key): r["results"] for key, r in result_bits.quick(mine).items()}
    found = defaultdict(list)
    for one in records:
        whose = one["machine"], one["release"]
        what = one["backend"], one["device"], one["op"], one["dtype"]
        bits = known.get((whose, *what), (whose, one["device"]))
        found[one["backend"], one["dtype"], bits].append(one)
    return found


@lru_cache(maxsize=1)  # the findings ask, and all functions' pages
def by_maker(site: Site) -> list[dict]:
    """What no switch reaches: functions whose results differ between the makers of processors at
    the same level, with the releases in which they do, oldest first."""
    places = _places(site)
    at = [*variants.FUNCTION, "level"]
    # Another mean error, too: the bits would differ for a NaN.
    bits, mean = pl.col("results"), pl.col("mean_ulp")
    several = places.group_by(at).agg(
        makers=pl.col("maker").unique().sort(),
        # As many as there are makers, or more, and none that two of them give.
        of_each=pl.struct("maker", "results").n_unique(),
        apart=(mean.max() - mean.min() > _apart() * mean.max()).first(),
        distinct=bits.n_unique(),
        errors=pl.struct("maker", "max_ulp"),
    )
    of_own = pl.col("distinct") == pl.col("of_each")
    differing = several.filter(pl.col("makers").list.len() > 1, of_own, "apart")
    found: dict[tuple, dict] = {}
    for row in differing.sort(pl.col("release").replace_strict(site.order)).to_dicts():
        key = row["backend"], row["op"], row["dtype"]
        one = found.setdefault(key, {**dict(zip(("backend", "op", "dtype"), key, strict=True)),
                                     "releases": [], "makers": row["makers"]})  # fmt: skip
        if row["release"] not in one["releases"]:
            one["releases"].append(row["release"])
            one["errors"] = {it["maker"]: it["max_ulp"] for it in row["errors"]}
    return sorted(found.values(), key=lambda one: (one["op"], one["backend"], one["dtype"]))


def _apart() -> pl.Expr:
    """From where on two mean errors are of other results, as a ratio. Judges on CPUs of two makers
    agree to 10^-4 in float64: x87's instructions, of which its filter is made, are each maker's.
    """
    return pl.when(pl.col("dtype") == "float64").then(1e-3).otherwise(1e-6)


def _places(site: Site) -> pl.DataFrame:
    """Where each variant was seen on a CPU, with ``level`` and ``maker`` where these are known;
    without the places where a processor's own best is more than its level."""
    rows = []
    for (machine, release), mine in _grouped(site.known_records, "machine", "release").items():
        features = set(site.listing(machine, release).get("cpu", {}).get("features", []))
        own, maker = levels.of_flags(features), site.makers[machine]
        for (backend, device, op, dtype), one in result_bits.quick(mine).items():
            level = own if device == "cpu" else levels.OF_DEVICE.get(device)
            beyond = device == "cpu" and at_levels.BEYOND.get(dtype) in features
            if level and maker and not beyond:
                told = one["results"], one["mean_ulp"], one["max_ulp"]
                rows.append((release, backend, op, dtype, level, maker, *told))
    schema = dict.fromkeys([*variants.FUNCTION, "level", "maker", "results"], pl.String)
    return pl.DataFrame(
        rows, schema | {"mean_ulp": pl.Float64, "max_ulp": pl.Float64}, orient="row"
    )


def _grouped(records: Iterable[dict], *keys: str) -> dict[tuple, list[dict]]:
    found = defaultdict(list)
    for one in records:
        found[tuple(one[key] for key in keys)].append(one)
    return found
