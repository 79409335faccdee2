"""The notes of the findings page, the one thing on it that is written by hand."""

import pytest

from tools.report import findings

NOTE = """
[[note]]
release = "numpy-1.22.4"
ops = ["exp", "log"]
text = "Vectorised."
url = "%s"
"""


def test_a_note_is_found_by_release_and_function(tmp_path):
    file = tmp_path / "notes.toml"
    file.write_text(NOTE % "https://numpy.org/")
    found = findings.notes(file)
    assert set(found) == {"numpy-1.22.4 exp", "numpy-1.22.4 log"}
    assert found["numpy-1.22.4 exp"][0]["text"] == "Vectorised."


@pytest.mark.parametrize(
    "text", [NOTE % "javascript:alert(1)", "[[note]]\nops = ['exp']", "note ="]
)
def test_what_is_no_note_is_one_line(tmp_path, text):
    file = tmp_path / "notes.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"notes\.toml: ") as error:
        findings.notes(file)
    assert "\n" not in str(error.value)


def test_the_notes_of_this_project_are_notes():
    findings.notes()
