"""`asv compare` and `asv machine`, as the README has them, over results of several machines."""

from types import SimpleNamespace

import pytest
from asv.config import Config
from asv.util import UserError

from tests.made_results import ULP, write, write_benchmarks
from tools.asv_plugin import Compare
from tools.foundation.paths import ROOT
from tools.judging import asv_compare
from tools.releases.release_table import TABLE

OLD, NEW = "numpy-2.0.2", "numpy-2.1.3"
EXP = ("numpy", "exp", "float32", "normal", "cpu")
SIN = ("numpy", "sin", "float32", "normal", "cpu")


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """exp and sin of both releases on there, exp of both and sin of the newer one on here."""
    results = tmp_path / "results"
    write_benchmarks(results)
    for release in (OLD, NEW):
        write(results, release, {ULP: {EXP: 0.5, SIN: 0.75}}, machine="there")
        here = {EXP: 0.5} if release == OLD else {EXP: 1.5, SIN: 1.0}
        write(results, release, {ULP: here}, machine="here")
    monkeypatch.setattr(asv_compare, "name_here", lambda: None)
    conf = Config.load(str(ROOT / "asv.conf.json"))
    conf.results_dir, conf.repo = str(results), str(TABLE)
    return conf


def compared(conf, capsys, **options):
    Compare.run(conf, OLD, NEW, factor=1.1, **options)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("known", "asked", "values"),
    [(None, None, ["0.75"]), ("here", None, ["1.5"]), ("here", "there", ["0.75"])],
)
def test_it_is_of_this_machine_where_that_has_both_else_of_that_with_most(
    conf, monkeypatch, capsys, known, asked, values
):
    monkeypatch.setattr(asv_compare, "name_here", lambda: known)
    out = compared(conf, capsys, machine=asked)
    assert all(value in out for value in values)


def test_what_only_one_release_has_is_counted_and_left_out(conf, capsys):
    out = compared(conf, capsys, machine="here")
    rows = [line for line in out.splitlines() if "Elementwise" in line]
    assert len(rows) == 1
    assert "'exp'" in rows[0]
    assert "1 are in both; 1 that only one has are left out" in out


def test_machines_without_a_number_of_both_are_one_line(conf, tmp_path, capsys):
    with pytest.raises(UserError, match="no machine has numbers of both"):
        Compare.run(conf, "numpy-1.13.1", NEW, factor=1.1)


def test_a_name_that_is_no_releases_is_one_line(conf):
    args = SimpleNamespace(
        revision1="nope", revision2=NEW, factor=1.1, split=False, only_changed=False,
        sort="default", machine=None, env_spec=None, use_stats=True,
    )  # fmt: skip
    with pytest.raises(UserError, match="no release 'nope'"):
        Compare.run_from_conf_args(conf, args)
