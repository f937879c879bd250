"""A file becomes contacts: read, matched, carried out, taken back; each row once, whatever dies meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answering.lib import clock
from clients.imports import jobs, leases, reading, undoing, work, writing
from clients.imports.columns import Column
from clients.imports.exports import FOR_EXCEL, FOR_OTHERS, export_name
from clients.imports.faults import FaultCode, LeftCode, Problem
from clients.imports.files import Layout
from clients.imports.people import person_of
from clients.models import (
    Calendar,
    Client,
    Contact,
    ContactImport,
    ContactImportRow,
    Department,
    ImportState,
    MatchedBy,
    RowState,
    Verdict,
)
from clients.services.contacts import ContactFields, NumberFields, add_contact, change_contact
from inquiries.models import Inquiry
from inquiries.services import request_missing_call_backs
from tests.calls.threads import all_at_once
from tests.cast import House, make_client
from tests.clients.importing import (
    HEADER,
    after_work,
    carried_out,
    exported,
    faults,
    taken_back,
    upload,
    verdicts,
)
from tests.inquiries.stories import lose_a_call

FIRST, SECOND = "+37129123456", "+37167000002"


@pytest.fixture
def client(house: House) -> Client:
    """Has its default contact Līga Bērziņa."""
    return house.client


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows each."""
    for module in (reading, writing, undoing):
        monkeypatch.setattr(module, "BATCH", 2)


def people(client: Client) -> list[tuple[str, str]]:
    present = client.contacts.present().select_related("department")
    return [(contact.name, contact.department.name if contact.department else "") for contact in present]


def snapshot(client: Client) -> dict[str, Any]:
    """All that a file can say of the client's contacts, by their ids."""
    return {str(each.public_id): person_of(each) for each in client.contacts.present().with_numbers()}


# -- the way of a file -----------------------------------------------------------------------


def test_new_people_are_added_with_department_and_numbers(client: Client) -> None:
    job = upload(client, f"{HEADER}Jānis Kalns,Sales,j@k.test,29123456,mobile\nAnna Ozola,SALES,,,\n")
    assert (job.state, job.new_count, job.faulty_count) == (ImportState.READY, 2, 0)
    assert client.contacts.count() == 1
    job = carried_out(job)
    assert (job.state, job.written_count, job.left_count) == (ImportState.DONE, 2, 0)
    janis = client.contacts.get(name="Jānis Kalns")
    assert person_of(janis).numbers == (NumberFields(FIRST, "mobile"),)
    assert (janis.language, janis.email, janis.is_default, janis.revision) == ("lv", "j@k.test", False, 1)
    assert janis.search_key.startswith("janis kalns")
    assert Department.objects.get().contacts.count() == 2


def test_the_first_contacts_of_a_client_have_a_default_among_them(client: Client) -> None:
    client.contacts.all().delete()
    carried_out(upload(client, f"{HEADER}Jānis,,,,\nAnna,,,,\n"))
    assert client.contacts.get(is_default=True).name == "Jānis"


def test_what_the_file_changes_is_changed_and_counts_as_an_edit(client: Client) -> None:
    anna = add_contact(client, ContactFields("Anna", "lv", "Sales", email="a@b.test", numbers=(NumberFields(FIRST),)))
    job = upload(client, f"{HEADER}Anna Ozola,Support,A@B.test,{SECOND},desk\n")
    assert verdicts(job) == [Verdict.CHANGED]
    carried_out(job)
    anna.refresh_from_db()
    assert (anna.name, str(anna.department), anna.email, anna.revision) == ("Anna Ozola", "Support", "A@B.test", 2)
    assert [str(number) for number in anna.numbers.all()] == [SECOND]
    assert [each.name for each in client.departments.all()] == ["Support"], "nobody is in Sales any more"


def test_another_default_contact_takes_the_place_and_gives_it_back(client: Client) -> None:
    job = carried_out(upload(client, "Name,Default contact\nJānis,yes\n"))
    assert client.contacts.get(is_default=True).name == "Jānis"
    taken_back(job)
    assert client.contacts.get(is_default=True).name == "Līga Bērziņa"


