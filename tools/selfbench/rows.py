"""The rows that all of selfbench prints: a number, and the bar it should clear."""

from __future__ import annotations


def row(name: str, value: float, unit: str, least: float | None = None,
        most: float | None = None) -> dict:  # fmt: skip
    bar = least if least is not None else most
    held = None if bar is None else (value >= bar if least is not None else value <= bar)
    bound = None if bar is None else f"{'at least' if least is not None else 'at most'} {bar:g}"
    return {"name": name, "value": value, "unit": unit, "bar": bound, "held": held}


def show(rows: list[dict]) -> str:
    width = max(len(one["name"]) for one in rows)
    lines = []
    for one in rows:
        verdict = {None: "", True: f"{one['bar']}: held", False: f"{one['bar']}: MISSED"}
        number = f"{one['value']:14,.4g} {one['unit']:9}"
        lines.append(f"{one['name']:{width}} {number} {verdict[one['held']]}".rstrip())
    return "\n".join(lines)
