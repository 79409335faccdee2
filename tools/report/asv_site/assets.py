"""What asv's pages load from CDNs, as npm packages: exact versions with their integrity hashes.

After a change of assets/package.json, in that folder:
``npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved``. The lock
then names no registry, so that ``npm ci`` asks the one that is configured.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from asv.console import log

from tools.foundation.paths import CACHE

PINNED = Path(__file__).parents[1] / "assets"
KEPT = CACHE / "asv-assets"
# From npm's own cache where it can: a retry without a network costs more than a minute.
COMMAND = (
    "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
    "--prefer-offline", "--fetch-retries=0",
)  # fmt: skip
TIMEOUT = 60
INSTEAD = "asv's pages take jquery, bootstrap and flot from their CDNs"


def fetch() -> Path | None:
    """The folder of packages, downloaded once per lock file; None, with a line, where npm can't."""
    digest = hashlib.sha256((PINNED / "package-lock.json").read_bytes()).hexdigest()
    folder = KEPT / digest[:12]
    if not folder.exists():
        problem = _install(folder)
        if problem:
            log.warning(f"{problem}: {INSTEAD}")
            return None
    return folder / "node_modules"


def _install(folder: Path) -> str | None:
    """Install beside the folder and rename: an install that was cut off is never taken for one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        beside = shutil.copytree(PINNED, Path(scratch) / "new")
        try:
            subprocess.run(
                COMMAND, cwd=beside, capture_output=True, text=True, check=True, timeout=TIMEOUT
            )
        except FileNotFoundError:
            return "npm is not here"
        except subprocess.TimeoutExpired:
            return f"npm took over {TIMEOUT} s"
        except subprocess.CalledProcessError as error:
            said = next(iter(error.stderr.splitlines()), f"exit code {error.returncode}")
            return f"npm failed ({said})"
        beside.rename(folder)
    return None