def test_departments_are_spelled_as_they_are_already(client: Client) -> None:
    add_contact(client, ContactFields("A", "lv", "Grāmatvedība"))
    carried_out(upload(client, "Name,Department\nB,GRĀMATVEDĪBA\n"))
    assert client.departments.count() == 1


# -- whom a row means ------------------------------------------------------------------------


def test_a_row_means_who_has_its_id_else_its_e_mail_else_its_name_and_department(client: Client) -> None:
    by_id = add_contact(client, ContactFields("One", "lv", email="one@a.test"))
    by_email = add_contact(client, ContactFields("Two", "lv", email="Two@a.test"))
    by_name = add_contact(client, ContactFields("Trīs", "lv", "Sales"))
    without_email = add_contact(client, ContactFields("Four", "lv", "Sales"))
    job = upload(
        client,
        "ID,Name,Department,E-mail\n"
        f"{by_id.public_id},Renamed,,other@a.test\n"
        ",Renamed too,,two@A.test\n"
        ",TRĪS,sales,\n"
        ",Four,Sales,four@a.test\n"
        ",Trīs,Support,\n"
        ",Two,,another@a.test\n",
    )
    rows = job.rows.order_by("number").values_list("contact", "matched_by")
    assert list(rows) == [
        (by_id.pk, MatchedBy.ID),
        (by_email.pk, MatchedBy.EMAIL),
        (by_name.pk, MatchedBy.NAME),
        (without_email.pk, MatchedBy.NAME),
        (None, ""),
        (None, ""),
    ]


def test_of_several_with_one_e_mail_the_name_decides_or_the_person(client: Client) -> None:
    for name in ("Anna", "Jānis"):
        add_contact(client, ContactFields(name, "lv", email="info@a.test"))
    job = upload(client, "Name,E-mail,Department\nJĀNIS,info@a.test,Sales\nIlze,info@a.test,Sales\n")
    assert job.rows.get(number=1).contact == client.contacts.get(name="Jānis")
    assert faults(job) == [(3, [FaultCode.AMBIGUOUS])]


def test_people_of_another_client_are_never_meant_nor_told_of(client: Client) -> None:
    stranger = add_contact(
        make_client("Svešais"), ContactFields("Anna", "lv", "Sales", email="a@b.test", numbers=(NumberFields(FIRST),))
    )
    job = upload(client, f"{HEADER}Anna,Sales,a@b.test,{FIRST},\n")
    assert (verdicts(job), job.rows.get().shares_number) == ([Verdict.NEW], False)
    again = upload(client, f"ID,Name\n{stranger.public_id},Mine\n{'0' * 32},Mine\nnonsense,Mine\n")
    assert faults(again) == [(line, [FaultCode.ID_UNKNOWN]) for line in (2, 3, 4)]
    carried_out(job)
    assert snapshot(stranger.client)[str(stranger.public_id)] == person_of(stranger)


def test_who_has_left_is_nobody_to_a_file(client: Client) -> None:
    gone = add_contact(client, ContactFields("Anna", "lv", email="a@b.test"))
    Contact.objects.filter(pk=gone.pk).update(left_at=clock.now())
    job = upload(client, f"ID,Name,E-mail\n{gone.public_id},Anna,\n,Anna,a@b.test\n")
    assert verdicts(job) == [Verdict.FAULTY, Verdict.NEW]


# -- duplicates ------------------------------------------------------------------------------


def test_a_person_stands_in_a_file_once(client: Client, small_batches: None) -> None:
    liga = client.contacts.get()
    job = upload(
        client,
        "ID,Name,Department,E-mail\n"
        f",Līga,,{liga.email}\n"
        ",Anna,Sales,\n"
        ",ANNA,sales,\n"
        ",Jānis,,j@k.test\n"
        ",J. Kalns,,J@K.test\n"
        f"{liga.public_id},Again,,\n",
    )
    assert faults(job) == [(line, [FaultCode.SAME_PERSON]) for line in (4, 6, 7)]
    assert job.rows.get(line=7).faults == [{"code": FaultCode.SAME_PERSON, "line": 2}]


