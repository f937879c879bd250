"""Files of contacts as a person uploads them, and workers that have all the time they need."""

from answering.accounts.models import User
from clients.imports import jobs, work
from clients.imports.exports import FOR_OTHERS, ExportLayout, export_contacts
from clients.models import Client, ContactImport, ContactImportRow

HEADER = "Name,Department,E-mail,Number 1,Label 1\n"


def upload(client: Client, text: str | bytes, *, name: str = "people.csv", by: User | None = None) -> ContactImport:
    """The file as it is after reading."""
    content = text.encode() if isinstance(text, str) else text
    job = jobs.begin_import(client, name=name, pieces=lambda: [content], size=len(content), by=by)
    return after_work(job)


def carried_out(job: ContactImport, *, is_all_or_nothing: bool = False, by: User | None = None) -> ContactImport:
    return after_work(jobs.carry_out(job, is_all_or_nothing=is_all_or_nothing, by=by))


def taken_back(job: ContactImport) -> ContactImport:
    return after_work(jobs.take_back(job, by=None))


def after_work(job: ContactImport) -> ContactImport:
    """What the sweep does with it."""
    work.carry_on()
    return ContactImport.objects.get(pk=job.pk)


def verdicts(job: ContactImport) -> list[str]:
    return list(job.rows.order_by("number").values_list("verdict", flat=True))


def faults(job: ContactImport) -> list[tuple[int, list[str]]]:
    """The codes of what is wrong, with their lines."""
    rows = ContactImportRow.objects.filter(contact_import=job, verdict="faulty").order_by("number")
    return [(row.line, [fault["code"] for fault in row.faults]) for row in rows]


def exported(client: Client, layout: ExportLayout = FOR_OTHERS, language: str = "en") -> str:
    return "".join(export_contacts(client, layout, language))
