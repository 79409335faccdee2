"""Records on disk: merged by what they are of, whole, found by name."""

import json

import pytest

from tests.made_results import record
from tools.foundation.errors import Mendable
from tools.results import records


@pytest.fixture
def file(tmp_path):
    return records.path(tmp_path, "here", "numpy-2.0.0")


def test_a_machine_and_a_release_have_one_file(tmp_path, file):
    assert file == tmp_path / "here" / "records" / "numpy-2.0.0.jsonl"
    assert records.load(file) == []


def test_a_record_takes_the_place_of_one_of_the_same(file):
    records.merge(file, [record(max_ulp=1.0), record(op="sin", max_ulp=2.0)])
    records.merge(file, [record(max_ulp=3.0)])
    assert {r["op"]: r["max_ulp"] for r in records.load(file)} == {"exp": 3.0, "sin": 2.0}


@pytest.mark.parametrize("name", ["backend", "device", "op", "dtype", "region"])
def test_a_record_that_differs_in_what_it_is_of_is_another(file, name):
    records.merge(file, [record()])
    records.merge(file, [record(**{name: "another"})])
    assert len(records.load(file)) == 2


def test_what_all_inputs_gave_is_not_replaced_by_what_a_sample_gave(file):
    records.merge(file, [record(kind="exact", max_ulp=2.5)])
    records.merge(file, [record(kind="sample", max_ulp=2.0)])
    assert {r["kind"]: r["max_ulp"] for r in records.load(file)} == {"exact": 2.5, "sample": 2.0}


def test_the_order_of_coming_leaves_no_trace(file):
    records.merge(file, [record(op="sin"), record()])
    first = file.read_text()
    file.unlink()
    records.merge(file, [record()])
    records.merge(file, [record(op="sin")])
    assert file.read_text() == first
    assert first.count("\n") == len(first.splitlines()) == 2


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_a_number_that_is_not_finite_is_refused_and_the_file_stays(file, number):
    records.merge(file, [record()])
    first = file.read_text()
    with pytest.raises(ValueError, match="JSON"):
        records.merge(file, [record(max_ulp=number)])
    assert file.read_text() == first
    assert list(file.parent.glob("*.new*")) == []


def test_a_record_is_found_by_its_name(tmp_path, file):
    records.merge(file, [record(max_ulp=1.5), record(region="usual"), record(kind="exact")])
    name = "numpy-2.0.0/numpy/cpu/exp/float32/sample/normal"
    assert records.named(name, tmp_path, "here") == ("numpy-2.0.0", record(max_ulp=1.5))


@pytest.mark.parametrize(
    "name",
    ["numpy-2.0.0/numpy/cpu/exp/float32/sample/subnormal", "numpy-2.0.0", "numpy-1.0/numpy", ""],
)
def test_a_name_of_nothing_is_an_error_of_one_line(tmp_path, file, name):
    records.merge(file, [record()])
    with pytest.raises(Mendable) as error:
        records.named(name, tmp_path, "here")
    assert "\n" not in str(error.value)


def test_a_record_may_come_in_a_file_of_its_own(tmp_path):
    own = tmp_path / "one.json"
    own.write_text(json.dumps(record(release="numpy-1.26.4")))
    release, found = records.named(str(own), tmp_path, "here")
    assert (release, found["op"]) == ("numpy-1.26.4", "exp")


@pytest.mark.parametrize("text", ["{", "[]", '{"op": "exp"}', "3"])
def test_a_file_without_a_record_is_an_error_of_one_line(tmp_path, text):
    own = tmp_path / "one.json"
    own.write_text(text)
    with pytest.raises(Mendable) as error:
        records.named(str(own), tmp_path, "here")
    assert "\n" not in str(error.value)
