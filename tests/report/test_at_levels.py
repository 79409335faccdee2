"""Whose number a level shows."""

import pytest

from tests import made_results as made
from tools.report.facts import at_levels
from tools.report.site import Site
from tools.results import history

OLD, NEW = "numpy-2.3.5", "numpy-2.4.6"
EXP = ("numpy", "exp", "float32", "normal", "cpu")
SIN = ("numpy", "sin", "float32", "normal", "cpu")


@pytest.mark.parametrize(
    ("machine_level", "device", "level"),
    [
        ("v4", "cpu", "v4"),
        ("v4", "cpu-v3", "v3"),
        ("v3", "gpu", "gpu"),
        (None, "cpu", "unknown"),
        (None, "cpu-v2", "v2"),
    ],
)
def test_cpu_is_of_its_machines_level_and_other_devices_are_what_they_say(
    machine_level, device, level
):
    assert at_levels.of(machine_level, device) == level


def test_a_number_is_of_the_machine_with_most_and_what_it_lacks_of_another(tmp_path):
    """`much` has three numbers of v3, `less` has two, one of which `much` has not."""
    results = tmp_path / "results"
    made.write_benchmarks(results)
    found = {
        ("much", OLD): {EXP: 1.0, SIN: 2.0},
        ("much", NEW): {EXP: 3.0},
        ("less", NEW): {EXP: 7.0, SIN: 8.0},
        ("wide", NEW): {EXP: 9.0},
    }
    for (machine, release), numbers in found.items():
        made.write(results, release, {made.ULP: numbers, made.TIME: {}}, machine=machine)
        cpu = {"model": "AMD", "features": made.V4 if machine == "wide" else made.V3}
        made.write_listing(results, release, [], machine=machine, cpu=cpu)
    site = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
    rows = at_levels.rows(site).filter(status="measured")
    shown = rows.select("level", "release", "op", "machine", "value").sort("level", "release", "op")
    assert shown.rows() == [
        ("v3", OLD, "exp", "much", 1.0),
        ("v3", OLD, "sin", "much", 2.0),
        ("v3", NEW, "exp", "much", 3.0),
        ("v3", NEW, "sin", "less", 8.0),
        ("v4", NEW, "exp", "wide", 9.0),
    ]
