"""Who works at the demo's operator."""

from dataclasses import dataclass

from answering.accounts.models import StaffRole

PASSWORD = "alio-demo-2026"  # noqa: S105 - printed for everyone, and only where DEBUG is on
DOMAIN = "alio.example"
WORKDAYS, SATURDAY = (0, 1, 2, 3, 4), (5,)


@dataclass(frozen=True)
class DemoStaff:
    """`duties` are (weekdays 0-6, from hour, to hour) in the operator's zone: when they took calls."""

    login: str
    full_name: str
    role: StaffRole
    language: str
    speaks: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    duties: tuple[tuple[tuple[int, ...], int, int], ...] = ()

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


ELENA = DemoStaff(
    "elena",
    "Elena Kalniņa",
    StaffRole.AGENT,
    "en",
    speaks=("lv", "lt", "el", "en"),
    clears=("sirds", "balte", "dikaio"),
    duties=((WORKDAYS, 8, 17),),
)
TOMAS = DemoStaff(
    "tomas",
    "Tomas Petrauskas",
    StaffRole.AGENT,
    "lt",
    speaks=("lt", "lv", "en"),
    clears=("sirds", "balte"),
    duties=((WORKDAYS, 9, 18), (SATURDAY, 10, 16)),
)
DIMITRA = DemoStaff(
    "dimitra",
    "Dimitra Vlachou",
    StaffRole.CONSULTANT,
    "el",
    speaks=("el", "en"),
    clears=("dikaio",),
    duties=((WORKDAYS, 9, 18),),
)
ANDRIS = DemoStaff(
    "andris",
    "Andris Bērziņš",
    StaffRole.SUPERVISOR,
    "lv",
    speaks=("lv", "en"),
    clears=("sirds",),
    duties=((WORKDAYS, 9, 11),),
)
IEVA = DemoStaff("ieva", "Ieva Zariņa", StaffRole.ADMINISTRATOR, "en")

STAFF = (ELENA, TOMAS, DIMITRA, ANDRIS, IEVA)
CONSULTANT, SUBSTITUTE = DIMITRA, ELENA
