"""What the history shows, told from the numbers; only ``notes.toml`` is written by hand.

A note says what the libraries themselves say of a change, for those who want to know why:
``[[note]]`` with ``release`` (like ``numpy-1.22.4``), ``ops``, ``text`` and ``url``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl

from .sentences import faster, newest_releases, right_since, same_results, seed
from .site import Site

NOTES = Path(__file__).parent.parent.parent / "notes.toml"
_SHOWN = 10
_ERRORS = ("max_ulp", "max_ulp_exact", "max_ulp_search")
# Subnormal numbers have errors of millions of ULP and few users.
_REGIONS = ("usual", "normal")
# Of fewer numbers a time is that of calling, whatever the function.
_LEAST_SIZE = 1000
# One function of one backend in one release.
_EVENT = ("op", "backend", "before_release", "after_release")


def write(site: Site, steps: pl.DataFrame) -> None:
    site.page("findings.html", "findings.html", title="Findings", **facts(site, steps))


def facts(site: Site, steps: pl.DataFrame) -> dict:
    """What templates/findings.html and findings.md say."""
    newest = newest_releases(site)
    errors, times = _events(steps, _is_error()), _events(steps, _is_time())
    return {
        "sentences": [same_results(site), faster(site)],
        "since": right_since(seed(site)),
        "errors": {
            library: errors.filter(library=library).head(_SHOWN).to_dicts()
            for library in sorted(newest)
        },
        "times": times.head(_SHOWN).to_dicts(),
        "trades": _together(errors, times, "worse", "better"),
        "gains": _together(errors, times, "better", "better"),
        "lately": [_of_newest(row, errors, times) for row in newest.values()],
        "notes": notes(),
    }


def _is_error() -> pl.Expr:
    return pl.col("metric").is_in(_ERRORS) & pl.col("place").is_in(_REGIONS)


def _is_time() -> pl.Expr:
    return (pl.col("metric") == "time") & (pl.col("size") >= _LEAST_SIZE)


def _events(steps: pl.DataFrame, which: pl.Expr) -> pl.DataFrame:
    """The largest step of each function of each backend in each release, largest first."""
    rows = steps.filter(which, pl.col("op").is_not_null())
    return rows.unique(_EVENT, keep="first", maintain_order=True)


def _together(errors: pl.DataFrame, times: pl.DataFrame, error: str, time: str) -> list[dict]:
    """What changed in both, the error this way and the time that way, the largest error first."""
    both = errors.filter(verdict=error).join(
        times.filter(verdict=time), on=_EVENT, suffix="_time", maintain_order="left"
    )
    return both.to_dicts()


def _of_newest(row: dict, errors: pl.DataFrame, times: pl.DataFrame) -> dict:
    return {
        "release": row["release"],
        "errors": errors.filter(after_release=row["release"]).head(_SHOWN).to_dicts(),
        "times": times.filter(after_release=row["release"]).head(_SHOWN).to_dicts(),
    }


def notes(file: Path = NOTES) -> dict[str, list[dict]]:
    """The notes by ``RELEASE OP``. Raises ValueError in one line."""
    found: dict[str, list[dict]] = {}
    try:
        for note in tomllib.loads(file.read_text(encoding="utf-8")).get("note", []):
            if not note["url"].startswith("https://"):
                raise ValueError(f"{note['url']!r} is no https address")
            for op in note["ops"]:
                found.setdefault(f"{note['release']} {op}", []).append(note)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{file}: {error!r}") from None
    return found
