"""Callers of a client who are never, or always, put through."""

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from calls.models import Caller
from clients.models import Client


class Screening(models.TextChoices):
    NONE = "none", _("like everybody")
    BLOCKED = "blocked", _("never connect")
    ALWAYS = "always", _("always connect")


def screen_caller(client: Client, number: str, screening: Screening) -> None:
    """Put a caller of this client, by any of their numbers in E.164, on one of its two lists, or on none.

    Who merges or separates them at the same moment is waited for, or waits.
    """
    flags = {
        "is_blocked": screening == Screening.BLOCKED,
        "is_always_connected": screening == Screening.ALWAYS,
    }
    with transaction.atomic():
        kept = _locked_kept(client, number)
        Caller.objects.update_or_create(
            client=client,
            number=kept.number if kept is not None else number,
            # Whoever has a form of this caller open is told, for its flags are no longer those that were shown.
            defaults=flags | {"revision": models.F("revision") + 1},
            create_defaults=flags | {"language": client.language},
        )


def _locked_kept(client: Client, number: str) -> Caller | None:
    """Whom the number belongs to, still so under their lock; a merge, and its undoing, lock whoever is kept too."""
    rows = Caller.objects.filter(client=client, number=number).select_related("merged_into")
    known = rows.first()
    while known is not None:
        list(Caller.objects.select_for_update(no_key=True).filter(pk=known.kept_id))
        before, known = known, rows.first()
        if known is not None and known.kept_id == before.kept_id:
            return known.kept
    return None


def screened_callers(client: Client) -> models.QuerySet[Caller]:
    """The client's callers on either list, by number."""
    listed = models.Q(is_blocked=True) | models.Q(is_always_connected=True)
    return Caller.objects.kept().filter(listed, client=client).order_by("number", "pk")
