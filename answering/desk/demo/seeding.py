"""The demo house part by part: what is there already is left alone, what is missing is made."""

from collections.abc import Callable

from django.db import transaction

from answering.desk.demo.clinic import CLINIC
from answering.desk.demo.company import DemoCompany
from answering.desk.demo.history import history_exists, write_history
from answering.desk.demo.law_office import LAW_OFFICE
from answering.desk.demo.retailer import RETAILER
from answering.desk.demo.setup import PROVIDER, write_company, write_operator
from answering.desk.demo.staff import ANDRIS, DIMITRA, ELENA, IEVA, TOMAS
from answering.lib import clock
from clients.models import Line, Provider

COMPANIES = (CLINIC, RETAILER, LAW_OFFICE)
Say = Callable[[str], None]


def is_somebody_elses() -> bool:
    """Whether this database belongs to a real operator, to whom no demo is added."""
    return Provider.objects.exclude(name=PROVIDER).exists()


def seed(say: Say) -> None:
    """Make the parts that are missing, each in a transaction of its own; tells of each."""
    if not Provider.objects.filter(name=PROVIDER).exists():
        with transaction.atomic():
            write_operator()
        say(f"{PROVIDER}: operator and staff")
    for company in COMPANIES:
        _seed_company(company, say)
    if not history_exists():
        with transaction.atomic():
            count = write_history(COMPANIES, clock.now())
        say(f"{count} calls of two months")


def _seed_company(company: DemoCompany, say: Say) -> None:
    if Line.objects.filter(slug=company.slug).exists():
        return
    with transaction.atomic():
        write_company(company, Provider.objects.get(name=PROVIDER))
    say(f"{company.name}: line, script, people, tariff")


def logins() -> list[tuple[str, str]]:
    """Role and e-mail address of one person per role, and of a second agent."""
    staff = [(person.role.value, person.email) for person in (ELENA, TOMAS, DIMITRA, ANDRIS, IEVA)]
    return [*staff, ("client owner", CLINIC.owner.email), ("client member", CLINIC.member.email)]
