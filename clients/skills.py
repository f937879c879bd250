"""Whether agents have what a line requires."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.expressions import F

from answering.accounts.querysets import AgentQuerySet
from clients.models import Line, Skill

NO_LINE = 0  # no row has this key, so nothing is required


def with_skills_for(agents: AgentQuerySet, line: int | F) -> AgentQuerySet:
    """Those of the agents who have every skill that the line, by its key, requires.

    Compared as arrays: a join more would lead PostgreSQL, which guesses until it has statistics, to slower plans.
    """
    has, requires = Skill.agents.through._default_manager, Line.skills.through._default_manager
    had = ArraySubquery(has.filter(agent=OuterRef("pk")).values("skill"))
    required = ArraySubquery(requires.filter(line=line).values("skill"))
    return agents.alias(skills_had=had, skills_required=required).filter(skills_had__contains=F("skills_required"))
