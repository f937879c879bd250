from clients.models.calendars import Calendar, CalendarDay, CalendarDayInterval, CalendarInterval, Weekday
from clients.models.companies import Client, Membership, MembershipRole, Plan, Provider, Service
from clients.models.faq import FaqEntry
from clients.models.lines import Line, Script, ScriptVersion
from clients.models.notices import Notice
from clients.models.people import Contact, ContactNumber, Department
from clients.models.rota import RepeatingShift, Rota, RotaChange, RotaChangeKind, RotaFeed, RotaOverride
from clients.models.ways import WayOfWorking

__all__ = [
    "Calendar",
    "CalendarDay",
    "CalendarDayInterval",
    "CalendarInterval",
    "Client",
    "Contact",
    "ContactNumber",
    "Department",
    "FaqEntry",
    "Line",
    "Membership",
    "MembershipRole",
    "Notice",
    "Plan",
    "Provider",
    "RepeatingShift",
    "Rota",
    "RotaChange",
    "RotaChangeKind",
    "RotaFeed",
    "RotaOverride",
    "Script",
    "ScriptVersion",
    "Service",
    "WayOfWorking",
    "Weekday",
]
