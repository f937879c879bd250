"""The people and companies of the tests: a provider, a client, its line; owner, colleague, stranger; agents."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from answering.accounts.models import Agent, AgentLanguage, Clearance, Presence, StaffRole, User
from answering.lib import clock
from billing.models import Tariff, TariffVersion
from calls.carriers.base import InboundCall
from calls.models import BrowserCall, Call, CallLeg, Party
from calls.services import claim_call, note_heartbeat, receive_call
from clients.models import (
    Calendar,
    CalendarInterval,
    Client,
    Contact,
    Line,
    Membership,
    MembershipRole,
    Provider,
    Script,
    ScriptVersion,
)
from clients.scripts import Act, Say, ScriptDefinition

PASSWORD = "a long enough password"
numbers = count(1)


def make_user(name: str = "Anna Ozola", **fields: object) -> User:
    return User.objects.create_user(f"person{next(numbers)}@example.test", PASSWORD, full_name=name, **fields)


def make_calendar(*, always: bool = True, zone: str = "Europe/Riga", country: str = "") -> Calendar:
    """Around the clock, or Monday to Friday 9-17."""
    calendar = Calendar.objects.create(name=f"calendar {next(numbers)}", time_zone=zone, holiday_country=country)
    days = range(7) if always else range(5)
    opens, closes = (0, 1440) if always else (540, 1020)
    CalendarInterval.objects.bulk_create(
        CalendarInterval(calendar=calendar, weekday=day, opens_minute=opens, closes_minute=closes) for day in days
    )
    return calendar


def make_provider() -> Provider:
    return Provider.objects.create(
        name="Alio Test", country="LV", calendar=make_calendar(), time_zone="Europe/Riga", invoice_series="T"
    )


def make_client(name: str = "Klīnika Sirds", *, provider: Provider | None = None, **fields: object) -> Client:
    values: dict[str, object] = {"country": "LV", "language": "lv", "time_zone": "Europe/Riga"} | fields
    values.setdefault("calendar", make_calendar())
    client = Client.objects.create(name=name, provider=provider or make_provider(), **values)
    Contact.objects.create(
        client=client, name="Līga Bērziņa", email=f"liga{client.pk}@example.test", language="lv", is_default=True
    )
    return client


def said(language: str, greeting: str, *, words: str = "Kā varu palīdzēt?") -> ScriptDefinition:
    """A script that greets, says something and ends."""
    return ScriptDefinition({language: greeting}, (Say("words", {language: words}), Act("finish", "end")))


def publish_script(script: Script, definition: ScriptDefinition) -> ScriptVersion:
    """In force from now on."""
    number = script.versions.count() + 1
    fields = {"definition": definition.to_dict(), "published_at": clock.now()}
    return ScriptVersion.objects.create(script=script, number=number, **fields)


def make_line(client: Client, **fields: object) -> Line:
    script = Script.objects.create(client=client, name="Main")
    publish_script(script, said(client.language, "Labdien! {client.name}, mani sauc {agent.name}."))
    values: dict[str, object] = {"slug": f"line-{next(numbers)}", "name": "Reception", "language": client.language}
    values |= {"calendar": client.calendar, "script": script} | fields
    return Line.objects.create(client=client, **values)


def make_tariff(client: Client, *, rate: str = "0.0150", **fields: object) -> TariffVersion:
    """So much per second from the first second on, unless told otherwise."""
    tariff = Tariff.objects.create(client=client, name="Per second")
    step = {"from_s": 0, "rate": rate, "unit_s": 1, "increment_s": 1}
    slot = {"timing": {"start_time": "00:00:00"}, "connect_fee": "0", "rates": [step], "weight": 10}
    values: dict[str, object] = {"definition": {"timezone": client.time_zone, "slots": [slot]}} | fields
    valid_from = clock.now() - timedelta(days=900)
    return TariffVersion.objects.create(tariff=tariff, number=1, valid_from=valid_from, **values)


def make_agent(name: str = "Nora Kalna", *, clients: tuple[Client, ...] = (), languages: str = "lv en") -> Agent:
    """An agent at a console, available, idle for an hour."""
    now = clock.now()
    agent = Agent.objects.create(
        user=make_user(name, staff_role=StaffRole.AGENT),
        presence=Presence.AVAILABLE,
        heartbeat_at=now,
        idle_since=now - timedelta(hours=1),
        console_id=uuid.uuid4(),
    )
    AgentLanguage.objects.bulk_create(AgentLanguage(agent=agent, language=each) for each in languages.split())
    Clearance.objects.bulk_create(Clearance(agent=agent, client=client) for client in clients)
    return agent


def make_member(client: Client, name: str = "Ilze Krūma", role: str = MembershipRole.OWNER, **fields: object) -> User:
    user = make_user(name)
    Membership.objects.create(client=client, user=user, role=role, **fields)
    return user


def ring(line: Line, *, number: str = "+37126123456", name: str = "", at: datetime | None = None) -> Call:
    """A call from the browser carrier, as its page makes it: ringing line, caller's leg alive."""
    inbound = InboundCall(
        carrier="browser",
        event_key=f"browser:{uuid.uuid4()}:inbound",
        dialled=line.slug,
        occurred_at=at or clock.now(),
        caller_number=number,
        caller_name=name,
    )
    call = Call.objects.get(public_id=receive_call(inbound).call)
    BrowserCall.objects.create(call=call, token_hash=uuid.uuid4().hex, address_hash="test")
    CallLeg.objects.create(call=call, party=Party.CALLER, heartbeat_at=clock.now())
    return call


def talk(call: Call, agent: Agent) -> Call:
    """The agent claims the call and both sides hear each other."""
    call = claim_call(call.pk, agent=agent)
    for party in (Party.CALLER, Party.AGENT):
        note_heartbeat(call, party=party, generation=call.generation, packets_received=50)
    call.refresh_from_db()
    return call


@dataclass(frozen=True)
class House:
    """One client with a line, a tariff and an agent cleared for it."""

    client: Client
    line: Line
    tariff: TariffVersion
    agent: Agent


def make_house(**line_fields: object) -> House:
    client = make_client()
    return House(client, make_line(client, **line_fields), make_tariff(client), make_agent(clients=(client,)))
