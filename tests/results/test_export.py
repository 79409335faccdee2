"""The files for other programs: they say what the table says, and what their columns mean."""

import csv
import gzip
import json

import polars as pl
import pytest

from tests.made_results import RELEASES, TIME, ULP, record, write, write_benchmarks, write_listing
from tools.results import export, history, records, schema

EXP = ("numpy", "exp", "float32", "normal", "cpu")
SIN = ("numpy", "sin", "float32", "normal", "cpu")
RECORD = record(max_ulp=2.5)


@pytest.fixture
def folder(tmp_path):
    """Two numbers, a time among them, one failure, and what is unavailable; one Record."""
    results = tmp_path / "results"
    write_benchmarks(results)
    times = {("numpy", "exp", "float32", 1000, "cpu"): (0.25, 0.5, 0.75)}
    write(results, "numpy-2.0.2", {ULP: {EXP: 2.5, SIN: None}, TIME: times})
    write_listing(results, "numpy-2.0.2", [["numpy", "gpu", None, None, "no such device here"]])
    records.merge(records.path(results, "here", "numpy-2.0.2"), [RECORD])
    table = history.load(results, RELEASES)
    export.write(table, history.records(results), tmp_path / "data")
    return tmp_path / "data"


def unpacked(file):
    return gzip.decompress(file.read_bytes()).decode()


def rows_of_csv(folder):
    with gzip.open(folder / "numbers.csv.gz", "rt", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def columns_of_json(folder):
    def refuse(name):
        pytest.fail(f"{name} is no JSON")

    return json.loads(unpacked(folder / "numbers.json.gz"), parse_constant=refuse)


def test_csv_has_the_numbers(folder):
    rows = {(row["metric"], row["op"]): row for row in rows_of_csv(folder)}
    assert rows.keys() == {("max_ulp", "exp"), ("max_ulp", "sin"), ("time", "exp")}
    time = rows["time", "exp"]
    assert [float(time[name]) for name in ("low", "value", "high")] == [0.25, 0.5, 0.75]
    assert (time["size"], time["unit"], time["uploaded"]) == ("1000", "seconds", "2024-08-26")
    assert time["started"] == "2023-11-14T22:13:20Z"
    failed = rows["max_ulp", "sin"]
    assert (failed["status"], failed["value"]) == ("failed", "")


def test_json_has_the_same_by_column(folder):
    document = columns_of_json(folder)
    assert document["version"] == 1
    numbers = document["numbers"]
    assert set(numbers) == set(rows_of_csv(folder)[0])
    rows = set(zip(numbers["metric"], numbers["op"], numbers["value"], strict=True))
    assert rows == {("max_ulp", "exp", 2.5), ("max_ulp", "sin", None), ("time", "exp", 0.5)}


def test_parquet_has_the_same_with_types(folder):
    table = pl.read_parquet(folder / "numbers.parquet")
    assert sorted(table["value"].drop_nulls()) == [0.5, 2.5]
    assert table.schema["samples"] == pl.List(pl.Float64)
    assert str(table["started"].max()) == "2023-11-14 22:13:20+00:00"


def test_records_come_one_a_line_with_their_release_and_machine(folder):
    (line,) = unpacked(folder / "records.jsonl.gz").splitlines()
    assert json.loads(line) == RECORD | {"release": "numpy-2.0.2", "machine": "here"}


def test_the_schema_describes_every_column(folder):
    document = json.loads((folder / "schema.json").read_text())
    assert document["version"] == 1
    assert all(column["description"] for column in document["numbers"] + document["records"])
    names = [column["name"] for column in document["numbers"]]
    assert names == pl.read_parquet(folder / "numbers.parquet").columns
    types = {column["name"]: column["type"] for column in document["numbers"]}
    assert (types["value"], types["size"], types["op"]) == ("number", "integer", "string")
    assert types["samples"] == "list of numbers"
    (record,) = map(json.loads, unpacked(folder / "records.jsonl.gz").splitlines())
    described = {column["name"] for column in document["records"]}
    of_kinds = {field for kind in schema.RECORDS for field in kind.__struct_fields__}
    assert set(record) | of_kinds <= described


def test_nothing_measured_is_files_without_rows(tmp_path):
    export.write(pl.DataFrame(schema=history.SCHEMA), [], tmp_path)
    assert rows_of_csv(tmp_path) == []
    assert columns_of_json(tmp_path)["numbers"]["value"] == []
    assert pl.read_parquet(tmp_path / "numbers.parquet").is_empty()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_record_is_read_that_json_could_not_be_written_of(number):
    line = f'{{"kind": "sample", "max_ulp": {number}}}'
    with pytest.raises(ValueError, match=r"malformed|out of range"):
        schema.record(line)
