"""Where this project lies."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"
CACHE = ROOT / ".cache"
"""What can be made again, on this machine."""
