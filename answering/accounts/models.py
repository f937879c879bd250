"""People who sign in, and what the staff among them are cleared for."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from answering.accounts.querysets import AgentQuerySet, UserQuerySet
from answering.lib import clock
from answering.lib.text import search_key, sort_key

AGENT_SILENCE_LIMIT = timedelta(seconds=15)


class Language(models.TextChoices):
    ENGLISH = "en", _("English")
    LATVIAN = "lv", _("Latvian")
    LITHUANIAN = "lt", _("Lithuanian")
    GREEK = "el", _("Greek")


class StaffRole(models.TextChoices):
    NONE = "", _("not staff")
    AGENT = "agent", _("agent")
    CONSULTANT = "consultant", _("consultant")
    SUPERVISOR = "supervisor", _("supervisor")
    ADMINISTRATOR = "administrator", _("administrator")


CONSOLE_ROLES = (StaffRole.AGENT, StaffRole.CONSULTANT, StaffRole.SUPERVISOR)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def staff(self) -> UserQuerySet:
        """People of the house, those who have left included."""
        return self.get_queryset().staff()

    def able_administrators(self) -> UserQuerySet:
        """Administrators who can sign in."""
        return self.get_queryset().able_administrators()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user who signs in by e-mail; without a password they must reset it first."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make the first administrator of an installation."""
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, staff_role=StaffRole.ADMINISTRATOR, **fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    full_name = models.CharField(_("name"), max_length=120)
    sort_key = models.CharField(max_length=240, editable=False)
    search_key = models.CharField(max_length=500, default="", editable=False)
    staff_role = models.CharField(max_length=16, choices=StaffRole, default=StaffRole.NONE, blank=True)
    language = models.CharField(max_length=5, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(max_length=64, default="Europe/Riga")
    is_active = models.BooleanField(default=True)
    finishes_call = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("No longer active, but in a call: the console stays until it is closed."),
    )
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=clock.now)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                name="user_active_or_finishes", condition=models.Q(is_active=False) | models.Q(finishes_call=False)
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], condition=~models.Q(staff_role=""), name="staff_by_name"),
            models.Index(fields=["id"], condition=models.Q(finishes_call=True), name="user_finishes_call"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.full_name, self.language)[:240]
        self.search_key = search_key(f"{self.full_name} {self.email}")[:500]
        super().save(*args, **kwargs)

    @property
    def given_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else ""

    @property
    def is_supervisor(self) -> bool:
        return self.is_active and self.staff_role in (StaffRole.SUPERVISOR, StaffRole.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.staff_role == StaffRole.ADMINISTRATOR

    @property
    def has_console(self) -> bool:
        """Whether the role takes calls; who is no longer active keeps the console for the call that still runs."""
        return self.staff_role in CONSOLE_ROLES

    @property
    def is_invited(self) -> bool:
        """Whether this person has yet to choose a password."""
        return self.is_active and not self.has_usable_password()


class Presence(models.TextChoices):
    """What an agent has chosen; busy and wrap-up follow from the calls and are not stored."""

    OFFLINE = "offline", _("Offline")
    AVAILABLE = "available", _("Available")
    BREAK = "break", _("Break")


class Agent(models.Model):
    """A member of staff as someone who takes calls."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agent")
    presence = models.CharField(max_length=12, choices=Presence, default=Presence.OFFLINE)
    presence_since = models.DateTimeField(default=clock.now)
    idle_since = models.DateTimeField(
        default=clock.now, help_text=_("End of the last call; longest idle is served first.")
    )
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    console_id = models.UUIDField(
        null=True, blank=True, help_text=_("The console page that holds this agent; the newest one wins.")
    )

    objects = AgentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["heartbeat_at"], condition=~models.Q(presence="offline"), name="agent_signed_in")
        ]

    def __str__(self) -> str:
        return str(self.user)

    def is_heard(self, moment: datetime) -> bool:
        """Whether the agent's console has been heard within the silence limit."""
        return self.heartbeat_at is not None and moment - self.heartbeat_at < AGENT_SILENCE_LIMIT


class AgentLanguage(models.Model):
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="languages")
    language = models.CharField(max_length=5, choices=Language)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "language"], name="agent_language_once")]

    def __str__(self) -> str:
        return self.get_language_display()


class Clearance(models.Model):
    """An agent may take calls of this client company."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="clearances")
    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="clearances")
    granted_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "client"], name="clearance_once")]

    def __str__(self) -> str:
        return f"{self.agent} → {self.client_id}"


class StaffChangeKind(models.TextChoices):
    ADDED = "added", _("Added")
    NAME = "name", _("Name")
    EMAIL = "email", _("E-mail")
    ROLE = "role", _("Role")
    LANGUAGES = "languages", _("Languages")
    INVITED = "invited", _("Invitation sent")
    CLEARED = "cleared", _("Cleared for")
    CLEARANCE_ENDED = "clearance_ended", _("Clearance ended")
    DEACTIVATED = "deactivated", _("Deactivated")
    REACTIVATED = "reactivated", _("Activated again")


class StaffChange(models.Model):
    """Who changed what of a colleague, when; a trigger refuses to change or delete it.

    `before` and `after` are values as they are stored: an address, a role, codes of languages.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff_changes")
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=StaffChangeKind)
    before = models.CharField(max_length=254, blank=True)
    after = models.CharField(max_length=254, blank=True)
    client = models.ForeignKey("clients.Client", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "-changed_at"], name="staff_change_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.before} {self.after}"
