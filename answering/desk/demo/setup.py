"""The rows that an administrator would have typed: operator, staff, companies, lines, scripts, prices."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password

from answering.accounts.models import Agent, AgentLanguage, Clearance, User
from answering.desk.demo.company import DemoCompany, DemoContact, DemoUser
from answering.desk.demo.staff import CONSULTANT, PASSWORD, STAFF, SUBSTITUTE, DemoStaff
from answering.lib import clock
from billing.models import Tariff, TariffVersion
from clients.models import (
    Calendar,
    CalendarDay,
    CalendarDayInterval,
    CalendarInterval,
    Client,
    Contact,
    FaqEntry,
    Line,
    Membership,
    MembershipRole,
    Notice,
    Plan,
    Provider,
    WayOfWorking,
)
from clients.services.contacts import ContactFields, NumberFields, add_contact
from clients.services.rota import ShiftFields, add_rota, add_shifts
from clients.services.scripts import publish_draft, start_script

PROVIDER = "Alio Rīga"
PROVIDER_ZONE = "Europe/Riga"
EXAMPLE_IBAN = "LV69ALIO0000000000001"  # the check digits are right, the bank does not exist
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
ROTA_BACK = timedelta(days=14)
LONGEST_DAY = 12  # hours

Hours = Iterable[tuple[tuple[int, ...], int, int]]


def write_operator() -> Provider:
    """The provider, its calendar and everybody who works there."""
    calendar = _calendar("Birojs", PROVIDER_ZONE, "LV", (((0, 1, 2, 3, 4), 8 * 60, 18 * 60),))
    provider = Provider.objects.create(
        name=PROVIDER,
        country="LV",
        vat_id="LV00000000000",
        address="Piemēra iela 1\nRīga, LV-1000",
        bank_name="Paraugbanka",
        iban=EXAMPLE_IBAN,
        calendar=calendar,
        time_zone=PROVIDER_ZONE,
        invoice_series="ALIO",
    )
    for person in STAFF:
        _write_staff(person)
    return provider


def _write_staff(person: DemoStaff) -> None:
    user = _user(
        person.email,
        person.full_name,
        language=person.language,
        staff_role=person.role,
        time_zone=PROVIDER_ZONE,
    )
    if not person.speaks:
        return
    agent = Agent.objects.create(user=user)
    AgentLanguage.objects.bulk_create(AgentLanguage(agent=agent, language=each) for each in person.speaks)


def _user(email: str, full_name: str, **fields: str) -> User:
    return User.objects.create(email=email, full_name=full_name, password=demo_password_hash(), **fields)


@lru_cache(maxsize=4)
def _password_hash(password: str | None, hashers: tuple[str, ...]) -> str:
    """One hash for everybody, since making one is slow on purpose."""
    return make_password(password)


def demo_password_hash() -> str:
    """The hash of the demo's password; with DEBUG off of none, so that nobody can sign in until given one."""
    return _password_hash(PASSWORD if settings.DEBUG else None, tuple(settings.PASSWORD_HASHERS))


def write_company(company: DemoCompany, provider: Provider) -> Client:
    """A client company with all that it needs to be called."""
    calendar = _calendar(company.name, company.time_zone, company.country, company.hours)
    _write_special_days(calendar, company)
    client = Client.objects.create(
        provider=provider,
        name=company.name,
        country=company.country,
        vat_id=company.vat_id,
        plan=Plan.VIP if company.is_vip else Plan.STANDARD,
        language=company.language,
        time_zone=company.time_zone,
        calendar=calendar,
        consultant=Agent.objects.get(user__email=CONSULTANT.email) if company.is_vip else None,
        substitute=Agent.objects.get(user__email=SUBSTITUTE.email) if company.is_vip else None,
        response_target=company.response_target,
    )
    if company.is_vip:
        _write_way(client)
    _write_contacts(client, company)
    _write_line(client, company)
    _write_tariff(client, company)
    _write_members(client, company)
    _write_faq(client, company)
    _write_notices(client, company)
    cleared = [person.email for person in STAFF if company.slug in person.clears]
    agents = Agent.objects.filter(user__email__in=cleared)
    Clearance.objects.bulk_create(Clearance(agent=agent, client=client) for agent in agents)
    return client


def _write_way(client: Client) -> None:
    """What the consultant has agreed with the VIP client; its review is due soon."""
    consultant, today = client.consultant, clock.now().date()
    assert consultant is not None  # noqa: S101 - a VIP client has one
    WayOfWorking.objects.create(
        client=client,
        number=1,
        greeting="Καλημέρα σας ή καλησπέρα σας, ποτέ «γεια σας».",
        decisions="Ραντεβού κλείνει μόνο η γραμματεία. Για αμοιβές απαντά η κυρία Παπαδάκη.",
        dos="Ζητήστε τον αριθμό της υπόθεσης και επαναλάβετέ τον.",
        donts="Μην επιβεβαιώνετε ποτέ ότι κάποιος είναι πελάτης του γραφείου.",
        escalation="Σύλληψη ή δικάσιμος σήμερα: καλέστε αμέσως τον υπεύθυνο βάρδιας.",
        agreed_by="Ελένη Παπαδάκη",
        agreed_on=today - timedelta(days=150),
        reviewer=consultant,
        review_on=today + timedelta(days=30),
        written_by=consultant.user,
    )


