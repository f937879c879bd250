from clients.models.calendars import Calendar, CalendarDay, CalendarDayInterval, CalendarInterval, Weekday
from clients.models.companies import Client, Membership, MembershipRole, Plan, Provider, Service
from clients.models.lines import Line, Script, ScriptStep, ScriptVersion, StepKind
from clients.models.notices import Notice
from clients.models.people import Contact, ContactNumber, Department
from clients.models.rota import RepeatingShift, Rota, RotaChange, RotaChangeKind, RotaFeed, RotaOverride

__all__ = [
    "Calendar",
    "CalendarDay",
    "CalendarDayInterval",
    "CalendarInterval",
    "Client",
    "Contact",
    "ContactNumber",
    "Department",
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
    "ScriptStep",
    "ScriptVersion",
    "Service",
    "StepKind",
    "Weekday",
]
