"""What a command ends with in one line."""

from __future__ import annotations


class Mendable(Exception):
    """What the user can mend: the message is one line that says what is wrong, and what to do."""


class Damaged(Mendable):
    """A file that is not what it should be; the message names it, with the line."""


left_out: list[str] = []
"""What a command of asv's has named and gone on without: its exit code is 1 then."""
