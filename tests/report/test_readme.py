"""The findings in README and docs are those of the committed results."""

import io
import subprocess
import tarfile

import pytest

from tools import readme
from tools.foundation.paths import ROOT


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """results/ as git's index has it: `make report` adds this machine's own, to a committed name
    too."""
    folder = tmp_path_factory.mktemp("committed")
    tree = subprocess.check_output(["git", "write-tree"], cwd=ROOT, text=True).strip()
    archive = subprocess.check_output(["git", "archive", tree, "results"], cwd=ROOT)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder / "results"


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