def test_a_row_whose_twin_is_faulty_is_good(client: Client) -> None:
    assert verdicts(upload(client, f"{HEADER}Anna,,a@b.test,12,\nAnna,,a@b.test,{FIRST},\n")) == ["faulty", "new"]


def test_numbers_that_others_have_are_pointed_out_within_file_and_client(client: Client) -> None:
    add_contact(client, ContactFields("Anna", "lv", numbers=(NumberFields(SECOND),)))
    job = upload(client, f"Name,Number\nA,{FIRST}\nB,{FIRST}\nC,{SECOND}\nAnna,{SECOND}\nD,+37167000009\n")
    shared = job.rows.filter(shares_number=True).order_by("number").values_list("line", flat=True)
    assert (list(shared), job.faulty_count) == ([2, 3, 4, 5], 0)


def test_only_one_row_names_the_default_contact(client: Client, small_batches: None) -> None:
    job = upload(client, "Name,Default contact\nA,yes\nB,\nC,x\n")
    assert faults(job) == [(4, [FaultCode.SECOND_DEFAULT])]


# -- what cannot be read ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.EMPTY),
        (b"\n \n", Problem.EMPTY),
        (b"\xef\xbb\xbf", Problem.EMPTY),
        (b"PK\x03\x04 a workbook", Problem.WORKBOOK),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Problem.BINARY),
    ],
)
def test_what_is_no_table_is_refused_at_once_and_not_kept(client: Client, content: bytes, problem: Problem) -> None:
    with pytest.raises(jobs.FileRefused) as refused:
        upload(client, content)
    assert (refused.value.problem, str(refused.value)) == (problem, str(problem.label))
    assert not ContactImport.objects.exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("Anna,Sales\nJānis,Support\n", Problem.NO_HEADER),
        ("Anna\nJānis\n", Problem.ONE_COLUMN),
        ("Department,E-mail\nSales,a@b.test\n", Problem.NO_NAME),
        (HEADER, Problem.NO_ROWS),
        (",".join(["Name", *(f"x{n}" for n in range(60))]) + "\n", Problem.TOO_MANY_COLUMNS),
        ("Name\n" + "x" * 70_000, Problem.NOT_CSV),
    ],
)
def test_what_cannot_be_read_yet_asks_a_person(client: Client, content: str, problem: Problem) -> None:
    job = upload(client, content)
    assert (job.state, job.problem, job.rows.count()) == (ImportState.ASKING, problem, 0)


def test_too_many_rows_are_none(client: Client, monkeypatch: pytest.MonkeyPatch, small_batches: None) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 4)
    assert upload(client, "Name\nA\nB\nC\nD\n").state == ImportState.READY
    job = upload(client, "Name\nA\nB\nC\nD\nE\n")
    assert (job.problem, job.rows_read, job.new_count, job.rows.count()) == (Problem.TOO_MANY_ROWS, 0, 0, 0)


def test_a_person_says_how_to_read_it_and_it_is_read_anew(client: Client) -> None:
    job = upload(client, "Jānis;29123456\nŽanis;67000002\n".encode("windows-1257"))
    assert job.problem == Problem.NO_HEADER
    layout = Layout("windows-1257", ";", False, (Column.NAME, Column.NUMBER))
    job = after_work(jobs.read_anew(job, layout))
    assert job.state == ImportState.READY
    assert list(job.rows.order_by("number").values_list("after__name", flat=True)) == ["Jānis", "Žanis"]
    wrong = after_work(jobs.read_anew(job, Layout("utf-8", ";", False, layout.columns)))
    assert (wrong.state, wrong.problem, wrong.rows.count()) == (ImportState.ASKING, Problem.UNDECODABLE, 0)


