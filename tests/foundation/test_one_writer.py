"""Who writes results of a machine is told where another is at it, and disturbs nothing."""

from types import SimpleNamespace

import pytest
from asv.commands.rm import Rm
from asv.util import UserError

import tools.asv_plugin  # noqa: F401  (replaces names of asv)
from tests.made_results import TIME, write, write_benchmarks
from tools import noise
from tools.foundation import safe_files


@pytest.fixture
def results(tmp_path):
    """One number of NumPy on a machine called here."""
    write_benchmarks(tmp_path / "results")
    key = ("numpy", "exp", "float32", 1, "cpu")
    write(tmp_path / "results", "numpy-2.4.6", {TIME: {key: 1e-6}}, machine="here")
    return tmp_path / "results"


def test_asv_rm_removes_nothing_while_somebody_measures(results):
    conf = SimpleNamespace(results_dir=str(results))
    before = sorted(results.rglob("*.json"))
    with (
        safe_files.hold(results / "here" / safe_files.LOCK, "tools.measure"),
        pytest.raises(UserError, match=r"in use by tools\.measure"),
    ):
        Rm.run(conf, ["machine=here"])
    assert sorted(results.rglob("*.json")) == before
    Rm.run(conf, ["machine=here"])
    assert len(list(results.rglob("*-release-*.json"))) == 0


def test_noise_is_not_measured_while_somebody_measures(results, monkeypatch, capsys):
    monkeypatch.setattr(noise, "RESULTS", results)
    monkeypatch.setattr(noise, "this_machine", lambda: "here")
    with safe_files.hold(results / "here" / safe_files.LOCK, "tools.measure"):
        assert noise.main(["numpy-2.4.6"]) == 2
    assert "in use by tools.measure" in capsys.readouterr().err


def test_noise_says_in_one_line_that_it_cannot_write(results, monkeypatch, capsys):
    monkeypatch.setattr(noise, "RESULTS", results)
    monkeypatch.setattr(noise, "this_machine", lambda: "here")
    (results / "here" / safe_files.LOCK).mkdir()  # no file to lock
    assert noise.main(["numpy-2.4.6"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_noise_is_not_measured_where_its_floors_could_not_be_kept(results, monkeypatch, capsys):
    """It takes an hour, and what is damaged would be found at the end of it."""
    monkeypatch.setattr(noise, "RESULTS", results)
    monkeypatch.setattr(noise, "this_machine", lambda: "here")
    monkeypatch.setattr(noise, "measure", lambda *_: pytest.fail("it was measured"))
    (results / "here" / "noise.jsonl").write_text("{\n")
    assert noise.main(["numpy-2.4.6"]) == 2
    assert "noise.jsonl, line 1: " in capsys.readouterr().err
