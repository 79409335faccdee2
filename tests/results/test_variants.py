"""What is found of result bits holds wherever a release gives the same bits, and nowhere else."""

import json

import polars as pl
import pytest

from tests import made_results as made
from tests.made_results import SEARCH, ULP, record
from tools.results import history, result_bits

EXP = ("numpy", "exp", "float32", "normal", "cpu")
NAME = "numpy-2.0.2"


@pytest.fixture
def results(tmp_path):
    """Machines on which exp has the bits "ab", "ab" and "cd"; the first has searched."""
    folder = tmp_path / "results"
    made.write_benchmarks(folder)
    for machine, bits, search in [("one", "ab", 3.5), ("two", "ab", None), ("third", "cd", None)]:
        numbers = {ULP: {EXP: 2.5}} | ({SEARCH: {EXP: search}} if search else {})
        made.write(folder, NAME, numbers, machine=machine)
        save(folder, machine, [record(results=bits)])
    return folder


def save(results, machine, lines, name=NAME):
    file = results / machine / "records" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def held(results, machine, what):
    return result_bits.held(result_bits.by_machine(results, NAME), machine, what)


def searched(results):
    table = history.load(results, made.RELEASES)
    rows = table.filter(pl.col("metric") == "max_ulp_search", status="measured")
    return {row["machine"]: (row["value"], row["found_on"]) for row in rows.to_dicts()}


def test_a_search_holds_where_the_bits_are_the_same(results):
    assert searched(results) == {"one": (3.5, None), "two": (3.5, "one, cpu")}


def test_of_two_searches_of_the_same_bits_the_larger_one_holds(results):
    made.write(results, NAME, {ULP: {EXP: 2.5}, SEARCH: {EXP: 3.75}}, machine="fourth")
    save(results, "fourth", [record(results="ab")])
    found = searched(results)
    assert found["two"] == (3.75, "fourth, cpu")
    assert found["one"] == (3.5, None)  # its own stays


def test_another_release_with_the_same_bits_proves_nothing(results):
    made.write(results, "numpy-2.1.3", {ULP: {EXP: 2.5}}, machine="one")
    save(results, "one", [record(results="ab")], "numpy-2.1.3")
    table = history.load(results, made.RELEASES).filter(release="numpy-2.1.3")
    assert table.filter(metric="max_ulp_search", status="measured").is_empty()


def test_the_name_of_the_bits_is_the_quick_profiles():
    # A sweep over all of float32 hashes other inputs; of float16 those are all there are.
    lines = [record("exact", results="all"), record(results="quick"),
             record("exact", results="sixteen", dtype="float16"),
             record(results="usual", region="usual")]  # fmt: skip
    found = result_bits.quick(lines)
    assert {key[3]: one["results"] for key, one in found.items()} == {
        "float32": "quick",
        "float16": "sixteen",
    }


def test_what_was_swept_of_the_same_bits_is_held(results):
    what = ("numpy", "cpu", "exp", "float32")
    assert held(results, "two", what) == []
    save(results, "one", [record(results="ab"), record("exact", results="all", max_ulp=3.0)])
    (one,) = held(results, "two", what)
    assert (one["machine"], one["max_ulp"]) == ("one", 3.0)
    assert held(results, "third", what) == []  # other bits
    assert held(results, "unknown", what) == []
    # Its own Record is no reason not to sweep.
    assert held(results, "one", what) == []


def test_who_swept_all_inputs_need_not_have_tried_some(results):
    """What all results hash to says what those of the quick profile do, which are among them: of
    another release, too, since a hash is of bits alone."""
    made.write(results, NAME, {SEARCH: {EXP: 3.25}}, machine="fourth")
    save(results, "fourth", [record("exact", results="all")])
    assert "third" not in searched(results)
    made.write(results, "numpy-2.1.3", {ULP: {EXP: 2.5}}, machine="one")
    lines = [record(results="cd"), record("exact", results="all")]
    save(results, "one", lines, "numpy-2.1.3")
    # So the fourth gives "cd" in 2.0.2, as the third does.
    assert searched(results)["third"] == (3.25, "fourth, cpu")
    assert searched(results)["two"] == (3.5, "one, cpu")
