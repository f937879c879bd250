"""The desk's navigation for its templates."""

from collections.abc import Sequence

from django import template

from answering.accounts.models import User
from answering.desk.navigation import CLIENT_TABS, Section, sections_for

register = template.Library()


@register.simple_tag
def desk_sections(user: User) -> list[Section]:
    """The sections that this user finds."""
    return sections_for(user)


@register.simple_tag
def client_tabs() -> Sequence[Section]:
    """The pages of one client."""
    return CLIENT_TABS
