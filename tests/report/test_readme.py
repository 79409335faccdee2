"""The findings in README and docs are those of the committed results."""

import subprocess

import pytest

from tools import readme
from tools.foundation.paths import ROOT


@pytest.fixture
def committed(tmp_path):
    """results/ without the machines that git does not know: `make report` adds the user's own."""
    files = subprocess.check_output(["git", "ls-files", "results"], cwd=ROOT, text=True)
    for name in {file.split("/")[1] for file in files.splitlines()}:
        (tmp_path / name).symlink_to(ROOT / "results" / name)
    return tmp_path


def test_the_findings_are_those_of_the_results(committed):
    for file, findings in readme.sections(committed).items():
        text = file.read_text(encoding="utf-8")
        assert readme.replaced(text, findings) == text, "python -m tools.readme mends it"


def test_what_is_outside_the_marks_stays():
    text = f"a\n{readme.BEGIN}\nold\n{readme.END}\nz\n"
    assert readme.replaced(text, "new") == f"a\n{readme.BEGIN}\nnew\n{readme.END}\nz\n"


@pytest.mark.parametrize("text", ["", readme.BEGIN, readme.END])
def test_a_readme_without_marks_is_an_error(text):
    with pytest.raises(ValueError, match="are not there"):
        readme.replaced(text, "new")
