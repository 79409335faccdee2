"""asv's view of the table of releases: a repository whose commits they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from asv.repo import NoSuchNameError, Repo
from asv.util import UserError

from benchmarks.libraries import LIBRARIES
from tools.releases.release_table import TABLE, Release, ReleaseError, find, load, select


class ReleaseRepo(Repo):
    """asv's view of the table: releases are commits, libraries branches, names tags."""

    dvcs = "releases"
    _default_branch = LIBRARIES[0].name

    def __init__(self, url: str, mirror_path: str | None = None):
        try:
            self._releases = load(Path(url))
        except ReleaseError as error:
            raise UserError(str(error)) from None
        self._by_hash = {release.hash: release for release in self._releases}

    @classmethod
    def url_match(cls, url: str) -> bool:
        return Path(url).name == TABLE.name

    def release(self, commit: str) -> Release:
        """The release behind a full hash. Raises asv's UserError."""
        try:
            return self._by_hash[commit]
        except KeyError:
            # `asv run TAGS` hands over names, and would lose what it measures.
            raise UserError(f"{commit!r} is no hash; for every release say ALL, not TAGS") from None

    def _find(self, name: str | None) -> Release:
        try:
            return find(name or self._default_branch, self._releases)
        except ReleaseError as error:
            raise NoSuchNameError(str(error)) from None

    def _newest_first(self, library: str) -> list[Release]:
        return [release for release in reversed(self._releases) if release.library == library]

    def pull(self) -> None:
        """Nothing to fetch: `python -m tools.releases update` is a step of its own."""

    def checkout(self, path: str, commit_hash: str) -> None:
        """Nothing to check out: an environment installs the release."""

    def get_range_spec(self, commit_a: str, commit_b: str) -> str:
        return f"{commit_a}..{commit_b}"

    def get_new_range_spec(self, latest_result: str, branch: str | None = None) -> str:
        return f"{latest_result}..{self.get_branch_name(branch)}"

    def get_date(self, hash: str) -> int:
        return int(self.release(hash).uploaded.timestamp()) * 1000  # JavaScript's milliseconds

    def get_date_from_name(self, name: str) -> int:
        return self.get_date(self._find(name).hash)

    def get_hashes_from_range(self, range: str) -> list[str]:
        try:
            return [release.hash for release in reversed(select(range, self._releases))]
        except ReleaseError as error:
            raise UserError(str(error)) from None

    def get_hash_from_name(self, name: str | None) -> str:
        return self._find(name).hash

    def get_hash_from_parent(self, name: str) -> str:
        release = self._find(name)
        older = self._newest_first(release.library)
        older = older[older.index(release) + 1 :]
        if not older:
            raise NoSuchNameError(f"{release.name} is the first {release.library} in the table")
        return older[0].hash

    def get_name_from_hash(self, commit: str) -> str | None:
        release = self._by_hash.get(commit)
        return release.name if release else None

    def get_decorated_hash(self, commit: str, hash_length: int = 8) -> str:
        """Like ``18e1422d <numpy-2.4.6>``, for a hash or (asv show) a name."""
        release = self._find(commit)
        return f"{release.hash[:hash_length]} <{release.name}>"

    def get_tags(self) -> dict[str, str]:
        return {release.name: release.hash for release in self._releases}

    def get_branch_commits(self, branch: str) -> list[str]:
        return [release.hash for release in self._newest_first(self.get_branch_name(branch))]

    def get_revisions(self, commits: Iterable[str]) -> dict[str, int]:
        return {r.hash: i for i, r in enumerate(self._releases) if r.hash in set(commits)}
