"""The question of 2017, root by root: what its Record keeps."""

import json
import math

import numpy as np
import pytest

from benchmarks import available
from benchmarks.bench_accuracy import Seed

SEVEN_AND_ONE_MORE = np.nextafter(np.float32(7), np.float32(8))


class Library:
    """Right but for two roots: that of 49 one float32 too large, that of 2 one too small."""

    def evaluate(self, op, dtype, arguments):
        (values,) = (bits.view(np.float32) for bits in arguments)
        roots = np.sqrt(values)
        roots[49] = SEVEN_AND_ONE_MORE
        roots[2] = np.nextafter(roots[2], np.float32(0))
        return roots.view(np.uint32)


@pytest.fixture
def seed(monkeypatch):
    monkeypatch.setattr(available, "require", lambda *asked: Library())
    seed = Seed()
    seed.setup("numpy", "cpu")
    return seed


def test_the_record_has_every_root_that_is_wrong(seed):
    record = seed._record("numpy", "cpu")
    assert [one["input"][0]["decimal"] for one in record["wrong"]] == ["2.0", "49.0"]
    two, fortynine = record["wrong"]
    assert fortynine["got"]["hex"] == "0x1.c000020000000p+2"
    assert fortynine["correctly_rounded"]["hex"] == "0x1.c000000000000p+2"
    assert fortynine["ulp"] == 1
    # The root of 2 is 1.41421356237309505; the float32 nearest to it 1.41421353816986083984375, and
    # the next one below 2**-23 = 1.1920929e-7 less.
    exact = (1.41421356237309505 - 1.41421353816986083984375 + 2**-23) * 2**23
    assert two["ulp"] == pytest.approx(exact, rel=1e-8)
    assert two["exact"].startswith("1.4142135623730950488")
    json.dumps(record, allow_nan=False)


def test_both_numbers_are_those_of_the_record(seed):
    record = seed._record("numpy", "cpu")
    assert seed.track_seed_example("numpy", "cpu") == 2
    assert seed.track_seed_max_ulp("numpy", "cpu") == record["max_ulp"]
    assert record["inputs"] == 100
    assert 1 < record["max_ulp"] < 1.5


def test_one_process_measures_for_both(seed, tmp_path, monkeypatch):
    monkeypatch.setenv("ULPWATCH_SCRATCH", str(tmp_path))
    seed.track_seed_example("numpy", "cpu")
    (file,) = tmp_path.glob("record-seed-*.json")  # tools/running/collect.py takes it
    kept = json.loads(file.read_text())["seed"]
    assert (kept["kind"], kept["op"], kept["dtype"], kept["region"]) == (
        "seed", "sqrt", "float32", "seed"
    )  # fmt: skip
    monkeypatch.setattr(Library, "evaluate", None)
    assert math.isfinite(seed.track_seed_max_ulp("numpy", "cpu"))
