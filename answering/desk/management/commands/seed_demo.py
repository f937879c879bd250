from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from answering.desk.demo.seeding import is_somebody_elses, logins, seed
from answering.desk.demo.staff import PASSWORD

REFUSAL = (
    "This is a production installation (DEBUG is off), and the demo would stand among real data. "
    "Use --i-know to add it all the same; its people then have no passwords until "
    "`manage.py changepassword <e-mail>` gives them some."
)


class Command(BaseCommand):
    """Fill an empty database with the demo house; a second run changes nothing."""

    help = "Makes a provider, three client companies and two months of their calls, unless they are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--logins", action="store_true", help="print role, e-mail and password, separated by tabs")
        parser.add_argument("--i-know", action="store_true", help="also where DEBUG is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self._print_logins()
        elif not (settings.DEBUG or options["i_know"]):
            raise CommandError(REFUSAL)
        elif is_somebody_elses():
            self.stdout.write("This database has an operator of its own: no demo is added.")
        else:
            seed(self.stdout.write)

    def _print_logins(self) -> None:
        if is_somebody_elses():
            return
        password = PASSWORD if settings.DEBUG else "-"
        for role, email in logins():
            self.stdout.write(f"{role}\t{email}\t{password}")
