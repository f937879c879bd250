"""Put a skill away."""

from django.db import transaction

from clients.errors import SkillInUse
from clients.models import Line, Skill
from clients.services.revisions import claim_revision


def delete_skill(skill: Skill, *, seen: int | None) -> None:
    """Delete a skill that no line requires; agents lose it. Raises ChangedMeanwhile, SkillInUse.

    A line that comes to require it meanwhile waits for this transaction, and finds that it is gone.
    """
    with transaction.atomic():
        claim_revision(skill, seen=seen)
        Skill.objects.select_for_update().get(pk=skill.pk)
        if Line.objects.filter(skills=skill).exists():
            raise SkillInUse
        Skill.objects.filter(pk=skill.pk).delete()
