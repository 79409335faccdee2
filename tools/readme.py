"""The README's findings, made from results/ like the site's: no number in them is typed by hand.

``python -m tools.readme`` writes them anew between their two marks.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.foundation import safe_files
from tools.foundation.paths import ROOT
from tools.releases.release_table import load
from tools.report import publisher
from tools.report.pages import changes, findings

README = ROOT / "README.md"
BEGIN, END = "<!-- findings: python -m tools.readme -->", "<!-- end of findings -->"


def section(results: Path = ROOT / "results") -> str:
    """The findings as markdown."""
    with tempfile.TemporaryDirectory() as html:
        site = publisher.read(results, Path(html), load())
        return site.render("findings.md", **findings.facts(site, changes.steps(site))).strip()


def replaced(text: str, findings: str) -> str:
    """``text`` with these findings. Raises ValueError where the marks are not there."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"README.md lacks the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{findings}\n{END}{after}"


def main() -> None:
    safe_files.write(README, replaced(README.read_text(encoding="utf-8"), section()))


if __name__ == "__main__":
    main()
