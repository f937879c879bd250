import pytest
from django.urls import reverse

from answering.accounts.models import Clearance
from answering.desk.clients.checklist import checklist_of
from billing.models import TariffVersion
from clients.models import Client, Line, ScriptVersion
from tests.cast import House, make_client, make_line, make_tariff, ring, talk
from tests.desk.office import administrator


def done(client: Client) -> list[str]:
    return [str(step.label) for step in checklist_of(client).steps if step.is_done]


def test_a_new_client_has_all_but_its_hours_and_contact_to_do(db: None) -> None:
    client = make_client()
    assert done(client) == ["Hours", "Contacts"]
    client.contacts.all().delete()
    client.calendar.intervals.all().delete()
    assert done(client) == []


def test_the_steps_follow_from_facts_in_either_direction(house: House) -> None:
    client = house.client
    assert done(client) == ["Contract", "Hours", "Lines", "Script", "Contacts"]
    talk(ring(house.line), house.agent)
    client.vat_id = "LV40003521600"
    client.save()
    assert checklist_of(client).is_complete
    Clearance.objects.all().delete()
    assert "In operation" not in done(client)
    make_line(client)
    ScriptVersion.objects.create(script=Line.objects.latest("pk").script, number=2, greeting="Draft")
    assert "Script" in done(client)
    mute = make_line(client)
    mute.script = client.scripts.create(name="Nothing published")
    mute.save()
    assert "Script" not in done(client)
    Line.objects.update(is_active=False)
    assert not {"Lines", "Script"} & set(done(client))
    TariffVersion.objects.all().delete()
    assert "Contract" not in done(client)


def test_the_page_shows_what_is_next_in_a_bounded_number_of_queries(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client = make_client("Baltė")
    make_tariff(client)
    browser = administrator()
    address = reverse("desk:client", args=[client.public_id])
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        page = browser.get(address)
    following = page.context["checklist"].following
    assert str(following.label) == "Data"
    assert following.url in page.text
