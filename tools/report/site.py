"""What all pages share: the table by machine, the templates, and files of data that pages load.

Data come as scripts that call a function, because fetch() fails where a page is opened from the
disk; each page loads those it needs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import jinja2
import polars as pl
import vl_convert

from benchmarks import levels
from benchmarks.libraries import BY_NAME, FIRST, QUESTION, TITLES
from tools.foundation import safe_files
from tools.foundation.errors import Damaged
from tools.foundation.paths import CACHE
from tools.judging import verdict
from tools.report import words
from tools.results import processor, records

TEMPLATES = Path(__file__).parent / "templates"
DTYPES = ("float32", "float64", "float16", "bfloat16")


KINDS = (("avx512f", "with AVX-512"), ("avx2", "with AVX2, without AVX-512"),
         ("sse2", "without AVX2"))  # fmt: skip


LEVEL_TITLES = {"v3": "AVX2 (v3)", "v4": "AVX-512 (v4)", "v2": "SSE4.2 (v2)", "gpu": "GPU",
                "unknown": "not known"}  # fmt: skip
"""What code runs on: the first is what most processors have."""


MAKERS = ("Intel", "AMD")
"""As their names are in /proc/cpuinfo: what approximates 1/√x and 1/x is each maker's own."""


BOTH = [BY_NAME[library].title for library in QUESTION]
ASKED = f"{' or '.join(BOTH)}?"
"""The question that the start page answers."""


TOLD = f"How fast and how wrong the math functions of {' and '.join(BOTH)} are, for every release."
"""What a link to a page says where the page has nothing of its own to say."""


