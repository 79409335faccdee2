"""Write the findings in README.md and docs/findings.md, from results/: none is typed by hand.

``python -m tools.readme`` replaces the text between the two marks in each file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.foundation import safe_files
from tools.foundation.paths import RESULTS, ROOT
from tools.releases.release_table import load
from tools.report import publisher
from tools.report.pages import findings
from tools.report.steps import between

WRITTEN = {ROOT / "README.md": False, ROOT / "docs" / "findings.md": True}
"""The files, and whether all of it is in them."""
BEGIN, END = "<!-- findings: python -m tools.readme -->", "<!-- end of findings -->"


def sections(results: Path = RESULTS) -> dict[Path, str]:
    """The findings as markdown, by file."""
    with tempfile.TemporaryDirectory() as html:
        site = publisher.read(results, Path(html), load())
        facts = findings.facts(site, between.steps(site))
        return {
            file: site.render("findings.md", **facts, whole=whole).strip()
            for file, whole in WRITTEN.items()
        }


def replaced(text: str, findings: str) -> str:
    """``text`` with these findings. Raises ValueError where the marks are not there."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the marks {BEGIN} and {END} are not there")
    return f"{before}{BEGIN}\n{findings}\n{END}{after}"


def main() -> None:
    for file, found in sections().items():
        safe_files.write(file, replaced(file.read_text(encoding="utf-8"), found))


if __name__ == "__main__":
    main()
