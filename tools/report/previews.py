"""The picture that stands where a function's page is linked to: its errors by release, as a PNG."""

from __future__ import annotations

from pathlib import Path

import vl_convert

from benchmarks.libraries import TITLES
from tools.report.facts import at_levels, heat_map
from tools.report.site import DTYPES, LEVEL_TITLES, Site, slug

_SIZE = {"width": 1040, "height": 430}
# Okabe and Ito's colours, as on the pages.
_COLOURS = ["#0072b2", "#d55e00", "#007a5a"]
_TOP = 16  # ULP


def name(op: str) -> str:
    return f"op-{slug(op)}.png"


def draw(specification: dict, file: Path) -> None:
    file.write_bytes(vl_convert.vegalite_to_png(specification))


def of_op(site: Site, op: str) -> dict | None:
    """A Vega-Lite specification of the errors of ``op`` by day of release, in the first dtype and
    at the first level that have some; None where there are none."""
    for dtype in DTYPES:
        for level in at_levels.ORDER:
            values = _values(site, op, dtype, level)
            if values:
                return _specification(op, dtype, level, values)
    return None


def _values(site: Site, op: str, dtype: str, level: str) -> list[dict]:
    days = {row["release"]: row["uploaded"].isoformat() for row in site.releases}
    found = [
        {"day": days[release], "ulp": min(abs(value), _TOP), "call": TITLES[backend]}
        for (backend, release, one), value in heat_map.errors(site, dtype, level).items()
        if one == op
    ]
    return sorted(found, key=lambda one: (one["call"], one["day"]))


def _specification(op: str, dtype: str, level: str, values: list[dict]) -> dict:
    calls = [title for title in TITLES.values() if any(one["call"] == title for one in values)]
    scale = {"type": "symlog", "constant": 0.5, "domain": [0, _TOP]}
    axis = {"values": [0, 0.5, 1, 2, 4, 8, _TOP], "format": "~g"}
    places = [list(TITLES.values()).index(one) for one in calls]
    colour = {"domain": calls, "range": [_COLOURS[place % len(_COLOURS)] for place in places]}
    day = {"field": "day", "type": "temporal", "title": None,
           "axis": {"format": "%Y", "tickCount": "year"}}  # fmt: skip
    told = f"By day of release, {LEVEL_TITLES[level]}; top: {_TOP} and more. Ulpwatch"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **_SIZE,
        "padding": 30,
        "background": "white",
        "title": {"text": f"{op}, {dtype}: largest error, ULP", "anchor": "start", "fontSize": 34,
                  "subtitle": told, "subtitleFontSize": 22, "offset": 20},
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 4},
        "encoding": {
            "x": day,
            "y": {"field": "ulp", "type": "quantitative", "title": None, "scale": scale,
                  "axis": axis},
            "color": {"field": "call", "type": "nominal", "title": None, "scale": colour},
        },
        "config": {"axis": {"labelFontSize": 20}, "view": {"stroke": None}, "font": "sans-serif",
                   "legend": {"labelFontSize": 22, "orient": "top", "symbolStrokeWidth": 5,
                              "labelLimit": 0}},
    }  # fmt: skip
