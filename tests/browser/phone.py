"""What a person does at the caller's page and sees there."""

from playwright.sync_api import Page, expect

from tests.waiting import wait_until


def press(page: Page, name: str = "Call Klīnika Sirds") -> None:
    """Press the one big button."""
    page.get_by_role("button", name=name).click()


def expect_screen(page: Page, name: str) -> None:
    """The page shows this screen, now or soon."""
    expect(page.locator("[data-screen]:not([hidden])")).to_have_attribute("data-screen", name)


LATER = """(ms) => {
  for (const clock of [performance, Date]) { const then = clock.now.bind(clock); clock.now = () => then() + ms; }
}"""


def pass_time(page: Page, seconds: int) -> None:
    """For this page it is so much later at once; what ticks goes on ticking. From 20 s on it believes that it slept."""
    page.evaluate(LATER, seconds * 1000)


def packets(page: Page) -> int:
    """How many packets of sound this page, of either side, says that it has received."""
    return int(page.locator("body").get_attribute("data-packets") or 0)


def expect_sound(page: Page) -> None:
    """Sound arrives at this page now; one that makes a new connection begins to count anew."""
    seen = packets(page)

    def are_more() -> bool:
        nonlocal seen
        before, seen = seen, min(seen, packets(page))
        return before == seen and packets(page) > seen + 10

    wait_until(are_more, 20)
