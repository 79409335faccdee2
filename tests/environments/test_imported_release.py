"""The release that is imported is the one that is measured, or nothing is."""

import pytest

from benchmarks.process import release_under_test


@pytest.mark.parametrize(
    ("wanted", "imported"),
    [
        ("numpy==2.1.3", "2.1.3"),
        ("tensorflow==2.0.0rc1", "2.0.0-rc1"),
        ("tensorflow==2.11.0", "2.11.0+cu130"),
    ],
)
def test_the_same_release_by_another_spelling_is_measured(monkeypatch, wanted, imported):
    monkeypatch.setenv("ULPWATCH_RELEASE", wanted)
    release_under_test.check(imported)


@pytest.mark.parametrize("imported", ["2.1.2", "2.1", "2.1.3rc1", "2.1.30"])
def test_another_release_is_an_error_that_names_both(monkeypatch, imported):
    monkeypatch.setenv("ULPWATCH_RELEASE", "numpy==2.1.3")
    with pytest.raises(RuntimeError, match=r"2\.1.* where 2\.1\.3 is to be measured"):
        release_under_test.check(imported)


def test_outside_of_a_release_any_will_do(monkeypatch):
    monkeypatch.delenv("ULPWATCH_RELEASE", raising=False)
    release_under_test.check("2.3.5")
