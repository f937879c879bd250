"""What every page of the portal shows to owners."""

from collections.abc import Sequence

from django import template
from django.utils.translation import get_language

from answering.portal.access import Visit
from billing.setting_up import has_taken_a_call
from clients.models import Announcement, AnnouncementText

register = template.Library()


@register.simple_tag
def texts_to_confirm(visit: Visit) -> Sequence[AnnouncementText]:
    """What this owner has not confirmed, in the language of the page; empty for other members. Two queries."""
    if not visit.membership.is_owner:
        return []
    waiting = Announcement.objects.waiting_for(visit.user).filter(client=visit.company)
    language = (get_language() or "en").split("-")[0]
    return [announcement.text_for(language) for announcement in waiting]


@register.simple_tag
def is_being_set_up(visit: Visit) -> bool:
    """Whether this owner's company waits for its first call; one query for owners, none for others."""
    return visit.membership.is_owner and not has_taken_a_call(visit.company)
