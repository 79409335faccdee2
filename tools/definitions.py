"""Which code decides on an error: what is kept of errors is kept under its digest."""

from __future__ import annotations

import hashlib

from .workers import ROOT

_DECIDE = (
    *("ops.py", "constants.py", "wide.py", "wide_angles.py", "wide_erf.py", "wide_gamma.py"),
    *("reference.py", "tally.py", "ulp.py", "inputs.py", "monotone.py", "fingerprint.py"),
)


def digest(*more: str) -> str:
    """The name of the code as it is; of ``more`` files of benchmarks/, too."""
    sha = hashlib.sha1(usedforsecurity=False)
    for name in (*_DECIDE, *more):
        sha.update((ROOT / "benchmarks" / name).read_bytes())
    return sha.hexdigest()[:12]
