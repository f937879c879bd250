from clients.models.calendars import Calendar, CalendarDay, CalendarDayInterval, CalendarInterval, Weekday
from clients.models.companies import Client, Membership, MembershipRole, Plan, Provider, Service
from clients.models.faq import FaqEntry
from clients.models.lines import Line, Script, ScriptVersion
from clients.models.notices import Notice
from clients.models.people import Contact, RotaShift

__all__ = [
    "Calendar",
    "CalendarDay",
    "CalendarDayInterval",
    "CalendarInterval",
    "Client",
    "Contact",
    "FaqEntry",
    "Line",
    "Membership",
    "MembershipRole",
    "Notice",
    "Plan",
    "Provider",
    "RotaShift",
    "Script",
    "ScriptVersion",
    "Service",
    "Weekday",
]
