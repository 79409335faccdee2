"""The process that makes the pages while asv makes its own."""

import pytest

from tests import made_results as made
from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT
from tools.report.alongside import Making


@pytest.fixture
def making(tmp_path):
    made.write_benchmarks(tmp_path / "results")
    numbers = {made.ULP: {("numpy", "exp", "float32", "normal", "cpu"): 1.0}}
    made.write(tmp_path / "results", "numpy-2.4.6", numbers)
    begun = []

    def making(range_spec=""):
        begun.append(
            Making(tmp_path / "html", tmp_path / "results", ROOT / "releases.toml", range_spec)
        )
        return begun[-1]

    yield making
    for one in begun:
        one.end()


def test_the_pages_are_made_and_what_is_damaged_is_told(making, tmp_path):
    records = tmp_path / "results" / "here" / "records" / "numpy-2.4.6.jsonl"
    records.parent.mkdir()
    records.write_text("no Record\n")
    (problem,) = making().problems()
    assert f"{records}, line 1" in problem
    assert "exp" in (tmp_path / "html" / "op-exp.html").read_text()


def test_a_range_that_means_nothing_is_one_line(making):
    with pytest.raises(Mendable, match=r"numpy-0\.9"):
        making("numpy-0.9").problems()


def test_a_process_that_ended_says_so(making):
    begun = making()
    begun._process.kill()
    with pytest.raises(RuntimeError, match="has ended"):
        begun.problems()
