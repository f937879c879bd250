"""An import of contacts: the file while it is needed, each of its rows, and what became of them.

The import itself is the log of who imported what, and stays. The file goes as soon as it is carried out, the rows
when they can no longer be taken back (`clients.imports.jobs`).
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from clients.models.companies import Client
from clients.models.people import Contact
from clients.querysets import ContactImportQuerySet


class ImportState(models.TextChoices):
    ASKING = "asking", _("waits for you")
    READING = "reading", _("being read")
    READY = "ready", _("ready to be imported")
    WRITING = "writing", _("being imported")
    DONE = "done", _("imported")
    UNDOING = "undoing", _("being taken back")
    UNDONE = "undone", _("taken back")


AT_WORK = (ImportState.READING, ImportState.WRITING, ImportState.UNDOING)
CARRIED_OUT = (ImportState.WRITING, ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE)


class ContactImport(models.Model):
    """A CSV file of a client's contacts and what is to be done, or was done, with it.

    `encoding`, `separator`, `has_header`, `columns` say how it is read; `problem` is why no row of it can be. A worker
    holds it until `busy_until` and moves `rows_read` or the rows' states with each batch, in that batch's transaction.
    """

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contact_imports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_bytes = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.ASKING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text=_("Since the last batch that was finished."))
    busy_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=16)
    separator = models.CharField(max_length=1)
    has_header = models.BooleanField(default=True)
    columns = ArrayField(models.CharField(max_length=16, blank=True), default=list, blank=True)
    bytes_read = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    is_all_or_nothing = models.BooleanField(default=False)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    faulty_count = models.PositiveIntegerField(default=0)
    written_count = models.PositiveIntegerField(default=0)
    left_count = models.PositiveIntegerField(default=0)
    undone_count = models.PositiveIntegerField(default=0)
    kept_count = models.PositiveIntegerField(default=0)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ContactImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["client", "-uploaded_at"], name="contact_imports_of_client"),
            models.Index(
                fields=["busy_until"],
                condition=models.Q(state__in=[state.value for state in AT_WORK]),
                name="contact_imports_at_work",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="contact_import_done_has_time",
                condition=~models.Q(state__in=["done", "undoing", "undone"]) | models.Q(carried_out_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.uploaded_at:%Y-%m-%d}"

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def to_write(self) -> int:
        """How many rows add or change somebody."""
        return self.new_count + self.changed_count

    @property
    def progress(self) -> tuple[int, int]:
        """How far the work is, and how far it goes."""
        if self.state == ImportState.READING:
            return self.bytes_read, max(self.file_bytes, 1)
        if self.state == ImportState.UNDOING:
            return self.undone_count + self.kept_count, max(self.written_count, 1)
        return self.written_count + self.left_count, max(self.to_write, 1)


class ContactImportPiece(models.Model):
    """Some of the bytes of the file, which nobody reads but who reads the rows."""

    contact_import = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    position = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact_import", "position"], name="import_piece_once")]

    def __str__(self) -> str:
        return f"{self.contact_import_id}: {self.position}"


class Verdict(models.TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    FAULTY = "faulty", _("faulty")


class MatchedBy(models.TextChoices):
    ID = "id", _("by ID")
    EMAIL = "email", _("by e-mail")
    NAME = "name", _("by name and department")


class RowState(models.TextChoices):
    NOTHING = "nothing", _("nothing to do")
    WAITING = "waiting", _("not imported yet")
    WRITTEN = "written", _("imported")
    LEFT = "left", _("left alone")
    UNDONE = "undone", _("taken back")
    KEPT = "kept", _("kept")


class ContactImportRow(models.Model):
    """A row of the file: whom it makes of whom, or why not.

    `before` and `after` are `clients.imports.people.Person`s; `key` says who it is within the file, of a faulty row
    nobody. `names_default`: the file says that this is the default contact; `displaced` is who was it before.
    """

    contact_import = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict)
    matched_by = models.CharField(max_length=8, choices=MatchedBy, blank=True)
    key = models.CharField(max_length=400, blank=True)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    cells = ArrayField(models.TextField(blank=True), default=list, blank=True)
    faults = models.JSONField(default=list)
    numbers = ArrayField(models.CharField(max_length=128), default=list, blank=True)
    names_default = models.BooleanField(default=False)
    shares_number = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=RowState, default=RowState.NOTHING)
    reason = models.CharField(max_length=20, blank=True)
    displaced = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["contact_import", "verdict", "number"], name="import_rows_by_verdict"),
            models.Index(fields=["contact_import", "key"], condition=~models.Q(key=""), name="import_rows_by_key"),
            models.Index(fields=["contact_import", "state", "number"], name="import_rows_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["contact_import", "number"], name="import_row_once"),
            models.UniqueConstraint(
                fields=["contact_import", "contact"],
                condition=models.Q(verdict__in=["changed", "unchanged"]),
                name="import_row_of_contact_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_import_id}: {self.line}"
