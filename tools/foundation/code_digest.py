"""Which code decides on an error: what is kept of errors is kept under its digest."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

from tools.foundation.paths import ROOT

_DECIDE = (
    *("ops", "accuracy.reference", "accuracy.error_stats", "accuracy.fingerprint"),
    "behaviour.monotone",
)
"""Modules of benchmarks/ that make an error of a result; with them goes what they import."""


def digest(*more: str) -> str:
    """The name of the code as it is; of the modules ``more`` of benchmarks/, too."""
    sha = hashlib.sha1(usedforsecurity=False)
    for file in closure(ROOT / "benchmarks", *_DECIDE, *more):
        sha.update(f"{file.name}\n".encode() + file.read_bytes())
    return sha.hexdigest()[:12]


def closure(folder: Path, *modules: str) -> list[Path]:
    """The files of ``modules`` of the package in ``folder`` and of all that they import of it, from
    whichever place in a file."""
    found: dict[str, Path] = {}
    todo = list(modules)
    while todo:
        module = todo.pop()
        file = _file(folder, module)
        if module not in found and file is not None:
            found[module] = file
            todo += _imported(folder, file)
    return [found[module] for module in sorted(found)]


def _file(folder: Path, module: str) -> Path | None:
    path = folder.joinpath(*module.split("."))
    return next(
        (one for one in (path.with_suffix(".py"), path / "__init__.py") if one.exists()), None
    )


def _imported(folder: Path, file: Path) -> list[str]:
    """The names of what is imported of the package: modules, and names in them that may be some."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = [*file.relative_to(folder).parts[:-1]]
            base = package[: len(package) + 1 - node.level] + (node.module or "").split(".")
            prefix = ".".join(filter(None, base))
            found += [prefix, *(f"{prefix}.{one.name}".lstrip(".") for one in node.names)]
    return [name for name in found if name]