class Site:
    """A site in the making: its numbers, and the folder it goes to. ``problems`` are lines on what
    is left out since it is damaged."""

    def __init__(self, table: pl.DataFrame, records: list[dict], results: Path, html: Path,
                 here: str | None = None, notes: Sequence[dict] = (),
                 problems: Iterable[str] = ()):  # fmt: skip
        self.notes, self.problems = notes, list(problems)
        self.table, self.records, self.results, self.html = table, records, results, html
        self._here = here
        self._listings: dict[tuple[str, str], dict] = {}
        self._floors: dict[str, pl.DataFrame] = {}
        (html / "data").mkdir(parents=True, exist_ok=True)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True,
            lstrip_blocks=True, undefined=jinja2.StrictUndefined,
        )  # fmt: skip
        self._templates.filters["slug"] = slug
        for filter in (
            words.ulp,
            words.error,
            words.bounded,
            words.seconds,
            words.counted,
            words.place,
            words.listed,
        ):
            self._templates.filters[filter.__name__] = filter
        self._templates.filters["whose"] = self.whose
        self._templates.globals |= {
            "level_titles": LEVEL_TITLES,
            "speed": words.speed,
            "question": ASKED,
            "address": _address(),
            "pair": BOTH,
            "firsts": list(FIRST.values()),
        }
        self.script("vega.js", _vega())

    @cached_property
    def here(self) -> str | None:
        """The machine that makes this report, where it has times of what the question is about."""
        asked = pl.col("op").is_not_null(), pl.col("library").is_in(QUESTION)
        timed = self.measured.filter(*asked, metric="time")
        libraries = timed.group_by("machine").agg(pl.col("library").n_unique())
        whole = set(libraries.filter(library=timed["library"].n_unique())["machine"])
        return self._here if self._here in whole else None

    @cached_property
    def machines(self) -> list[str]:
        """Those with results; the one here comes first, then those with times of most newest
        releases, then that which tells most of these."""
        newest = {row["library"]: row["release"] for row in self.releases}
        of_newest = pl.col("release").is_in(list(newest.values())) & pl.col("op").is_not_null()
        timed = pl.col("release").filter(of_newest, pl.col("metric") == "time").n_unique()
        by_machine = self.measured.group_by("machine")
        counts = by_machine.agg(pl.len(), timed=timed, newest=of_newest.sum())
        ranks = ["timed", "newest", "len", "machine"]
        ranked = counts.sort(ranks, descending=[True, True, True, False])["machine"].to_list()
        return sorted(ranked, key=lambda machine: machine != self.here)

    @cached_property
    def titles(self) -> dict[str, str]:
        """How the backends that were measured are called, and those of the question."""
        there = {FIRST[one] for one in QUESTION} | set(self.measured["backend"].unique())
        return {name: title for name, title in TITLES.items() if name in there}

    @cached_property
    def known_records(self) -> list[dict]:
        """The Records of machines and releases with numbers: damaged results leave others."""
        return [
            one for one in self.records
            if one["release"] in self.order and one["machine"] in self.machines
        ]  # fmt: skip

    @cached_property
    def ops(self) -> list[str]:
        """Those with a number, each of which has a page."""
        return sorted(self.measured["op"].drop_nulls().unique())

    @cached_property
    def worst_records(self) -> list[dict]:
        """The Records of absurd errors, of which there are few (facts/worst_inputs.py)."""
        return [
            one for one in self.records if (one.get("max_ulp") or 0) >= 1e6 and one.get("worst")
        ]

    @cached_property
    def measured(self) -> pl.DataFrame:
        return self.table.filter(status="measured")

    @cached_property
    def releases(self) -> list[dict]:
        """Those with results, in the table's order, newest last."""
        columns = ["release", "library", "version", "uploaded"]
        return self.measured.select(columns).unique(maintain_order=True).to_dicts()

    @cached_property
    def order(self) -> dict[str, int]:
        """The places of releases among all, by name."""
        return {row["release"]: place for place, row in enumerate(self.releases)}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """By machine, what libraries choose their code by, as far as it is known: its AVX."""
        return {machine: self._kind(machine) for machine in self.machines}

    def _kind(self, machine: str) -> str:
        features = self._of_cpu(machine, "features")
        return next((words for name, words in KINDS if name in features), "")

    @cached_property
    def makers(self) -> dict[str, str]:
        """By machine, who made its processor; "" where that is not known."""
        models = {machine: self._of_cpu(machine, "model") for machine in self.machines}
        return {
            machine: next((maker for maker in MAKERS if maker in model), "")
            for machine, model in models.items()
        }

    def whose(self, machines: list[str]) -> str:
        """``AMD: zen3 and vm; Intel: xeon``: machines by the makers of their processors."""
        named = [
            (f"{maker}: " if maker else "") + words.listed(mine)
            for maker in dict.fromkeys(self.makers[one] for one in machines)
            if (mine := [one for one in machines if self.makers[one] == maker])
        ]
        return "; ".join(named)

    @cached_property
    def levels(self) -> dict[str, str | None]:
        """By machine, its level of x86-64, like "v3"; None where that is not known."""
        return {
            machine: levels.of_flags(self._of_cpu(machine, "features")) for machine in self.machines
        }

    def features(self, machine: str) -> set[str]:
        """Of its processor, as Linux names them; none where they are not known."""
        return set(self._of_cpu(machine, "features"))

    def _of_cpu(self, machine: str, what: str) -> list[str] | str:
        """What the first listing that has it says of the processor."""
        for release in self.on(machine)["release"].unique(maintain_order=True):
            if found := self.listing(machine, release).get("cpu", {}).get(what):
                return found
        return ""

    def on(self, machine: str) -> pl.DataFrame:
        return self.measured.filter(machine=machine)

    def listing(self, machine: str, release: str) -> dict:
        """What ran, and on what; empty where nothing is known of that."""
        key = machine, release
        if key not in self._listings:
            self._listings[key] = self._listing(*key)
        return self._listings[key]

    def _listing(self, machine: str, release: str) -> dict:
        try:
            return records.listing(self.results, machine, release)
        except Damaged:
            return {}  # history.load has named it

    def floors(self, machine: str) -> pl.DataFrame:
        """The noise floors measured on ``machine``."""
        if machine not in self._floors:
            try:
                self._floors[machine] = verdict.floors(self.results / machine / "noise.jsonl")
            except Damaged as error:
                self.problems.append(str(error))
                self._floors[machine] = verdict.NO_FLOORS
        return self._floors[machine]

    def processors(self, machine: str) -> dict[str, str | None]:
        """By release, the processor it was measured on."""
        return self._processors.get(machine, {})

    @cached_property
    def _processors(self) -> dict[str, dict[str, str | None]]:
        places = self.measured.select("machine", "release").unique(maintain_order=True)
        found: dict[str, dict[str, str | None]] = {machine: {} for machine in self.machines}
        for machine, release in places.rows():
            found[machine][release] = processor.name(self.listing(machine, release))
        return found

    def pythons(self, machine: str) -> dict[str, str | None]:
        """By release, the Python it was measured with, None where that is not known."""
        return {
            name: self.listing(machine, name).get("python") for name in self.processors(machine)
        }

    def two_pythons(self, steps: pl.DataFrame) -> list[str]:
        """``BEFORE → AFTER`` for the times and counts among ``steps`` that were taken with two
        Pythons, of which a part of a short one is: the more, the fewer the numbers."""
        timed = steps.filter(pl.col("unit").is_in(verdict.OF_CALLS))
        found = {}
        for machine, before, after in (
            timed.select("machine", "before_release", "after_release")
            .unique(maintain_order=True)
            .rows()
        ):
            pythons = [self.pythons(machine).get(name) for name in (before, after)]
            if None not in pythons and pythons[0] != pythons[1]:
                found[" → ".join(pythons)] = True
        return list(found)

    def page(self, name: str, template: str, **values) -> None:
        """Render a template of templates/ to html/NAME."""
        text = self.render(template, page=name, **values)
        (self.html / name).write_text(text, encoding="utf-8")

    def render(self, template: str, **values) -> str:
        told = {"description": TOLD, "picture": None} | values
        return self._templates.get_template(template).render(
            machines=self.machines, kinds=self.kinds, names=self.titles, places=self._places, **told
        )

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        """Where the field of the header leads: functions and releases with their addresses."""
        releases = [row["release"] for row in reversed(self.releases)]
        return [
            *((op, f"op-{slug(op)}.html") for op in self.ops),
            *((name, f"changes.html#{slug(name)}") for name in releases),
        ]

    def data(self, name: str, value) -> None:
        """Write ``data/NAME.js``, which hands ``value`` to the page that loads it."""
        key, text = (
            json.dumps(one, allow_nan=False, ensure_ascii=True, separators=(",", ":"))
            # In a script of its own nothing ends it but this; escaped all the same.
            .replace("</", "<\\/")
            for one in (name, value)
        )
        self.script(f"data/{name}.js", f"ulpwatch.got({key},{text});\n")

    def script(self, name: str, text: str) -> None:
        (self.html / name).write_text(text, encoding="utf-8")


def _address() -> str:
    """Where the site will be, with a slash at its end; "" where nobody said so. What is linked to
    from elsewhere, like a page's picture, has to be named in full."""
    url = os.environ.get("SITE_URL", "")
    return url if not url or url.endswith("/") else f"{url}/"


def _vega() -> str:
    """The charting library as one script: to put it together takes seconds, once per version."""
    kept = CACHE / f"vega-{vl_convert.__version__}.js"
    if not kept.exists():
        # In a function: the bundle's own names are global to a classic script.
        safe_files.write(kept, "(() => {" + vl_convert.javascript_bundle() + "})();\n")
    return kept.read_text(encoding="utf-8")


def slug(name: str) -> str:
    """``name`` for a file's name: whatever is no letter, digit, dot or dash is an underscore."""
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "_" for c in name)


def with_place(table: pl.DataFrame) -> pl.DataFrame:
    """With ``place``: the region, the size or the variant that a number is of; "" where it is of
    none."""
    return table.with_columns(
        place=pl.coalesce("region", pl.col("size").cast(pl.String), "variant").fill_null("")
    )
