"""What makes a console a telephone: tokens for the accounts whose calls may come to this agent, and nobody else's."""

from pathlib import Path
from typing import Any

import jwt
import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.db import connection
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from answering.accounts.models import Agent
from answering.console.telephone import SDK, sdk_is_installed
from answering.twilio.models import TwilioAccount
from answering.twilio.tokens import identity_of
from tests.cast import House, make_agent, make_client, make_line, make_member
from tests.console.accounts import KEY, OWN, SECRET, add_account, give_number, set_own_account
from tests.console.conftest import Console, open_console_of

ADDRESS = "/console/voice-token"


@pytest.fixture(autouse=True)
def own_account(settings: Any) -> None:
    set_own_account(settings)


@pytest.fixture
def numbered(house: House) -> House:
    """The house is called by a number of the installation's own account."""
    give_number(house.line)
    return house


def tokens(console: Console, **fields: Any) -> list[dict[str, Any]]:
    answer = console.post("voice-token", fields)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["tokens"]
    return found


def accounts(console: Console) -> list[str]:
    return [each["account"] for each in tokens(console)]


def add_client(agent: Agent, account: TwilioAccount | None, number: str) -> None:
    """A further client that the agent is cleared for, called by this number."""
    client = make_client(f"Client {number}")
    give_number(make_line(client), number, account)
    agent.clearances.create(client=client)


def test_the_token_is_this_agent_s_for_an_hour_and_nobody_keeps_it(console: Console, numbered: House) -> None:
    answer = console.post("voice-token")
    assert "no-store" in answer.headers["Cache-Control"]
    [found] = answer.json()["tokens"]
    identity = identity_of(numbered.agent.user.public_id)
    assert (found["account"], found["identity"], found["expires_in"]) == (OWN, identity, 3600)
    claims = jwt.decode(found["token"], SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["iss"], claims["grants"]["identity"]) == (OWN, KEY, identity)
    assert claims["grants"]["voice"]["incoming"] == {"allow": True}
    assert abs(claims["exp"] - timezone.now().timestamp() - 3600) < 60


def test_asked_for_another_agent_there_is_nothing(console: Console, numbered: House) -> None:
    colleague = make_agent("Ilze Krūma", clients=(numbered.client,))
    theirs = identity_of(colleague.user.public_id)
    assert console.post("voice-token", {"identity": theirs}).status_code == 404
    assert console.post("voice-token", {"identity": ""}).status_code == 404
    own = identity_of(numbered.agent.user.public_id)
    assert [each["identity"] for each in tokens(console, identity=own)] == [own]


def test_a_replaced_window_gets_none(console: Console, numbered: House) -> None:
    open_console_of(numbered.agent)
    answer = console.post("voice-token")
    assert (answer.status_code, answer.json()["reason"]) == (409, "ConsoleReplaced")


def test_only_agents_who_are_signed_in_get_any(numbered: House, client: HttpClient) -> None:
    assert client.post(ADDRESS).status_code == 401
    client.force_login(make_member(numbered.client))
    assert client.post(ADDRESS).status_code == 404


def test_it_is_posted_with_the_page_s_token(console: Console, numbered: House) -> None:
    assert console.http.get(ADDRESS).status_code == 405
    console.http.handler.enforce_csrf_checks = True
    assert console.post("voice-token").status_code == 403


