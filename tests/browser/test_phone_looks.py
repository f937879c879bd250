"""The caller's page in each of its states: axe finds nothing, and nothing is wider than a phone."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.cast import make_client, make_line

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GREEK = "Δικηγορικό γραφείο Παππά & Συνεργάτες"
STATES = {
    "idle": {},
    "closed": {"slots": {"opening": "We open again: Monday, 23 November, 09:00."}},
    "asking": {},
    "dialling": {},
    "refused": {"when": ["no-call"]},
    "missing": {"when": ["call"]},
    "taken": {"when": ["no-call"]},
    "elsewhere": {},
    "busy": {"slots": {"message": "All lines are busy. Please try again in a few minutes."}},
    "unreachable": {},
    "waiting": {"since": 1},
    "again": {"since": 1},
    "talking": {"since": 1, "slots": {"agent": "Νίκος"}},
    "held": {"since": 1, "slots": {"agent": "Νίκος"}},
    "reconnecting": {},
    "away": {},
    "ended": {"slots": {"talked": "3:07"}},
    "lost": {"when": ["missed", "no-number"]},
    "failed": {},
}
SHOW = """async ([name, options]) => {
  const { show } = await import("/static/js/phone-screens.js");
  const { tick, now } = await import("/static/js/ui.js");
  if (options.since) options.since = now() - 61;
  show(name, options);
  tick();
}"""


def photograph(page: Page, name: str) -> None:
    """Keep a picture where SCREENSHOTS says, for people to look at."""
    directory = os.environ.get("SCREENSHOTS")
    if directory:
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720)])
def test_every_state_is_accessible_and_fits(
    running_house: RunningHouse, open_page: NewPage, scheme: str, width: int, height: int
) -> None:
    line = make_line(make_client(GREEK, language="el", country="GR", time_zone="Europe/Athens"))
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": height})
    page.goto(f"{running_house.url}/phone/{line.slug}/{'?language=en' if width == 1280 else ''}")
    found = {}
    for name, options in STATES.items():
        page.evaluate(SHOW, [name, options])
        photograph(page, f"phone-{name}-{width}-{scheme}")
        report = Axe().run(page, options={"runOnly": RULES, "preload": False})
        if report.violations_count:
            found[name] = report.generate_report()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0, f"{name} is {overflow} px too wide"
    assert found == {}


def test_the_form_for_who_calls_is_accessible_with_its_errors(running_house: RunningHouse, open_page: NewPage) -> None:
    page = open_page(running_house.phone_url, viewport={"width": 390, "height": 844})
    page.get_by_text("Who is calling?").click()
    page.locator("#call_number").fill("12")
    page.get_by_role("button", name="Call Klīnika Sirds").click()
    page.locator('#call_number[aria-invalid="true"]').wait_for()
    photograph(page, "phone-idle-wrong-390-light")
    report = Axe().run(page, options={"runOnly": RULES, "preload": False})
    assert report.violations_count == 0, report.generate_report()
