"""What is shown where a page is linked to."""

import struct

import pytest

from tests import made_results as made
from tools.report import previews, publisher

EXP = ("numpy", "exp", "float32", "normal", "cpu")
SIN = ("numpy", "sin", "float16", "normal", "cpu")


@pytest.fixture
def pages(tmp_path, monkeypatch):
    def pages(address):
        monkeypatch.setenv("SITE_URL", address)
        made.write_benchmarks(tmp_path / "results")
        for name, error in (("numpy-2.3.5", 1.25), ("numpy-2.4.6", 2.5e6)):
            numbers = {made.ULP: {EXP: error, SIN: 0.5}, made.TIME: {}}
            made.write(tmp_path / "results", name, numbers)
        site = publisher.read(tmp_path / "results", tmp_path / "html", made.RELEASES)
        publisher.write(site)
        return site

    return pages


@pytest.mark.parametrize("address", ["https://example.org/ulp", "https://example.org/ulp/"])
def test_a_page_says_what_it_shows_and_has_a_picture_with_a_whole_address(pages, address):
    site = pages(address)
    page = (site.html / "op-exp.html").read_text()
    assert '<meta property="og:image" content="https://example.org/ulp/op-exp.png">' in page
    assert '<meta property="og:title" content="exp">' in page
    assert 'og:description" content="exp, float32. NumPy 2.4.6: off by 2.5·10⁶ ULP or more' in page
    png = (site.html / "op-exp.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert width / height == pytest.approx(1.91, abs=0.2)  # what most sites show such a picture in


def test_without_an_address_no_picture_is_named(pages):
    page = (pages("").html / "op-exp.html").read_text()
    assert "og:image" not in page
    assert "og:description" in page


def test_the_picture_is_of_the_first_dtype_with_errors(pages):
    site = pages("")
    drawn = previews.of_op(site, "exp")
    # Errors beyond the upper edge are at it.
    assert [one["ulp"] for one in drawn["data"]["values"]] == [1.25, 16]
    assert "float16" in previews.of_op(site, "sin")["title"]["text"]
    assert previews.of_op(site, "tan") is None
