"""The client companies and their people, as the desk lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Q

from answering.lib.text import search_key
from clients.models import Client, Contact

PAGE_SIZE = 50
LONGEST_SEARCH = 60


def companies() -> list[Client]:
    """Companies that are still ours, by name, each with `people`, the number of its contacts; one query."""
    present = Count("contacts", filter=Q(contacts__left_at=None))
    return list(Client.objects.filter(closed_at=None).annotate(people=present).order_by("sort_key", "pk"))


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Contacts by name; `after` is the public id after which the next page begins, empty on the last."""

    contacts: Sequence[Contact]
    asked: str
    after: str


def contact_page(client: Client, *, asked: str = "", after: str = "") -> ContactPage:
    """Who is found by name, responsibility or digits of a number; at most three queries."""
    asked = asked.strip()[:LONGEST_SEARCH]
    found = client.contacts.present().with_numbers()
    if asked:
        found = found.filter(_matches(client, asked))
    mark = _mark(client, after)
    if mark is not None:
        found = found.filter(Q(sort_key__gt=mark.sort_key) | Q(sort_key=mark.sort_key, pk__gt=mark.pk))
    rows = list(found[: PAGE_SIZE + 1])
    return ContactPage(rows[:PAGE_SIZE], asked, str(rows[PAGE_SIZE - 1].public_id) if len(rows) > PAGE_SIZE else "")


def _matches(client: Client, asked: str) -> Q:
    digits = "".join(sign for sign in asked if sign.isdigit())
    if digits and not any(sign.isalpha() for sign in asked):
        numbers = Contact.objects.filter(client=client, numbers__number__contains=digits)
        return Q(pk__in=numbers.values("pk"))
    return Q(search_key__contains=search_key(asked)) | Q(department__name__icontains=asked)


def _mark(client: Client, public_id: str) -> Contact | None:
    try:
        return client.contacts.filter(public_id=public_id).first() if public_id else None
    except (ValueError, ValidationError):
        return None
