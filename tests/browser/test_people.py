"""The client's people at the desk in a real browser: numbers are put in order by keys, the rota is readable."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from answering.accounts.models import StaffRole
from answering.lib import clock
from calls.models import Caller
from clients.models import Plan, WayOfWorking
from clients.services.contacts import ContactFields, NumberFields, add_contact
from clients.services.rota import ShiftFields, add_override, add_rota, add_shifts
from clients.services.ways import agree_on_way
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.cast import make_agent, make_client, make_user, ring
from tests.clients.importing import upload

FILE = """\
Dr. Anna Ozola;Kardioloģija;anna.ozola@sirds.example;+37129123456
Žanis Šķēle-Ķirsis;Grāmatvediba;zanis@sirds.example;67000002
Κωνσταντίνος Παπαδόπουλος;Γραμματεία;konstantinos@sirds;+302101234567
"Jānis Kalniņš;Kardioloģija;janis@sirds.example;12
Ilze;Kardioloģija;;12
"""
DESK = {"width": 1280, "height": 720}


def test_contacts_and_rota_are_kept_by_keys_and_everybody_can_read_them(
    running_house: RunningHouse, open_page: NewPage, new_context: Callable[..., BrowserContext]
) -> None:
    client = running_house.house.client
    numbers = (NumberFields("+37129123456", "mobilais"), NumberFields("+37167000002", "kabinets"))
    anna = add_contact(
        client, ContactFields("Dr. Anna Ozola", "lv", "Kardioloģija", "Receptes, rezultāti", numbers=numbers)
    )
    maria = add_contact(client, ContactFields("Μαρία Κωνσταντίνου", "el", "Γραμματεία", also_speaks=("en",)))
    rota = add_rota(client, name="Dežūra")
    today = clock.now().date()
    add_shifts(rota, ShiftFields(anna, (0, 1, 2, 3, 4), today - timedelta(days=14), 8 * 60, 20 * 60))
    add_shifts(rota, ShiftFields(maria, (0, 1, 2, 3, 4, 5, 6), today - timedelta(days=14), 19 * 60, 7 * 60))
    add_override(rota, maria, clock.now(), clock.now() + timedelta(hours=3), reason="slima")
    ring(running_house.house.line, number="+37126123456", name="Kristīne Ozoliņa")
    Caller.objects.update(care_reason="Nesen zaudējusi tuvinieku", note="Runāt lēni")
    ring(running_house.house.line, number="+37167123456", name="Kristine Ozolina")
    consultant = make_agent("Ilze Gaile")
    vip = make_client("Baltė", plan=Plan.VIP, consultant=consultant, substitute=make_agent("Zane Kļava"))
    way: dict[str, Any] = {
        "greeting": "Καλημέρα σας, ποτέ «γεια σας».",
        "donts": "Nekad neapstiprināt, ka kāds ir klients.",
    }
    way |= {
        "agreed_by": "Ελένη Παπαδάκη",
        "agreed_on": today - timedelta(days=90),
        "review_on": today - timedelta(days=3),
    }
    agree_on_way(WayOfWorking(client=vip, reviewer=consultant, **way), seen=0, by=consultant.user)
    text = f"Vārds;Nodaļa;E-pasts;Numurs 1\n{FILE}"
    job = upload(client, text, name="darbinieki.csv")
    for scheme in ("light", "dark"):
        context = new_context(viewport=DESK, color_scheme=scheme)
        running_house.sign_in(context, make_user("Sandra Liepa", staff_role=StaffRole.SUPERVISOR))
        page = open_page(f"{running_house.url}/desk/people/", context=context)
        page.get_by_role("link", name=client.name).click()
        expect(page.get_by_role("heading", name=client.name)).to_be_visible()
        look(page, f"contacts-{scheme}")
        page.get_by_role("link", name="Import and export").click()
        look(page, f"imports-{scheme}")
        page.get_by_role("link", name=job.file_name).click()
        page.get_by_text("How the file was read").click()
        look(page, f"import-{scheme}")
        page.get_by_role("link", name="Contacts").click()
        page.get_by_role("link", name="Dr. Anna Ozola").click()
        look(page, f"contact-{scheme}")
        page.get_by_role("link", name="Remove …").click()
        look(page, f"remove-{scheme}")
        page.get_by_role("link", name="Callers").click()
        look(page, f"callers-{scheme}")
        page.get_by_role("link", name="The same name twice").click()
        expect(page.get_by_role("button", name="Look and merge")).to_be_visible()
        look(page, f"duplicates-{scheme}")
        page.get_by_role("button", name="Look and merge").click()
        expect(page.get_by_role("heading", name="Merge callers")).to_be_visible()
        look(page, f"merge-{scheme}")
        page.get_by_role("link", name="Callers").click()
        page.get_by_role("link", name="Kristīne Ozoliņa").click()
        look(page, f"caller-{scheme}")
        page.get_by_role("link", name="Rota").click()
        expect(page.get_by_role("heading", name="Repeating shifts")).to_be_visible()
        look(page, f"rota-{scheme}")
        running_house.sign_in(context, make_user("Administrators", staff_role=StaffRole.ADMINISTRATOR))
        overview = open_page(f"{running_house.url}/desk/consultants/", context=context)
        expect(overview.get_by_role("heading", name="Ilze Gaile")).to_be_visible()
        look(overview, f"consultants-{scheme}")
        overview.get_by_role("link", name="Ways of working").click()
        expect(overview.get_by_role("cell", name="Review overdue")).to_be_visible()
        look(overview, f"ways-{scheme}")
        overview.get_by_role("link", name="Baltė").click()
        expect(overview.get_by_role("heading", name="In force")).to_be_visible()
        look(overview, f"way-{scheme}")
    page.get_by_role("link", name="Contacts").click()
    page.get_by_role("link", name="Dr. Anna Ozola").click()
    page.get_by_role("button", name="Number 2: one up").press("Enter")
    expect(page.get_by_label("Label").first).to_have_value("kabinets")
    page.get_by_role("textbox", name="Name").press("Enter")
    expect(page.get_by_text("Dr. Anna Ozola is saved.")).to_be_visible()
    assert [number.label for number in anna.numbers.all()] == ["kabinets", "mobilais"]


def look(page: Page, name: str) -> None:
    """axe finds nothing; with SCREENSHOTS a picture is kept there."""
    expect_nothing_wrong(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
