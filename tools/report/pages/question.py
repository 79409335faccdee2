"""The question of 2017: the square roots of 0…99, and how the two libraries differ today."""

from __future__ import annotations

from collections.abc import Collection

from tools.report import notes
from tools.report.facts import head_to_head, roots_of_2017
from tools.report.facts.seed_question import by_answer, right_since, seed
from tools.report.site import Site


def write(site: Site) -> None:
    rows = seed(site)
    newest = {one["library"]: one["release"] for one in rows}
    site.page(
        "question.html",
        "question.html",
        title="The question of 2017",
        then=_answers(rows, (roots_of_2017.NUMPY, roots_of_2017.TENSORFLOW)),
        now=_answers(rows, newest.values()),
        original=roots_of_2017.TENSORFLOW,
        printout=roots_of_2017.printout(site),
        root_by_root=roots_of_2017.then(site),
        since=right_since(site),
        seed=rows,
        squares=roots_of_2017.squares(site),
        notes=notes.of_op(site, "sqrt"),
        today=head_to_head.table(site),
        ops=site.ops,
    )


def _answers(rows: list[dict], releases: Collection[str]) -> list[dict]:
    """What these releases gave without XLA, and on which machines."""
    return by_answer(
        (row["machine"], {
            "backend": row["library"], "version": row["version"],
            "wrong": row["wrong"][row["library"]], "max_ulp": row["max_ulp"].get(row["library"]),
        })
        for row in rows
        if row["release"] in releases and row["library"] in row["wrong"]
    )  # fmt: skip
