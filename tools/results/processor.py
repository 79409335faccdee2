"""What this machine computes with, and what to call it."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

from benchmarks import levels

_GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
# What libraries choose their code by; other flags come and go with the kernel.
_DISPATCHED = re.compile("aes|amx|asimd|avx|bmi|f16c|fma|gfni|neon|pclmul|popcnt|sse|ssse|sve|vaes")


def cpu() -> dict:
    """Model and feature flags, on which a library's choice of code depends; the level of x86-64
    that they make (levels.py), None where it is none; what holds the clock: the frequency governor,
    None where the machine has none (a virtual one)."""
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    features = facts.get("flags", "").split()
    return {
        "model": facts.get("model name", ""),
        "features": features,
        "level": levels.of_flags(features),
        "governor": _GOVERNOR.read_text().strip() if _GOVERNOR.exists() else None,
    }


def gpus() -> list[dict]:
    """Name and driver of each GPU of NVIDIA's, by their `nvidia-smi`; none where it is missing."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [
        dict(zip(("name", "driver"), line.split(", "), strict=True)) for line in said.splitlines()
    ]


def name(facts: dict) -> str | None:
    """The processor in a release's listing (records.py): its model and a name for its features (a
    virtual one may have another's model); None where it is not known."""
    cpu = facts.get("cpu", {})
    if not cpu.get("model"):
        return None
    digest = features(cpu)
    return f"{cpu['model']} (features {digest})" if digest else cpu["model"]


def features(cpu: dict) -> str:
    """A short name for the features that libraries choose their code by; "" where it has none."""
    used = sorted(filter(_DISPATCHED.match, cpu.get("features", [])))
    digest = hashlib.sha1(" ".join(used).encode(), usedforsecurity=False).hexdigest()
    return digest[:4] if used else ""
