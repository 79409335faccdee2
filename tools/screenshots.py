"""Pictures of the report's pages, light, dark and narrow, as a reader sees them.

``python -m tools.screenshots FOLDER`` takes them of html/ with Debian's Chromium.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tools.foundation.paths import ROOT
from tools.report import browser

PAGES = ("index", "compare", "op-exp", "changes", "findings", "question", "about")
# Width in CSS pixels and colour scheme.
MODES = {"light": (1280, "light"), "dark": (1280, "dark"), "narrow": (390, "light")}
_HEIGHT = 900


def take(program: Browser, url: str, folder: Path) -> None:
    """A file ``PAGE-MODE.png`` of each page in each mode."""
    for mode, (width, scheme) in MODES.items():
        context = program.new_context(
            viewport={"width": width, "height": _HEIGHT}, color_scheme=scheme
        )
        for name in PAGES:
            page = context.new_page()
            page.goto(f"{url}{name}.html")
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)  # the last picture is drawn
            page.screenshot(path=folder / f"{name}-{mode}.png")
            page.close()
        context.close()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    html = ROOT / "html"
    if not (html / "index.html").exists():
        print("error: there is no html/: make report", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with browser.chromium() as program, browser.served(html) as url:
            take(program, url, folder)
    except browser.NoBrowser as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
