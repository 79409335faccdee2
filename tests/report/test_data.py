"""What pages load: whether two releases gave the same results."""

from tests import made_results as made
from tests.made_results import ULP, record
from tools.report.pages import data
from tools.report.site import Site
from tools.results import history

NAME = "numpy-2.4.6"


def test_result_bits_are_of_the_quick_profile_and_of_a_level_where_it_has_others(tmp_path):
    results = tmp_path / "results"
    made.write_benchmarks(results)
    made.write(results, NAME, {ULP: {("numpy", "exp", "float32", "normal", "cpu"): 1.0}})
    quick = record(results="a" * 64, mean_ulp=0.25, misrounded=0.1)
    others = [record(kind="exact", results="b" * 64), record(device="cpu-v4", results="a" * 64),
              record(device="cpu-v3", results="c" * 64, mean_ulp=0.5, misrounded=0.2)]  # fmt: skip
    records = [{**one, "machine": "here", "release": NAME} for one in [quick, *others]]
    site = Site(history.load(results, made.RELEASES), records, results, tmp_path / "html")
    assert data._bits(site) == {("here", NAME): {
        "numpy|float32|exp|cpu": ["a" * 12, 0.25, 0.1],
        "numpy|float32|exp|cpu-v3": ["c" * 12, 0.5, 0.2],
    }}  # fmt: skip
