from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Without preload axe does not fetch our style sheets a second time, from addresses relative to the page.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": TAGS, "preload": False}
# What fades or slides is at its end at once; what turns for ever goes on turning.
FINISH = """() => document.getAnimations()
    .filter((each) => Number.isFinite(each.effect?.getComputedTiming().endTime))
    .forEach((each) => each.finish())"""


def expect_nothing_wrong(page: Page) -> None:
    """axe finds nothing that WCAG 2.2 AA forbids."""
    page.wait_for_load_state()  # with its styles: without them everything is too small
    page.evaluate(FINISH)  # half-faded words are too pale
    found = Axe().run(page, options=OPTIONS)
    assert found.violations_count == 0, found.generate_report()
