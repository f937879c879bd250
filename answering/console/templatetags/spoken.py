"""A merged text as HTML: what is missing is marked, what the agent types is filled in by the page."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clients.merge import MergePart

register = template.Library()
BLANK = "…"


@register.filter
def spoken(parts: Iterable[MergePart]) -> SafeString:
    """The parts one after the other, without white space between them."""
    return format_html_join("", "{}", ((_part(part),) for part in parts))


def _part(part: MergePart) -> str:
    if part.is_unknown:
        hint = _("The script names a field that does not exist.")
        return format_html('<span class="blank blank-unknown" title="{}">{}</span>', hint, part.text)
    if part.field == "caller.name":
        return format_html(
            '<span class="blank" data-merge="{}" data-blank="{}">{}</span>', part.field, BLANK, part.text or BLANK
        )
    return format_html('<span class="blank">{}</span>', BLANK) if part.is_blank else part.text