def _calendar(name: str, zone: str, country: str, hours: Hours) -> Calendar:
    calendar = Calendar.objects.create(name=name, time_zone=zone, holiday_country=country)
    CalendarInterval.objects.bulk_create(
        CalendarInterval(calendar=calendar, weekday=weekday, opens_minute=opens, closes_minute=closes)
        for weekdays, opens, closes in hours
        for weekday in weekdays
    )
    return calendar


def _write_special_days(calendar: Calendar, company: DemoCompany) -> None:
    year = clock.now().year
    for month_day, (note, hours) in company.special_days.items():
        day = CalendarDay.objects.create(calendar=calendar, date=date.fromisoformat(f"{year}-{month_day}"), note=note)
        CalendarDayInterval.objects.bulk_create(
            CalendarDayInterval(day=day, opens_minute=opens, closes_minute=closes) for opens, closes in hours
        )


def _write_contacts(client: Client, company: DemoCompany) -> None:
    for person in company.contacts:
        fields = ContactFields(
            name=person.name,
            department=person.department,
            responsibility=person.responsibility,
            email=person.email,
            language=company.language,
            also_speaks=person.also_speaks,
            is_default=person.is_default,
            numbers=tuple(NumberFields(number, label) for number, label in person.numbers),
        )
        contact = add_contact(client, fields)
        _write_rota(contact, person, company)


def _write_rota(contact: Contact, person: DemoContact, company: DemoCompany) -> None:
    """A rota for each department whose people take turns, in the company's hours or in those of the night."""
    if not person.shifts:
        return
    client, name = contact.client, person.department
    rota = client.rotas.filter(name=name).first()
    if rota is None:
        is_at_night = any(hours > LONGEST_DAY for _days, _from, hours in person.shifts)
        calendar = _night_calendar(person, company) if is_at_night else client.calendar
        rota = add_rota(client, name=name, calendar=calendar)
    first_day = clock.now().astimezone(ZoneInfo(company.time_zone)).date() - ROTA_BACK
    for weekdays, from_hour, hours in person.shifts:
        starts, ends = from_hour * 60, (from_hour + hours) * 60
        add_shifts(rota, ShiftFields(contact, weekdays, first_day, starts, (ends - 1) % 1440 + 1))


def _night_calendar(person: DemoContact, company: DemoCompany) -> Calendar:
    hours = [(days, start * 60, (start * 60 + length * 60 - 1) % 1440 + 1) for days, start, length in person.shifts]
    return _calendar(f"{company.name} · {person.department}", company.time_zone, "", hours)


def _write_line(client: Client, company: DemoCompany) -> None:
    """The line answers around the clock, so that the demo can be called at any hour."""
    script = start_script(client, name=company.script.name, definition=company.script.definition(), user=None)
    Line.objects.create(
        client=client,
        slug=company.slug,
        name=company.line_name,
        number=company.line_number,
        language=company.language,
        calendar=_calendar(f"{company.name} 24/7", company.time_zone, "", ((EVERY_DAY, 0, 1440),)),
        script=script,
    )
    publish_draft(script, revision=1)


def _write_faq(client: Client, company: DemoCompany) -> None:
    for question, answer in company.faq:
        FaqEntry.objects.create(client=client, language=company.language, question=question, answer=answer)


def _write_notices(client: Client, company: DemoCompany) -> None:
    for notice in company.notices:
        starts_at = clock.now().replace(minute=0, second=0, microsecond=0) + notice.begins_in
        ends_at = starts_at + notice.lasts
        Notice.objects.create(
            client=client, text=notice.text, starts_at=starts_at, ends_at=ends_at, is_public=notice.is_public
        )


def _write_tariff(client: Client, company: DemoCompany) -> None:
    tariff = Tariff.objects.create(client=client, name=company.tariff.name)
    first_of_year = datetime(clock.now().year - 1, 1, 1, tzinfo=ZoneInfo(company.time_zone))
    TariffVersion.objects.create(
        tariff=tariff,
        number=1,
        valid_from=first_of_year,
        definition=company.tariff.definition(company.time_zone),
        bills_hold=company.tariff.bills_hold,
        wrap_up_seconds_billed_at_most=company.tariff.wrap_up_seconds_billed_at_most,
    )


def _write_members(client: Client, company: DemoCompany) -> None:
    roles: dict[MembershipRole, DemoUser] = {
        MembershipRole.OWNER: company.owner,
        MembershipRole.MEMBER: company.member,
    }
    for role, person in roles.items():
        user = _user(person.email, person.full_name, language=company.language, time_zone=company.time_zone)
        Membership.objects.create(client=client, user=user, role=role)
