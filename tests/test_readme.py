"""The README's findings are those of the committed results."""

import pytest

from tools import readme


def test_the_findings_are_those_of_the_results():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.replaced(text, readme.section()) == text, "python -m tools.readme mends it"


def test_what_is_outside_the_marks_stays():
    text = f"a\n{readme.BEGIN}\nold\n{readme.END}\nz\n"
    assert readme.replaced(text, "new") == f"a\n{readme.BEGIN}\nnew\n{readme.END}\nz\n"


@pytest.mark.parametrize("text", ["", readme.BEGIN, readme.END])
def test_a_readme_without_marks_is_an_error(text):
    with pytest.raises(ValueError, match="lacks the marks"):
        readme.replaced(text, "new")
