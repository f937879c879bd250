"""50,000 contacts of one client from a CSV file: read for the preview, carried out, read again, taken back, exported.

Baseline: the same file through csv.reader and bulk_create, without checking, matching, preview and undo.
`python -m bench.contacts`
"""

import csv
import io
import os
import resource
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

from bench.figures import show
from tests.servers import prepare_environment

if TYPE_CHECKING:
    from clients.models import Client, ContactImport

ROWS = 50_000
BATCH = 500


def run() -> list[tuple[str, str]]:
    """Measure and print; needs about two minutes."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", "DEBUG": "off", "SECRET_KEY": "of this measurement only"}
    prepare_environment()
    django.setup()
    call_command("migrate", verbosity=0)
    figures = _measure()
    show(figures)
    return figures


def _measure() -> list[tuple[str, str]]:
    from clients.imports import jobs
    from clients.imports.exports import FOR_OTHERS, export_contacts
    from tests.cast import make_client

    plain, client = make_client(), make_client()
    client.contacts.all().delete()
    content = "".join(_lines()).encode()
    baseline = _seconds(lambda: _plainly(plain, content))
    before = _memory()
    job, reading = _read(client, content)
    assert (job.new_count, job.faulty_count) == (ROWS, 0), job.problem
    writing = _seconds(lambda: _worked(jobs.carry_out(job, is_all_or_nothing=False, by=None)))
    exporting = _seconds(lambda: sum(len(line) for line in export_contacts(client, FOR_OTHERS, "en")))
    exported = "".join(export_contacts(client, FOR_OTHERS, "en")).encode()
    again, reading_again = _read(client, exported)
    assert again.unchanged_count == ROWS, again.problem
    undoing = _seconds(lambda: _worked(jobs.take_back(job, by=None)))
    assert client.contacts.count() == 0
    return [
        (f"contacts: csv.reader and bulk_create, {ROWS:,} rows", f"{baseline:.1f} s"),
        ("contacts: read, checked and matched, all new", f"{reading:.1f} s"),
        ("contacts: carried out", f"{writing:.1f} s"),
        ("contacts: both, times the baseline", f"{(reading + writing) / baseline:.1f}"),
        ("contacts: exported", f"{exporting:.1f} s"),
        ("contacts: the export read again, all unchanged", f"{reading_again:.1f} s"),
        ("contacts: taken back", f"{undoing:.1f} s"),
        ("contacts: memory beyond that of the baseline", f"{_memory() - before:.0f} MB"),
    ]


def _lines() -> Iterator[str]:
    yield "Vārds;Nodaļa;Atbild par;E-pasts;Numurs 1;Apzīmējums 1;Numurs 2\n"
    for number in range(ROWS):
        yield (
            f"Jānis Bērziņš {number};Nodaļa {number % 300};Pavadzīmes un rēķini;"
            f"janis.berzins.{number}@client.example;+371{20_000_000 + number};mobilais;+371{67_000_000 + number}\n"
        )


def _plainly(client: "Client", content: bytes) -> None:
    """What anybody would write first."""
    from clients.models import Contact, ContactNumber

    rows = csv.reader(io.StringIO(content.decode()), delimiter=";")
    next(rows)
    batch: list[list[str]] = []
    for row in [*rows, None]:
        if row is not None:
            batch.append(row)
        if len(batch) == BATCH or row is None:
            people = [Contact(client=client, name=name, email=email, language="lv") for name, _, _, email, *_ in batch]
            for contact in people:
                contact.set_keys()
            Contact.objects.bulk_create(people)
            ContactNumber.objects.bulk_create(
                ContactNumber(contact=contact, position=position, number=number)
                for contact, each in zip(people, batch, strict=True)
                for position, number in enumerate((each[4], each[6]))
            )
            batch = []


def _read(client: "Client", content: bytes) -> tuple["ContactImport", float]:
    """The import of this file, and how long it took."""
    from clients.imports import jobs
    from clients.imports.files import PIECE_BYTES

    def pieces() -> Iterator[bytes]:
        yield from (content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES))

    began = time.perf_counter()
    job = jobs.begin_import(client, name="contacts.csv", pieces=pieces, size=len(content), by=None)
    return _worked(job), time.perf_counter() - began


def _worked(job: "ContactImport") -> "ContactImport":
    from clients.imports import work

    job.refresh_from_db()
    while job.is_at_work:
        work.carry_on()
        job.refresh_from_db()
    return job


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _memory() -> float:
    """The most this process has used, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    run()
