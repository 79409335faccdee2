"""Counts of instructions: what is taken off, what two counts say, and that they are real."""

import shutil
import sys

import pytest

from benchmarks import backends, counting
from benchmarks.speed import valgrind


def test_what_the_marks_take_is_no_part_of_a_call():
    dumps = {
        "nothing 0 0 0": 99, "nothing 0 1 0": 50,
        # Of one number ten calls are counted, and twenty: 300 each.
        "exp 1 0 10": 3060, "exp 1 0 20": 6060, "exp 1 1 10": 3050, "exp 1 1 20": 6050,
        # Of many two calls: 1000 each, and 1100 at first.
        "exp 10000 0 2": 2250, "exp 10000 1 2": 2050,
    }  # fmt: skip
    assert dict(counting._per_call(dumps)) == {
        "exp 1": [300.0, 0.0],
        "exp 10000": [1000.0, pytest.approx(0.1)],
    }


def test_a_record_has_all_sizes_and_what_they_depend_on():
    counts = {"exp 1": [300.0, 0.0], "exp 10000": [1e5, 0.001], "": {"valgrind": "3.19.0"}}
    (record,) = counting.records(counts, "numpy", "float32").values()
    assert record["by_size"] == {"1": [300.0, 0.0], "10000": [1e5, 0.001]}
    assert (record["op"], record["device"], record["valgrind"]) == ("exp", "cpu-1", "3.19.0")


def test_without_valgrind_it_is_not_available(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(backends.Unavailable, match="apt-get install valgrind"):
        counting.count("numpy", "float32", ["exp"], [1])


@pytest.mark.skipif(sys.platform != "linux", reason="valgrind's requests are tried on Linux alone")
def test_the_marks_do_nothing_on_a_processor():
    marks = valgrind.Marks()
    assert not marks.is_counting
    called = []
    marks.count("name", called.append, (1,), 3)
    assert called == [1, 1, 1]


@pytest.mark.skipif(not shutil.which("valgrind"), reason=counting.MISSING)
def test_a_count_grows_with_the_numbers_and_repeats(monkeypatch):
    monkeypatch.delenv("ULPWATCH_RELEASE", raising=False)
    counts = counting.count("numpy", "float32", ["add", "exp"], [1, 10000])
    again = counting.count("numpy", "float32", ["add", "exp"], [1, 10000])
    assert counts.pop("")["level"] <= "v3"
    for name, (instructions, _) in counts.items():
        assert again[name][0] == pytest.approx(instructions, rel=2e-3), name
    # AVX2 adds eight float32 in an instruction, beside two loads, a store and the loop's own;
    # without vectors an addition would take four at the least.
    add, exp = (counts[f"{op} 10000"][0] - counts[f"{op} 1"][0] for op in ("add", "exp"))
    assert 10000 * 3 / 8 < add < 10000 * 2
    assert exp > 3 * add
