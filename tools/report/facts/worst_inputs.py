"""What gave an error that no number of ULP makes imaginable: input, result and exact answer."""

from __future__ import annotations

from tools.report.site import Site

# An error of a million representable numbers and more: ten binary digits are left in float32.
_ABSURD = 1e6
_KINDS = {
    "max_ulp": ("sample", "exact"),
    "max_ulp_exact": ("exact",),
    "max_ulp_search": ("search",),
}


def of_step(site: Site, step: dict) -> dict | None:
    """The worst input of a step's worse side, None where the error is not absurd or not known."""
    error, release = max(
        (step["before"], step["before_release"]), (step["after"], step["after_release"])
    )
    if step["unit"] != "ulp" or error < _ABSURD:
        return None
    for record in site.worst_records:
        if (
            record["machine"] == step["machine"]
            and record["release"] == release
            and record["kind"] in _KINDS[step["metric"]]
            and all(record[key] == step[key] for key in ("backend", "device", "op", "dtype"))
            and record["region"] == step["place"]
        ):
            return {"release": release, **readable(record["worst"])}
    return None


def readable(worst: dict) -> dict:
    """A Record's worst input, in digits that a reader takes in."""
    return {
        "input": ", ".join(short(one["decimal"]) for one in worst["input"]),
        "got": short(worst["got"]["decimal"]),
        "exact": short(worst["exact"]),
    }


def short(decimal: str) -> str:
    """Six digits of a decimal number: as text, since it may be beyond any float."""
    number = float(decimal)
    if number in (float("inf"), float("-inf")) and "inf" not in decimal:
        return decimal
    return f"{number:.6g}"
