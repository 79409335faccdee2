"""What readers come for, done on the committed history: in at most three steps from the start page,
once with the mouse and once with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


class Hand:
    """A reader with a mouse, or with a keyboard alone; ``steps`` counts what was done."""

    def __init__(self, page, kind):
        self.page, self.mouse, self.steps = page, kind == "mouse", 0

    def follow(self, name):
        self._press(self.page.get_by_role("link", name=name, exact=True).first)

    def press(self, name):
        self._press(self.page.get_by_role("button", name=name))

    def choose(self, label, *values):
        """One or several fields of one form."""
        for field, value in zip(label.split(), values, strict=True):
            select = self.page.locator(f"select[name={field}]")
            if self.mouse:
                select.select_option(value)
                continue
            self._reach(select)
            options = select.locator("option").evaluate_all("them => them.map(one => one.value)")
            self.page.keyboard.press("Home")
            for _ in range(options.index(value)):
                self.page.keyboard.press("ArrowDown")
            expect(select).to_have_value(value)
        self.steps += 1

    def jump(self, name):
        if self.mouse:
            self.page.locator("#jump input").click()
        else:
            self.page.keyboard.press("/")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("networkidle")
        self.steps += 1

    def _press(self, element):
        if self.mouse:
            element.click()
        else:
            self._reach(element)
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("networkidle")
        self.steps += 1

    def _reach(self, element):
        """With Tab, from where the reader is."""
        for _ in range(400):
            if element.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("Tab does not reach it")


@pytest.fixture(params=["mouse", "keyboard"])
def hand(reader, site, request):
    reader.page.goto(site.url + "index.html")
    reader.page.wait_for_load_state("networkidle")
    hand = Hand(reader.page, request.param)
    yield hand
    assert hand.steps <= 3


def test_what_changes_for_float64_from_numpy_1_26_to_2(hand):
    hand.follow("Compare")
    hand.choose("before after dtype", "numpy-1.26.4", "numpy-2.0.2", "float64")
    said = hand.page.locator("#summary")
    expect(said).to_contain_text("From NumPy 1.26.4 to NumPy 2.0.2")
    rows = hand.page.locator("#by-function tbody tr")
    expect(rows.first).to_be_visible()
    assert set(rows.locator("td:nth-child(2)").all_inner_texts()) == {"float64"}


def test_since_when_tanh_is_worse_and_how_to_see_it(hand):
    """TensorFlow's float64 tanh, since 2.20 (in its notes: a rational approximation)."""
    hand.jump("tanh")
    verdict = hand.page.locator(".verdict li", has_text="TensorFlow 2.21.0")
    expect(verdict.nth(1)).to_contain_text("Until 2.19.1: off by 2.03 ULP or more")
    hand.choose("dtype", "float64")
    row = hand.page.locator("#witnesses tbody tr", has_text="TensorFlow 2.21.0")
    row = row.filter(has_text="float64")
    hand.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = re.compile("Copy Python for float64 of tensorflow-2.21.0")
    expect(row.first.get_by_role("button", name=name)).to_be_visible()
    hand._press(row.first.get_by_role("button", name=name))
    copied = hand.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import tensorflow as tf; print(float(tf.math.tanh(")
    assert "float64" in copied


def test_which_library_for_float32_exp_of_1000_numbers(hand):
    row = hand.page.locator("#functions tbody tr").filter(
        has=hand.page.get_by_role("link", name="exp", exact=True)
    )
    expect(hand.page.locator("#pickers select[name=size]")).to_have_value("1000")
    expect(row.locator(".spread")).to_have_text(re.compile(r"\(\d.*–\d.*\)"))
    expect(row.locator("td").last).to_have_text("TensorFlow: more accurate; NumPy: faster")


@pytest.mark.parametrize(
    ("level", "those", "not_those"),
    [("v3", ["exp", "log"], ["sin"]), ("v4", ["exp", "log"], ["sqrt"])],
)
def test_which_functions_of_the_newest_numpy_are_off_by_more_than_2_ulp(
    hand, level, those, not_those
):
    if level != "v3":
        hand.choose("heat_level", level)
    hand.press("under 4")
    said = hand.page.locator("#heat-status")
    expect(said).to_contain_text("Under 4. NumPy")
    named = said.inner_text().partition("NumPy ")[2].partition(". ")[0].partition(": ")[2]
    assert set(those) <= set(named.split(", "))
    assert not set(not_those) & set(named.split(", "))
    hand.press("over 4")
    expect(said).to_contain_text(re.compile(r"Over 4\. NumPy [\d.]+: none"))


def test_whether_anything_is_slower_in_the_newest_numpy(hand):
    newest = hand.page.locator("#places option[value^=numpy-]").first.get_attribute("value")
    hand.jump(newest)
    section = hand.page.locator(f"section[aria-labelledby='{newest}']")
    expect(section.locator("p").first).to_contain_text(re.compile(r"\d+ takes? more"))
    expect(section.locator("td.worse").first).to_be_visible()


def test_what_differs_on_arm(hand):
    hand.follow("Which processor is mine?")
    expect(hand.page.locator("section[aria-labelledby=processors]")).to_contain_text(
        re.compile("No ARM processor has been measured|Of ARM: ")
    )


def test_what_a_reader_with_an_intel_laptop_of_five_years_ago_gets(hand):
    hand.follow("Which processor is mine?")
    section = hand.page.locator("section[aria-labelledby=processors]")
    expect(section).to_contain_text("laptops of the 11th generation")
    expect(section).to_contain_text("differ between AMD and Intel: ")


def test_a_machine_that_is_asked_for_brings_its_level(reader, site):
    """The Intel machine was measured with AVX-512 alone; others have errors with AVX2, too."""
    reader.page.goto(site.url + "compare.html#before=numpy-2.4.6&after=tensorflow-2.21.0")
    level, measured = reader.page.locator("select[name=level]"), reader.page.locator("#measured")
    expect(level).to_have_value("v3")
    expect(measured).to_contain_text("instructions of ")
    reader.page.locator("select[name=machine]").select_option("xeon-spr")
    expect(level).to_have_value("v4")
    expect(measured).to_have_text("errors of xeon-spr")
    expect(reader.page.locator("#by-function tbody tr").first).to_be_visible()
