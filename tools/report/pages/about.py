"""About the numbers: where they were measured, in which environments, and what they mean."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import levels
from tools.report.facts import result_variants
from tools.report.site import Site

_FACTS: dict[str, Any] = {
    "python": "no listing", "libc": "", "resolved_before": "", "settings": {}, "packages": [],
    "cpu": {"model": "", "features": []}, "gpus": [],
}  # fmt: skip


def write(site: Site) -> None:
    about = [_machine(site, name) for name in site.machines]
    site.page(
        "about.html",
        "about.html",
        title="About the numbers",
        about=about,
        makers=result_variants.by_maker(site),
        arm=[one["name"] for one in about if one["facts"].get("arch") in ("aarch64", "arm64")],
    )


def _machine(site: Site, name: str) -> dict:
    folder = site.results / name
    releases = []
    for row in site.table.filter(machine=name)["release"].unique(maintain_order=True):
        facts = _FACTS | site.listing(name, row)
        releases.append({"name": row, "facts": facts})
    facts = _load(folder / "machine.json")
    cpus = (one["facts"]["cpu"] for one in releases if one["facts"]["cpu"].get("model"))
    cpu = _FACTS["cpu"] | next(cpus, {})
    gpus: list[dict] = next(
        (one["facts"]["gpus"] for one in reversed(releases) if one["facts"]["gpus"]), []
    )
    level = levels.of_flags(cpu["features"])
    return {"name": name, "facts": facts, "cpu": cpu, "level": level, "gpus": gpus,
            "releases": list(reversed(releases))}  # fmt: skip


def _load(file) -> dict:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # tools/results/history.py has named it
