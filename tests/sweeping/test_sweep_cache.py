"""The cache of blocks: what is put is there, for every connection, and for no other function."""

import shutil
import threading

import pytest

from benchmarks.accuracy.error_stats import REGIONS, Tally
from tools.foundation import code_digest
from tools.sweeping.sweep_cache import Blocks

# Files that make an error of a result, as a reader of benchmarks/ finds them.
DECIDE = (
    *("functions/exact.py", "functions/wide.py", "functions/wide_angles.py"),
    *("functions/wide_erf.py", "functions/wide_gamma.py", "functions/constants.py", "ops.py"),
    *("accuracy/reference.py", "accuracy/error_stats.py", "accuracy/fingerprint.py"),
    *("formats/ulp.py", "inputs/input_sets.py", "behaviour/monotone.py"),
)
TALLIES = {region: Tally().plain() for region in REGIONS}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made" / "blocks.sqlite"


@pytest.fixture
def cache(path):
    cache = Blocks(path)
    yield cache
    cache.close()


def test_what_is_put_is_got_and_nothing_else(cache):
    tally = Tally()
    tally.candidates, tally.profile, tally.total = [[0.1 + 0.2, [2**63], 7]], {127: 1 / 3}, 1e300
    cache.put("exp float32", 3, "aa", {**TALLIES, "normal": tally.plain()})
    found = cache.get("exp float32", 3, "aa")
    # JSON's keys are text; Tally makes numbers of them again.
    assert Tally(found["normal"]).plain() == tally.plain()
    for other in [("exp float64", 3, "aa"), ("exp float32", 4, "aa"), ("exp float32", 3, "ab")]:
        assert cache.get(*other) is None


def test_the_last_put_counts(cache):
    cache.put("exp", 0, "aa", {"normal": 1})
    cache.put("exp", 0, "aa", {"normal": 2})
    assert cache.get("exp", 0, "aa") == {"normal": 2}


def test_two_connections_see_each_others_blocks(path, cache):
    other = Blocks(path)
    cache.put("exp", 0, "aa", {"normal": 1})
    other.put("exp", 1, "bb", {"normal": 2})
    other.reached("sweep", 1, "bb")
    assert other.get("exp", 0, "aa") == {"normal": 1}
    assert cache.get("exp", 1, "bb") == {"normal": 2}
    assert cache.done("sweep") == {1: "bb"}
    other.close()
    assert cache.get("exp", 1, "bb") == {"normal": 2}


def test_threads_of_two_connections_lose_nothing(path, cache):
    other = Blocks(path)
    errors = []

    def fill(connection, start):
        try:
            for block in range(start, start + 100):
                connection.put("exp", block, "aa", {"normal": block})
                connection.reached("sweep", block, "aa")
        except Exception as error:
            errors.append(error)

    threads = [
        threading.Thread(target=fill, args=(connection, start))
        for connection, start in [(cache, 0), (cache, 100), (other, 200), (other, 300)]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert errors == []
    assert sorted(cache.done("sweep")) == list(range(400))
    assert all(cache.get("exp", block, "aa") == {"normal": block} for block in range(400))


def test_an_unfinished_sweep_goes_on_where_it_was(path):
    first = Blocks(path)
    for block, hash in [(0, "aa"), (5, "bb"), (5, "cc")]:
        first.reached("numpy-2.0.0 exp", block, hash)
    first.reached("numpy-2.1.0 exp", 9, "dd")
    first.close()
    second = Blocks(path)
    assert second.done("numpy-2.0.0 exp") == {0: "aa", 5: "cc"}
    second.finished("numpy-2.0.0 exp")
    assert second.done("numpy-2.0.0 exp") == {}
    assert second.done("numpy-2.1.0 exp") == {9: "dd"}
    second.close()


def test_a_change_of_the_definitions_forgets_what_was_known(path, tmp_path, monkeypatch):
    folder = shutil.copytree(code_digest.ROOT / "benchmarks", tmp_path / "benchmarks")
    monkeypatch.setattr(code_digest, "ROOT", tmp_path)
    first = Blocks(path)
    first.put("exp", 0, "aa", {"normal": 1})
    first.close()
    for name in DECIDE:
        before = (folder / name).read_text()
        (folder / name).write_text(before + "# changed\n")
        changed = Blocks(path)
        assert changed.get("exp", 0, "aa") is None, name
        changed.close()
        (folder / name).write_text(before)
    same = Blocks(path)
    assert same.get("exp", 0, "aa") == {"normal": 1}
    same.close()


def test_what_says_nothing_of_an_error_forgets_nothing():
    """Who measures times, and how a report is asked for, may change while errors are kept."""
    decide = {
        file.name
        for file in code_digest.closure(code_digest.ROOT / "benchmarks", *code_digest._DECIDE)
    }
    assert not decide & {"timing.py", "contention.py", "bench_time.py", "worker.py", "numpy.py"}


def test_whatever_form_an_import_has_it_is_followed(tmp_path):
    (tmp_path / "inner").mkdir()
    texts = {
        "a.py": "from . import b, c as d\n",
        "b.py": "def late():\n    from .inner import e\n",
        "c.py": "import os\nfrom .inner.f import name\n",
        "inner/__init__.py": "",
        "inner/e.py": "from .. import g\n",
        "inner/f.py": "from . import h\nfrom ..a import b\n",
        "inner/h.py": "name = 1\n",
        "g.py": "",
        "unused.py": "from . import a\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    found = {str(file.relative_to(tmp_path)) for file in code_digest.closure(tmp_path, "a")}
    assert found == texts.keys() - {"unused.py"}
