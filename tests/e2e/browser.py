"""A published site, a real browser that reaches nothing else, and what it complains about."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright


class Quiet(SimpleHTTPRequestHandler):
    """Python's own server of files, without a line on stderr per request."""

    def log_message(self, *args):
        pass


@dataclass(frozen=True)
class Site:
    """What ``asv publish`` wrote, and where it is served."""

    html: Path
    url: str

    @property
    def asv(self) -> str:
        """asv's own page: the start page is ours."""
        return self.url + "asv.html"


@contextmanager
def served(html: Path) -> Iterator[Site]:
    handler = functools.partial(Quiet, directory=html)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Site(html, f"http://127.0.0.1:{server.server_port}/")
        finally:
            server.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, for which no host exists but this one; skips where it is missing."""
    program = shutil.which("chromium")
    if program is None:
        leave = pytest.fail if os.environ.get("CI") else pytest.skip
        leave("no browser here: apt-get install chromium")
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[alone])
        yield browser
        browser.close()


@dataclass
class Reader:
    """A browser's page with what it asked others for and what it complained about."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.route("**/*", self._only_here)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _only_here(self, route):
        if route.request.url.startswith("http://127.0.0.1:"):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")
