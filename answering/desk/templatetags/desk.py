"""The desk's navigation for its templates, and what they ask of a mapping."""

from collections.abc import Mapping

from django import template

from answering.accounts.models import User
from answering.desk.navigation import Section, client_tabs_for, sections_for
from clients.models import Client

register = template.Library()


@register.simple_tag
def desk_sections(user: User) -> list[Section]:
    """The sections that this user finds."""
    return sections_for(user)


@register.simple_tag
def client_tabs(user: User, client: Client) -> list[Section]:
    """The pages of one client that this user finds."""
    return client_tabs_for(user, client)


@register.filter
def named(values: Mapping[str, str], name: str) -> str:
    """What a mapping has under this name, or "" without one."""
    return values.get(name, "")
