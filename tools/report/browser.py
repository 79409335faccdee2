"""Debian's Chromium over Playwright, and a server for the pages that it opens."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright


class NoBrowser(RuntimeError):
    """There is none here; the message says what to install."""


class _Quiet(SimpleHTTPRequestHandler):
    """Python's own server of files, without a line on stderr per request."""

    def log_message(self, *args):
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address, ending in a slash, at which the files of ``folder`` are served."""
    handler = functools.partial(_Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for which no host exists but this one. Raises NoBrowser."""
    program = shutil.which("chromium")
    if program is None:
        raise NoBrowser("there is no Chromium: apt-get install chromium")
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[alone])
        try:
            yield browser
        finally:
            browser.close()
