from clients.models.announcements import (
    Acknowledgement,
    Announcement,
    AnnouncementCopy,
    AnnouncementKind,
    AnnouncementText,
)
from clients.models.calendars import Calendar, CalendarDay, CalendarDayInterval, CalendarInterval, Weekday
from clients.models.companies import Client, Membership, MembershipRole, Plan, Provider, Service
from clients.models.faq import FaqEntry
from clients.models.hours_changes import HoursChange
from clients.models.imports import (
    ContactImport,
    ContactImportPiece,
    ContactImportRow,
    ImportState,
    MatchedBy,
    RowState,
    Verdict,
)
from clients.models.lines import Handling, Line, Script, ScriptVersion, Situation
from clients.models.notices import Notice
from clients.models.people import Contact, ContactNumber, Department
from clients.models.rota import RepeatingShift, Rota, RotaChange, RotaChangeKind, RotaFeed, RotaOverride
from clients.models.skills import Skill
from clients.models.ways import WayOfWorking

__all__ = [
    "Acknowledgement",
    "Announcement",
    "AnnouncementCopy",
    "AnnouncementKind",
    "AnnouncementText",
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
    "Handling",
    "HoursChange",
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
    "Situation",
    "Skill",
    "Verdict",
    "WayOfWorking",
    "Weekday",
]
