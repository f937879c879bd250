"""Skills at the desk: named, given to agents, required by lines, put away."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import StaffRole, User
from clients.models import Line, Skill
from tests.cast import House, make_agent, make_member
from tests.desk.office import administrator, filled_in, signed_in_as
from tests.desk.test_lines import asked_of, edit_line

LIST, NEW = reverse("desk:skills"), reverse("desk:new-skill")


def at(skill: Skill, name: str = "edit-skill") -> str:
    return reverse(f"desk:{name}", args=[skill.public_id])


def test_only_administrators_find_skills(house: House) -> None:
    skill, owner = Skill.objects.create(name="medical"), Browser()
    owner.force_login(make_member(house.client))
    for page in (LIST, NEW, at(skill)):
        assert administrator().get(page).status_code == 200
        assert signed_in_as(StaffRole.SUPERVISOR).get(page).status_code == 404
        assert owner.get(page).status_code == 404
    assert owner.post(at(skill, "remove-skill"), {"revision": 1}).status_code == 404
    assert Skill.objects.exists()


def test_a_skill_is_named_given_to_agents_and_required_by_a_line(house: House) -> None:
    browser = administrator()
    assert "No skill yet" in browser.get(LIST).text
    assert "Agents without them" not in browser.get(edit_line(house.line)).text
    browser.post(NEW, {"name": "Medicīna", "agents": [house.agent.pk]})
    skill = Skill.objects.get()
    assert list(skill.agents.all()) == [house.agent]
    values = filled_in(browser.get(edit_line(house.line)), skills=[skill.pk], skills_wait="30")
    assert browser.post(edit_line(house.line), values).status_code == 302
    assert list(house.line.skills.all()) == [skill]
    assert "Reception" in browser.get(at(skill)).text
    make_agent("Rita Liepa", clients=(house.client,))
    page = asked_of(house.line, moment="2031-12-23T16:30")
    assert "1 agent is cleared for the client" in page
    assert "They have what the line requires: Medicīna." in page
    assert "After 30 s of waiting 1 agent without these skills is asked too." in page
    Line.objects.update(skills_wait=None)
    assert "Nobody without these skills is asked" in asked_of(house.line, moment="2031-12-23T16:30")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"skills_wait": "10"}, "This line requires no skill."),
        ({"skills_wait": "90", "skills": True}, "less than the waiting limit"),
        ({"skills_wait": "0", "skills": True}, "less than the waiting limit"),
        ({"skills": "soon"}, "is not a valid value"),
    ],
)
def test_wrong_skills_of_a_line_are_told(house: House, fields: dict[str, Any], sentence: str) -> None:
    skill = Skill.objects.create(name="medical")
    browser = administrator()
    fields |= {"skills": [skill.pk]} if fields.get("skills") is True else {}
    answer = browser.post(edit_line(house.line), filled_in(browser.get(edit_line(house.line)), **fields))
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_name_is_given_once_and_the_second_editor_is_told(house: House) -> None:
    skill = Skill.objects.create(name="Medical")
    browser = administrator()
    assert "There is a skill of this name already." in browser.post(NEW, {"name": "medical"}).text
    seen = browser.get(at(skill))
    assert browser.post(at(skill), filled_in(seen, name="First", agents=[house.agent.pk])).status_code == 302
    assert "Somebody else has saved this" in browser.post(at(skill), filled_in(seen, name="Second", agents=[])).text
    assert list(Skill.objects.get().agents.all()) == [house.agent]
    with pytest.raises(IntegrityError, match="skill_name_once"):
        Skill.objects.create(name="FIRST")


def test_who_cannot_sign_in_for_now_keeps_their_skills_when_one_is_edited(house: House) -> None:
    skill, browser = Skill.objects.create(name="Medical"), administrator()
    away, other = make_agent("Rita Liepa"), make_agent("Anna Kalna")
    skill.agents.add(house.agent, away)
    User.objects.filter(pk__in=[away.user_id, other.user_id]).update(is_active=False)
    page = browser.get(at(skill))
    assert "Rita Liepa – Not active" in page.text
    assert "Anna Kalna" not in page.text
    assert browser.post(at(skill), filled_in(page, name="Law")).status_code == 302
    assert set(skill.agents.all()) == {house.agent, away}


def test_a_skill_that_a_line_requires_is_not_deleted(house: House) -> None:
    skill = Skill.objects.create(name="Medical")
    house.line.skills.add(skill)
    browser = administrator()
    page = browser.post(at(skill, "remove-skill"), {"revision": 1}, follow=True).text
    assert "Lines require this skill." in page
    house.line.skills.clear()
    assert "Somebody else has saved this" in browser.post(at(skill, "remove-skill"), {"revision": 7}, follow=True).text
    page = browser.post(at(skill, "remove-skill"), {"revision": 1}, follow=True).text
    assert "is deleted" in page
    assert not Skill.objects.exists()
