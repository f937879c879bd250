from clients.models.calendars import Calendar, CalendarDay, CalendarDayInterval, CalendarInterval, Weekday
from clients.models.companies import Client, Membership, MembershipRole, Plan, Provider, Service
from clients.models.faq import FaqEntry
from clients.models.imports import (
    ContactImport,
    ContactImportPiece,
    ContactImportRow,
    ImportState,
    MatchedBy,
    RowState,
    Verdict,
)
from clients.models.lines import Line, Script, ScriptVersion
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
    "ContactImport",
    "ContactImportPiece",
    "ContactImportRow",
    "ContactNumber",
    "Department",
    "FaqEntry",
    "ImportState",
    "Line",
    "MatchedBy",
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
    "RowState",
    "Script",
    "ScriptVersion",
    "Service",
    "Verdict",
    "Weekday",
]
