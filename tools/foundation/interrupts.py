"""A signal that ends a command ends what it started, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

_ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def as_interrupts() -> Iterator[None]:
    """SIGTERM and SIGHUP are KeyboardInterrupt meanwhile, but where they are ignored (nohup)."""
    before = {one: signal.getsignal(one) for one in _ENDING}
    for one, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(one, _interrupt)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _interrupt(*_) -> None:
    for one in _ENDING:
        signal.signal(one, signal.SIG_IGN)  # a second one would come into the tidying up
    raise KeyboardInterrupt
