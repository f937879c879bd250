import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clients.models import Script, ScriptVersion
from tests.cast import House, publish_script, said

BEFORE, AFTER = [("clients", "0007_calendars_lines_notices")], [("clients", "0008_scripts_as_graphs")]


def migrate(targets: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


@pytest.mark.django_db(transaction=True)
def test_lists_of_steps_become_scripts_and_back_with_published_versions_as_they_were(live_house: House) -> None:
    script = live_house.line.script
    publish_script(script, said("lv", "Labrīt!", words="Ko vēlaties?"))
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        migrate(BEFORE)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT v.greeting, s.kind, s.text FROM clients_scriptversion v"
                " JOIN clients_scriptstep s ON s.version_id = v.id WHERE v.number = 2"
            )
            assert cursor.fetchall() == [("Labrīt!", "say", "Ko vēlaties?")]
        migrate(AFTER)
    finally:
        migrate(latest)
    version = ScriptVersion.objects.get(number=2)
    assert version.read().greeting == {"lv": "Labrīt!"}
    assert [step.kind for step in version.read().steps] == ["say", "act"]
    assert Script.objects.get(pk=script.pk).public_id
