"""A published site, a real browser that reaches nothing else, and what it complains about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools.report import browser


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
    with browser.served(html) as url:
        yield Site(html, url)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips where there is none, but for CI."""
    try:
        with browser.chromium() as program:
            yield program
    except browser.NoBrowser as error:
        leave = pytest.fail if os.environ.get("CI") else pytest.skip
        leave(str(error))


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
