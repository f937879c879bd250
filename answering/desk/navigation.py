"""The sections of the desk and the pages of one client, each one line here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import User
from clients.models import Client, Plan


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the navigation; its pages name `key` as `section`, or as `tab` on a client's page."""

    key: str
    label: Promise
    icon: str
    url_name: str
    for_supervisors: bool = False
    for_consultants: bool = False


SECTIONS: Sequence[Section] = (
    Section("live", _("Live"), "phone", "desk:live", for_supervisors=True),
    Section("clients", _("Clients"), "home", "desk:clients"),
    Section("calendars", _("Calendars"), "calendar", "desk:calendars"),
    Section("people", _("People"), "people", "desk:people", for_supervisors=True),
    Section("staff", _("Staff"), "user", "desk:staff", for_supervisors=True),
    Section("skills", _("Skills"), "note", "desk:skills"),
    Section("consultants", _("Consultants"), "user", "desk:consultants"),
    Section("ways", _("Ways of working"), "note", "desk:ways", for_supervisors=True, for_consultants=True),
)
# Addresses of these take the client's `public_id`.
CLIENT_TABS: Sequence[Section] = (
    Section("overview", _("Overview"), "home", "desk:client"),
    Section("terms", _("Terms"), "note", "desk:terms"),
    Section("lines", _("Lines"), "phone", "desk:lines"),
    Section("notices", _("Notices"), "note", "desk:notices"),
    Section("scripts", _("Scripts"), "note", "desk:scripts"),
    Section("faq", _("FAQ"), "info", "desk:faq"),
    Section("contacts", _("Contacts"), "people", "desk:contacts", for_supervisors=True),
    Section("rota", _("Rota"), "calendar", "desk:rotas", for_supervisors=True),
    Section("agents", _("Agents"), "user", "desk:client-agents", for_supervisors=True),
    Section("callers", _("Callers"), "phone-in", "desk:callers", for_supervisors=True),
    Section("way", _("Way of working"), "note", "desk:way", for_supervisors=True, for_consultants=True),
)


def sections_for(user: User) -> list[Section]:
    """What this user finds at the desk; set-up is for administrators."""
    return _found_by(user, SECTIONS)


def client_tabs_for(user: User, client: Client) -> list[Section]:
    """Which pages of a client this user finds."""
    is_vip = client.plan == Plan.VIP and client.closed_at is None
    return [tab for tab in _found_by(user, CLIENT_TABS) if is_vip or tab.key != "way"]


def _found_by(user: User, sections: Sequence[Section]) -> list[Section]:
    if not user.is_supervisor:  # whoever is at the desk all the same looks after a client
        return [section for section in sections if section.for_consultants]
    return [section for section in sections if section.for_supervisors or user.is_administrator]