def test_what_is_asked_of_the_database_follows_batches_and_not_rows(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"P{n},Sales,p{n}@a.test,+3712{n:07},\n" for n in range(reading.BATCH + 100))
    with django_assert_max_num_queries(200):
        job = upload(client, HEADER + rows)
        job = carried_out(job)
        taken_back(job)
    assert job.written_count == reading.BATCH + 100


# -- each row once, whatever dies ------------------------------------------------------------


FIVE = f"{HEADER}A,,,,\nB,,,,\nC,,,,\nD,,,,\nE,,,,\n"


class Killed(BaseException):
    pass


def killed_in_batch(number: int, step: Any) -> Any:
    """The step of a worker that dies when it has begun this batch."""

    def dying(job: ContactImport) -> Iterator[None]:
        for count, _batch in enumerate(step(job), start=1):
            if count == number:
                raise Killed
            yield

    return dying


@pytest.mark.parametrize("state", [ImportState.READING, ImportState.WRITING, ImportState.UNDOING])
def test_what_a_killed_worker_leaves_is_gone_on_with(
    client: Client, state: ImportState, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = dict(work._STEPS)
    monkeypatch.setitem(work._STEPS, state, killed_in_batch(2, steps[state]))

    def step_with_a_death(act: Any, *arguments: Any, **named: Any) -> ContactImport:
        try:
            return act(*arguments, **named)  # type: ignore[no-any-return]
        except Killed:
            job = ContactImport.objects.get()
            assert work.carry_on() == 0, "it is still held"
            monkeypatch.setitem(work._STEPS, state, steps[state])
            ContactImport.objects.update(busy_until=clock.now())
            return after_work(job)

    job = step_with_a_death(upload, client, FIVE)
    assert verdicts(job) == ["new"] * 5
    job = step_with_a_death(carried_out, job)
    assert (job.written_count, client.contacts.count()) == (5, 6)
    job = step_with_a_death(taken_back, job)
    assert (job.undone_count, job.kept_count, people(client)) == (5, 0, [("Līga Bērziņa", "")])


def test_two_workers_on_one_import_do_each_row_once(client: Client, small_batches: None) -> None:
    job = jobs.begin_import(client, name="a.csv", pieces=lambda: [FIVE.encode()], size=len(FIVE), by=None)
    one, other = (reading.read(ContactImport.objects.select_related("client").get(pk=job.pk)) for _ in range(2))
    next(one)
    with pytest.raises(leases.Overtaken):
        next(other)
    leases.release(job)
    job = after_work(job)
    jobs.carry_out(job, is_all_or_nothing=False, by=None)
    first, second = (writing.write(ContactImport.objects.select_related("client").get(pk=job.pk)) for _ in range(2))
    for worker in (first, second, first, second):
        next(worker, None)
    assert client.contacts.count() == 6
    assert ContactImport.objects.get().written_count == 5


def test_started_twice_is_done_once(client: Client) -> None:
    job = upload(client, FIVE)
    jobs.carry_out(job, is_all_or_nothing=False, by=None)
    with pytest.raises(jobs.ImportMovedOn):
        jobs.carry_out(job, is_all_or_nothing=False, by=None)
    work.carry_on()
    work.carry_on()
    assert client.contacts.count() == 6


def test_a_file_that_no_worker_survives_is_given_up(client: Client) -> None:
    job = jobs.begin_import(client, name="a.csv", pieces=lambda: [FIVE.encode()], size=len(FIVE), by=None)
    ContactImport.objects.update(attempts=work.MOST_ATTEMPTS)
    assert after_work(job).problem == Problem.FAILED


def test_rows_that_no_worker_survives_are_left_and_the_rest_goes_on(client: Client, small_batches: None) -> None:
    job = upload(client, FIVE)
    jobs.carry_out(job, is_all_or_nothing=False, by=None)
    ContactImport.objects.update(attempts=work.MOST_ATTEMPTS)
    job = after_work(job)
    assert (job.state, job.left_count, job.written_count) == (ImportState.DONE, 2, 3)
    assert set(job.rows.filter(state=RowState.LEFT).values_list("reason", flat=True)) == {LeftCode.FAILED}
    jobs.take_back(job, by=None)
    ContactImport.objects.update(attempts=work.MOST_ATTEMPTS)
    job = after_work(job)
    assert (job.state, job.kept_count, job.undone_count) == (ImportState.UNDONE, 2, 1)


def test_the_longest_name_has_its_place_in_lists(client: Client) -> None:
    carried_out(upload(client, f"Name\n{'Č' * 120}\n"))
    assert client.contacts.filter(name="Č" * 120).exists()


def test_what_is_discarded_while_it_is_read_is_gone(client: Client, small_batches: None) -> None:
    job = jobs.begin_import(client, name="a.csv", pieces=lambda: [FIVE.encode()], size=len(FIVE), by=None)
    worker = reading.read(leases.take_import() or job)
    next(worker)
    jobs.discard(job)
    with pytest.raises(leases.Overtaken):
        next(worker)
    assert not ContactImportRow.objects.exists()


# -- others change the same people -----------------------------------------------------------


def test_what_was_changed_since_the_preview_is_left_and_listed(client: Client) -> None:
    anna = add_contact(client, ContactFields("Anna", "lv", "Sales"))
    gone = add_contact(client, ContactFields("Gone", "lv", "Sales"))
    job = upload(client, "Name,Department,Responsible for\nAnna,Sales,x\nGone,Sales,x\nNew,Sales,x\nNewer,Sales,x\n")
    change_contact(anna, ContactFields("Anna", "lv", "Sales", "prices"), revision=1)
    Contact.objects.filter(pk=gone.pk).update(left_at=clock.now())
    add_contact(client, ContactFields("New", "lv", "Sales"))
    job = carried_out(job)
    left = job.rows.filter(state=RowState.LEFT).order_by("number").values_list("reason", flat=True)
    assert list(left) == [LeftCode.CHANGED_MEANWHILE, LeftCode.GONE, LeftCode.ADDED_MEANWHILE]
    assert (job.written_count, job.left_count) == (1, 3)
    assert client.contacts.get(pk=anna.pk).responsibility == "prices"


def test_all_or_nothing_is_nothing_with_a_fault(client: Client) -> None:
    job = upload(client, f"{HEADER}A,,,12,\nB,,,,\n")
    with pytest.raises(jobs.RowsFaulty):
        jobs.carry_out(job, is_all_or_nothing=True, by=None)
    assert ContactImport.objects.get().state == ImportState.READY


def test_all_or_nothing_takes_back_what_was_done_when_a_row_cannot_be(client: Client, small_batches: None) -> None:
    last = add_contact(client, ContactFields("Z", "lv", "Sales"))
    job = upload(client, "Name,Department,Responsible for\nA,Sales,x\nB,Sales,x\nC,Sales,x\nZ,Sales,x\n")
    change_contact(last, ContactFields("Z", "lv", "Sales", "prices"), revision=1)
    before = snapshot(client)
    job = carried_out(job, is_all_or_nothing=True)
    assert (job.state, snapshot(client)) == (ImportState.UNDONE, before)


def test_hours_that_one_row_gives_up_are_free_for_another(client: Client, small_batches: None) -> None:
    night = Calendar.objects.create(name="Night", time_zone="Europe/Riga")
    add_contact(client, ContactFields("Anna", "lv", calendar=night))
    job = carried_out(upload(client, "Name,Hours\nAnna,\nB,\nC,Night\n"))
    assert (job.written_count, job.left_count) == (3, 0)
    assert client.contacts.get(calendar=night).name == "C"


# -- taking back -----------------------------------------------------------------------------


def test_taking_back_gives_exactly_what_was_before(client: Client) -> None:
    add_contact(
        client,
        ContactFields(
            "Anna",
            "lv",
            "Sales",
            "prices",
            "a@b.test",
            ("en",),
            client.calendar,
            False,
            (NumberFields(FIRST, "m", True),),
        ),
    )
    before = snapshot(client)
    job = carried_out(upload(client, f"{HEADER}Anna K,Support,a@b.test,{SECOND},\nNew,Support,,{FIRST},\n"))
    assert snapshot(client) != before
    assert jobs.can_be_taken_back(job)
    job = taken_back(job)
    assert (job.state, job.undone_count, job.kept_count, snapshot(client)) == ("undone", 2, 0, before)
    assert [each.name for each in client.departments.all()] == ["Sales"]
    with pytest.raises(jobs.ImportMovedOn):
        jobs.take_back(job, by=None)


def test_who_was_changed_or_used_since_the_import_is_listed_and_left(house: House) -> None:
    client = house.client
    add_contact(client, ContactFields("Anna", "lv", email="a@b.test"))
    job = carried_out(
        upload(client, "Name,E-mail\nAnna K,a@b.test\nChanged,c@b.test\nUsed,u@b.test\nGone,g@b.test\nPlain,p@b.test\n")
    )
    changed = client.contacts.get(name="Changed")
    change_contact(changed, ContactFields("Changed again", "lv", email="c@b.test"), revision=changed.revision)
    lose_a_call(house)
    request_missing_call_backs()
    Inquiry.objects.update(contact=client.contacts.get(name="Used"))
    client.contacts.filter(name="Gone").delete()
    job = taken_back(job)
    kept = job.rows.filter(state=RowState.KEPT).order_by("number").values_list("after__name", "reason")
    assert list(kept) == [
        ("Changed", LeftCode.CHANGED_SINCE),
        ("Used", LeftCode.IN_USE),
        ("Gone", LeftCode.GONE),
    ]
    assert {name for name, _each in people(client)} == {"Līga Bērziņa", "Anna", "Changed again", "Used"}


def test_of_two_imports_each_can_be_taken_back_the_last_first(client: Client) -> None:
    first = carried_out(upload(client, "Name,E-mail\nAnna,a@b.test\n"))
    second = carried_out(upload(client, "Name,E-mail\nAnna Ozola,a@b.test\n"))
    taken_back(second)
    assert taken_back(first).kept_count == 0
    assert people(client) == [("Līga Bērziņa", "")]


def test_the_first_people_of_a_client_are_gone_again_though_one_was_the_default(client: Client) -> None:
    client.contacts.all().delete()
    job = carried_out(upload(client, "Name,Default contact\nA,\nB,yes\nC,\n"))
    Contact.objects.filter(name="C").update(responsibility="changed since")
    taken_back(job)
    assert list(client.contacts.values_list("name", "is_default")) == [("C", True)]


def test_a_default_contact_from_a_file_stays_while_others_have_come(client: Client) -> None:
    client.contacts.all().delete()
    job = carried_out(upload(client, "Name\nA\n"))
    add_contact(client, ContactFields("B", "lv"))
    assert taken_back(job).rows.get().reason == LeftCode.IS_DEFAULT
    assert client.contacts.get(is_default=True).name == "A"


def test_who_has_left_since_does_not_become_the_default_contact_again(client: Client) -> None:
    add_contact(client, ContactFields("Anna", "lv", email="a@b.test"))
    job = carried_out(upload(client, "Name,E-mail,Default contact\nAnna K,a@b.test,yes\n"))
    client.contacts.filter(name="Līga Bērziņa").update(left_at=clock.now())
    assert taken_back(job).kept_count == 0
    assert list(client.contacts.filter(is_default=True).values_list("name", "left_at")) == [("Anna", None)]


# -- what is kept, and how long --------------------------------------------------------------


def test_the_file_goes_when_it_is_carried_out_and_the_rows_after_a_week(client: Client) -> None:
    job = upload(client, FIVE)
    assert job.pieces.count() == 1
    job = carried_out(job)
    assert (job.pieces.count(), job.rows.count(), work.forget()) == (0, 5, 0)
    ContactImport.objects.update(carried_out_at=clock.now() - work.UNDO_WINDOW - timedelta(hours=1))
    work.forget()
    job.refresh_from_db()
    assert (job.rows.count(), job.written_count, jobs.can_be_taken_back(job)) == (0, 5, False)


def test_what_nobody_carries_out_is_gone_after_a_day(client: Client) -> None:
    upload(client, FIVE)
    upload(client, "Anna,1\n")
    ContactImport.objects.update(uploaded_at=clock.now() - work.WAITS_FOR_A_PERSON - timedelta(hours=1))
    work.forget()
    assert not ContactImport.objects.exists()


def test_what_a_person_carries_out_at_this_moment_is_not_forgotten(live_house: House) -> None:
    job = upload(live_house.client, FIVE)
    ContactImport.objects.update(uploaded_at=clock.now() - work.WAITS_FOR_A_PERSON - timedelta(hours=1))
    with transaction.atomic():
        jobs.carry_out(job, is_all_or_nothing=False, by=None)
        assert all_at_once(work.forget) == [0]
    assert ContactImport.objects.get().state == ImportState.WRITING


# -- out and in again ------------------------------------------------------------------------


def test_an_export_says_everything_and_opens_no_formula(client: Client) -> None:
    client.contacts.all().delete()
    numbers = (NumberFields(FIRST, "m"), NumberFields(SECOND, "=cmd", True))
    made = add_contact(
        client, ContactFields("=1+1", "lv", "@x", '-"a', "a@b.test", ("en", "el"), client.calendar, False, numbers)
    )
    head, row = exported(client).splitlines()
    assert head == (
        '"ID","Name","Department","Responsible for","E-mail","Language","Also speaks","Hours","Default contact",'
        '"SMS when urgent","Number 1","Label 1","Number 2","Label 2"'
    )
    assert row == (
        f'"{made.public_id}","\'=1+1","\'@x","\'-""a","a@b.test","lv","en el","{client.calendar.name}","yes",'
        f'"\'{SECOND}","\'{FIRST}","m","\'{SECOND}","\'=cmd"'
    )


def test_for_excel_there_is_a_mark_and_a_semicolon(client: Client) -> None:
    assert exported(client, FOR_EXCEL, "lv").startswith('\ufeff"ID";"Vārds";"Nodaļa"')


@pytest.mark.parametrize(("zone", "day"), [("Europe/Riga", "2026-03-02"), ("UTC", "2026-03-01")])
def test_an_export_is_named_after_client_and_the_day_where_they_are(
    client: Client, zone: str, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    with timezone.override(ZoneInfo(zone)):
        assert export_name(client) == f"Klīnika-Sirds-contacts-{day}.csv"


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "=1+1",
        "'=x",
        "''+1",
        "\t@",
        "a;b,c\td",
        'say "hi"',
        "two\r\nlines",
        "'",
        "O'Neil",
        " spaces ",
        "\ufeffmark",
        "sep=;",
    ]
)
LETTERS = TEXTS.filter(str.strip)
PEOPLE = st.lists(
    st.builds(
        ContactFields,
        name=LETTERS,
        language=st.sampled_from(["lv", "lt", "el", "en"]),
        department=TEXTS,
        responsibility=TEXTS,
        email=st.sampled_from(["", "a@b.test", "no address", "=a@b.test"]),
        also_speaks=st.lists(st.sampled_from(["lv", "lt", "el", "en"]), unique=True).map(tuple),
        numbers=st.lists(
            st.builds(NumberFields, st.sampled_from([FIRST, SECOND, "+3711", "+306912345678"]), TEXTS),
            unique_by=lambda number: number.number,
            max_size=3,
        ).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@given(people=PEOPLE, for_excel=st.booleans(), language=st.sampled_from(["en", "lv", "lt", "el"]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_that_is_imported_again_changes_nothing(
    client: Client, people: list[ContactFields], for_excel: bool, language: str
) -> None:
    with transaction.atomic():
        for fields in people:
            add_contact(client, fields)
        before = snapshot(client)
        text = exported(client, FOR_EXCEL if for_excel else FOR_OTHERS, language)
        job = upload(client, text)
        assert (job.problem, set(verdicts(job))) == ("", {Verdict.UNCHANGED})
        assert job.unchanged_count == len(before)
        transaction.set_rollback(True)
