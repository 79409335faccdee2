"""What is known of blocks of results, on this machine: their errors, and how far a sweep is.

The errors of a block are a function of op, dtype, block and result bits alone, so that they are
kept under these: a release (or backend) that gives the same bits costs evaluation and a hash.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import zlib
from pathlib import Path

from tools.foundation import code_digest


class Blocks:
    """A cache in one SQLite file; may be used by several threads and processes at once."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")  # a cache: lost, it is made again
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS errors (function TEXT, block INTEGER, hash TEXT,"
            " tallies BLOB, PRIMARY KEY (function, block, hash)) WITHOUT ROWID"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS progress (sweep TEXT, block INTEGER, hash TEXT,"
            " PRIMARY KEY (sweep, block)) WITHOUT ROWID"
        )
        # A change of what decides on an error leaves what is known under another name.
        self._definitions = code_digest.digest()

    def _name(self, function: str) -> str:
        return f"{self._definitions} {function}"

    def get(self, function: str, block: int, hash: str) -> dict | None:
        """The tallies of a block by region, None where they are not known."""
        with self._lock:
            row = self._db.execute(
                "SELECT tallies FROM errors WHERE function = ? AND block = ? AND hash = ?",
                (self._name(function), block, hash),
            ).fetchone()
        return json.loads(zlib.decompress(row[0])) if row else None

    def hashes(self, function: str, block: int) -> list[str]:
        """The hashes of results of a block whose tallies are known."""
        with self._lock:
            query = "SELECT hash FROM errors WHERE function = ? AND block = ?"
            return [row[0] for row in self._db.execute(query, (self._name(function), block))]

    def put(self, function: str, block: int, hash: str, tallies: dict) -> None:
        packed = zlib.compress(json.dumps(tallies).encode(), 1)
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO errors VALUES (?, ?, ?, ?)",
                (self._name(function), block, hash, packed),
            )

    def done(self, sweep: str) -> dict[int, str]:
        """The blocks that an unfinished sweep has evaluated, with the hashes of their results."""
        with self._lock:
            query = "SELECT block, hash FROM progress WHERE sweep = ?"
            return dict(self._db.execute(query, (self._name(sweep),)).fetchall())

    def reached(self, sweep: str, block: int, hash: str) -> None:
        with self._lock:
            row = (self._name(sweep), block, hash)
            self._db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", row)

    def finished(self, sweep: str) -> None:
        """The sweep is recorded: the next one starts from the beginning."""
        with self._lock:
            self._db.execute("DELETE FROM progress WHERE sweep = ?", (self._name(sweep),))

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