class TestAccounts:
    def test_every_account_whose_numbers_the_agent_is_cleared_for(self, console: Console, numbered: House) -> None:
        second, third = add_account(2), add_account(3)
        add_client(numbered.agent, second, "+37167000002")
        give_number(make_line(make_client("Svešais")), "+37167000003", third)
        assert accounts(console) == [OWN, second.sid]

    def test_not_the_own_one_for_who_has_only_clients_with_their_own(self, console: Console, house: House) -> None:
        account = add_account()
        give_number(house.line, account=account)
        assert accounts(console) == [account.sid]

    def test_none_without_an_api_key(self, console: Console, numbered: House) -> None:
        keyless = add_account()
        TwilioAccount.objects.filter(pk=keyless.pk).update(api_key="", sealed_api_secret="")
        add_client(numbered.agent, keyless, "+37167000002")
        assert accounts(console) == [OWN]

    def test_none_that_is_switched_off(self, console: Console, numbered: House) -> None:
        add_client(numbered.agent, add_account(is_active=False), "+37167000002")
        assert accounts(console) == [OWN]

    def test_queries_are_few_however_many_accounts_there_are(self, console: Console, numbered: House) -> None:
        accounts(console)
        for number in range(2, 12):
            add_client(numbered.agent, add_account(number), f"+371670000{number:02d}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(accounts(console)) == 11
        assert len(asked) <= 5


class TestNone:
    def refuse(self, console: Console) -> None:
        answer = console.post("voice-token")
        assert (answer.status_code, answer.json()["reason"]) == (409, "NoTelephone")
        assert answer.json()["error"].startswith("No calls from telephone numbers can come to you yet.")

    def test_is_said_to_who_has_no_client_with_a_number(self, console: Console) -> None:
        self.refuse(console)

    def test_is_said_where_the_line_or_the_client_is_closed(self, console: Console, numbered: House) -> None:
        numbered.line.is_active = False
        numbered.line.save()
        self.refuse(console)
        numbered.line.is_active = True
        numbered.line.save()
        assert accounts(console) == [OWN]
        numbered.client.closed_at = timezone.now()
        numbered.client.save()
        self.refuse(console)

    def test_is_said_without_a_key_and_without_an_account(
        self, console: Console, numbered: House, settings: Any
    ) -> None:
        settings.TWILIO_API_KEY = settings.TWILIO_API_SECRET = ""
        self.refuse(console)
        settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
        self.refuse(console)


class TestPage:
    @pytest.fixture
    def sdk(self, settings: Any, tmp_path: Path) -> None:
        """The SDK is installed, whatever this checkout has."""
        (tmp_path / "twilio.min.js").touch()
        settings.STATICFILES_DIRS = [configured.BASE_DIR / "static", ("voice-sdk", tmp_path)]

    @pytest.fixture
    def no_sdk(self, settings: Any) -> None:
        settings.STATICFILES_DIRS = [configured.BASE_DIR / "static"]

    def test_a_page_without_telephone_knows_nothing_of_it(self, console: Console, sdk: None) -> None:
        page = console.http.get("/console/")
        for part in ('id="telephone"', 'data-strip="telephone"', "data-voice"):
            assert part not in page.content.decode()
        assert "twilio" not in page.headers["Content-Security-Policy"]

    def test_a_page_with_telephone_says_where_the_sdk_lies_and_lets_it_connect(
        self, console: Console, numbered: House, sdk: None
    ) -> None:
        page = console.http.get("/console/")
        text, policy = page.content.decode(), page.headers["Content-Security-Policy"]
        assert f'data-voice-sdk="/static/{SDK}"' in text
        assert 'data-voice-token-url="/console/voice-token"' in text
        directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
        assert "wss://voice-js.roaming.twilio.com" in directives["connect-src"].split()
        assert "'self'" in directives["connect-src"].split()
        assert directives["script-src"] == "'self'"
        assert "twilio" not in console.http.get("/console/board").headers["Content-Security-Policy"]

    def test_a_page_without_the_sdk_says_so_in_one_line(self, console: Console, numbered: House, no_sdk: None) -> None:
        text = console.http.get("/console/").content.decode()
        assert "data-voice-sdk" not in text
        assert 'data-strip="telephone"\n             >' in text

    def test_a_check_warns_of_the_missing_sdk(self, no_sdk: None, settings: Any) -> None:
        assert [each.id for each in run_checks() if each.id == "console.W001"] == ["console.W001"]
        settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
        assert [each for each in run_checks() if each.id == "console.W001"] == []

    @pytest.mark.django_db
    def test_a_check_with_the_database_sees_accounts_that_stand_there(self, no_sdk: None, settings: Any) -> None:
        settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
        add_account()
        found = run_checks(tags=["database"], databases=["default"])
        assert [each.id for each in found if each.id == "console.W001"] == ["console.W001"]

    def test_with_the_sdk_nothing_is_warned_of(self, sdk: None) -> None:
        assert sdk_is_installed()
        assert [each for each in run_checks() if each.id == "console.W001"] == []


def test_a_page_without_a_telephone_learns_that_it_would_have_one_now(console: Console, house: House) -> None:
    must_reload = "data-must-reload"
    assert must_reload not in console.board(telephone="none")
    add_client(console.agent, None, "+37167000009")
    assert must_reload in console.board(telephone="none")
    assert must_reload not in console.board()
