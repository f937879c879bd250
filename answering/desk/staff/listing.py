"""Colleagues as the desk lists them, and the log of one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import Promise

from answering.accounts.models import Agent, Language, StaffChange, StaffChangeKind, StaffRole, User
from answering.accounts.querysets import UserQuerySet
from answering.desk.board import AgentRow, rows_of
from answering.desk.paging import NamePage, page_by_name

CHANGES_SHOWN = 40


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A colleague; `row` says what they do now, None for who takes no calls."""

    person: User
    languages: list[str]
    row: AgentRow | None


def staff_page(found: UserQuerySet, *, before: str, after: str) -> tuple[NamePage[User], list[StaffRow]]:
    """A page of people by name, each with `cleared`, for how many clients; five queries."""
    ours = Q(agent__clearances__client__closed_at=None)
    people = found.select_related("agent").prefetch_related("agent__languages")
    people = people.annotate(cleared=Count("agent__clearances", filter=ours))
    page = page_by_name(people, before=before, after=after)
    now = rows_of([agent for agent in map(agent_of, page.rows) if agent is not None])
    return page, [_row(person, now) for person in page.rows]


def agent_of(person: User) -> Agent | None:
    """The agent this person is; None for who takes no calls."""
    agent: Agent | None = getattr(person, "agent", None)
    if agent is None or not person.has_console:
        return None
    agent.user = person
    return agent


def _row(person: User, now: dict[int, AgentRow]) -> StaffRow:
    agent = agent_of(person)
    if agent is None:
        return StaffRow(person, [], None)
    return StaffRow(person, sorted(each.language for each in agent.languages.all()), now[agent.pk])


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log in words."""

    change: StaffChange
    before: str | Promise
    after: str | Promise


def log_of(person: User) -> Sequence[Logged]:
    """The latest changes, newest first; one query."""
    changes = person.staff_changes.select_related("changed_by", "client").order_by("-changed_at", "-pk")
    return [_in_words(change) for change in changes[:CHANGES_SHOWN]]


def _in_words(change: StaffChange) -> Logged:
    if change.kind in (StaffChangeKind.ROLE, StaffChangeKind.ADDED):
        return Logged(change, _role(change.before), _role(change.after))
    if change.kind == StaffChangeKind.LANGUAGES:
        return Logged(change, _languages(change.before), _languages(change.after))
    return Logged(change, change.before, change.client.name if change.client else change.after)


def _role(code: str) -> str | Promise:
    return StaffRole(code).label if code in StaffRole.values and code else ""


def _languages(codes: str) -> str:
    return ", ".join(str(Language(code).label) for code in codes.split() if code in Language.values) or "–"
