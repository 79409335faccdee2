"""One name, one processor: what was measured on two is not filed as one machine's."""

import json

import pytest
from asv.machine import Machine
from asv.util import UserError

from tests import made_results as made
from tools import asv_plugin, machine
from tools.releases.release_table import ReleaseError
from tools.results import machines, processor

HERE = {"model": "AMD EPYC", "features": ["avx2", "fma"]}
THERE = {"model": "AMD EPYC", "features": ["avx2", "fma", "avx512f"]}


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(machines.Machine, "get_unique_machine_name", lambda: "host")
    monkeypatch.setattr(machines, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(processor, "cpu", lambda: HERE)
    return tmp_path / "results"


def named(tmp_path):
    return json.loads((tmp_path / ".asv-machine.json").read_text())["host"]["machine"]


@pytest.mark.parametrize("argv", [[], ["runner"]])
@pytest.mark.parametrize("cpu", [None, HERE, THERE])
def test_another_processor_has_another_name(results, tmp_path, capsys, argv, cpu):
    name = argv[0] if argv else "host"
    if cpu:
        made.write_listing(results, "numpy-2.4.6", [], machine=name, cpu=cpu)
    machine.main(argv)
    assert (machines.this_machine() == name) == (cpu is not THERE)
    assert named(tmp_path) == machines.this_machine()
    assert machines.this_machine() in capsys.readouterr().out
    machine.main(argv)  # known by now
    assert not capsys.readouterr().out


def test_asvs_own_command_leaves_no_name_that_is_refused(results, tmp_path):
    made.write_listing(results, "numpy-2.4.6", [], machine="host", cpu=THERE)
    asv_plugin.name_machine(Machine, **Machine.get_defaults() | {"machine": "host"}, yes=True)
    assert machines.this_machine() == named(tmp_path) != "host"


@pytest.mark.parametrize("name", ["../../x", "/abs", "", ".", "..", "a/b", "-x", "é", "a\n"])
def test_a_name_that_is_no_folders_is_one_line_and_nothing_is_written(
    results, tmp_path, capsys, name
):
    with pytest.raises(SystemExit) as stopped:
        machine.main([name])
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_help_is_no_name(results, capsys):
    with pytest.raises(SystemExit) as stopped:
        machine.main(["--help"])
    assert stopped.value.code == 0
    assert machines.known_name() is None


def test_nothing_is_measured_among_anothers_results(results):
    machine.main([])
    made.write_listing(results, "numpy-2.4.6", [], machine="host", cpu=THERE)
    with pytest.raises(ReleaseError, match=r"'host' come from another processor .*tools\.machine"):
        machines.this_machine()


def test_a_name_of_anothers_results_is_not_taken_for_this_machine(results):
    assert machines.name_here() is None
    machine.main([])
    assert machines.name_here() == "host"
    made.write_listing(results, "numpy-2.4.6", [], machine="host", cpu=THERE)
    assert machines.name_here() is None


def test_a_machine_without_a_name_is_told_how_to_get_one(results):
    with pytest.raises(ReleaseError, match=r"python -m tools\.machine"):
        machines.this_machine()


def test_a_home_that_cannot_be_written_is_one_line_that_says_what_to_do(
    results, tmp_path, monkeypatch, capsys
):
    home = tmp_path / "home"
    home.touch()  # a file: nothing can lie in it
    monkeypatch.setenv("HOME", str(home))
    assert machine.main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("set HOME to a folder that can be written")
    with pytest.raises(UserError, match="set HOME to a folder"):
        asv_plugin.name_machine(Machine, **Machine.get_defaults() | {"machine": "host"}, yes=True)
