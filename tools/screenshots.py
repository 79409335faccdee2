"""Pictures of the report's pages, light, dark and narrow, as a reader sees them.

``python -m tools.screenshots FOLDER`` takes them of html/ with Debian's Chromium.
"""

from __future__ import annotations

import argparse
import functools
import shutil
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .workers import ROOT

PAGES = ("index", "compare", "op-exp", "changes", "about")
# Width in CSS pixels and colour scheme.
MODES = {"light": (1280, "light"), "dark": (1280, "dark"), "narrow": (390, "light")}
_HEIGHT = 900


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def take(browser: Browser, url: str, folder: Path) -> None:
    """A file ``PAGE-MODE.png`` of each page in each mode."""
    for mode, (width, scheme) in MODES.items():
        context = browser.new_context(
            viewport={"width": width, "height": _HEIGHT}, color_scheme=scheme
        )
        for name in PAGES:
            page = context.new_page()
            page.goto(f"{url}/{name}.html")
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)  # the last picture is drawn
            page.screenshot(path=folder / f"{name}-{mode}.png")
            page.close()
        context.close()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    html, program = ROOT / "html", shutil.which("chromium")
    if program is None or not (html / "index.html").exists():
        missing = "Chromium: apt-get install chromium" if program is None else "html/: make report"
        print(f"error: there is no {missing}", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        take(browser, f"http://127.0.0.1:{server.server_port}", folder)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
