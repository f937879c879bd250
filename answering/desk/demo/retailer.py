"""A linen shop in Vilnius with an online store."""

from datetime import timedelta

from answering.desk.demo.company import (
    DemoCompany,
    DemoContact,
    DemoNotice,
    DemoScript,
    DemoTariff,
    DemoUser,
    Names,
    Topic,
    flat_slot,
)
from calls.models import Disposition
from clients.scripts import Act, AnswerType, Ask, Choice, Say

WORKDAYS, SATURDAY = (0, 1, 2, 3, 4), (5,)
SERVICE, DELIVERY, RETURNS, TRADE = "Klientų aptarnavimas", "Pristatymas", "Grąžinimai", "Urmo prekyba"
FIRST_MINUTE = {"from_s": 0, "rate": "0.48", "unit_s": 60, "increment_s": 60}
THEN_SECONDS = {"from_s": 60, "rate": "0.48", "unit_s": 60, "increment_s": 1}

RETAILER = DemoCompany(
    slug="balte",
    name="Baltė",
    country="LT",
    language="lt",
    time_zone="Europe/Vilnius",
    vat_id="LT000000000",
    line_name="Pirkėjų linija",
    line_number="+37052000142",
    hours=((WORKDAYS, 9 * 60, 19 * 60), (SATURDAY, 10 * 60, 16 * 60)),
    special_days={"12-24": ("Trumpesnė diena", ((9 * 60, 13 * 60),))},
    calls_per_day=(14, 23),
    saturday_calls=6,
    hour_weights={8: 2, 9: 8, 10: 12, 11: 12, 12: 9, 13: 8, 14: 9, 15: 9, 16: 8, 17: 8, 18: 5, 19: 2, 21: 1},
    number_format="+37060000{:03d}",
    contacts=(
        DemoContact(
            "Rasa Kazlauskaitė",
            SERVICE,
            "Užsakymai, prekių likučiai, bendri klausimai",
            "rasa@balte.example",
            shifts=((WORKDAYS, 9, 10),),
            numbers=(("+37060001901", "mobilusis"),),
            also_speaks=("en",),
            is_default=True,
        ),
        DemoContact(
            "Mantas Jankauskas",
            DELIVERY,
            "Siuntos, kurjeriai, paštomatai",
            "siuntos@balte.example",
            shifts=((WORKDAYS, 8, 9),),
            numbers=(("+37060001902", "sandėlis"), ("+37063330903", "mobilusis")),
        ),
        DemoContact(
            "Eglė Stankevičienė",
            RETURNS,
            "Grąžinimai, keitimai, pretenzijos dėl kokybės",
            "grazinimai@balte.example",
            shifts=((WORKDAYS, 9, 8), (SATURDAY, 10, 6)),
        ),
        DemoContact(
            "Darius Žukauskas",
            TRADE,
            "Viešbučiai, restoranai, didmena",
            "urmas@balte.example",
            shifts=((WORKDAYS, 9, 8),),
        ),
    ),
    script=DemoScript(
        name="Parduotuvės scenarijus",
        language="lt",
        greeting="Laba diena, čia „{client.name}“, mano vardas {agent.name}. Kuo galiu padėti?",
        steps=(
            Ask(
                "topic",
                "Tema",
                {"lt": "Dėl ko skambinate: dėl užsakymo, siuntos, grąžinimo ar ko kito?"},
                AnswerType.CHOICE,
                is_required=True,
                choices=(
                    Choice("order", {"lt": "Užsakymas"}, "order_number"),
                    Choice("parcel", {"lt": "Siunta"}, "parcel_words"),
                    Choice("return", {"lt": "Grąžinimas"}, "return_words"),
                    Choice("other", {"lt": "Kita"}, "message"),
                ),
            ),
            Say(
                "parcel_words",
                {"lt": "Siuntimas į paštomatą 2,99 Eur, nuo 50 Eur nemokamas; siunta ateina per 1–3 darbo dienas."},
                "order_number",
            ),
            Say(
                "return_words", {"lt": "Grąžinti galima per 30 dienų su etiketėmis, pinigai grįžta per 5 darbo dienas."}
            ),
            Ask(
                "order_number",
                "Užsakymo numeris",
                {"lt": "Koks užsakymo numeris? Jis prasideda raidėmis BL ir yra patvirtinimo laiške."},
            ),
            Ask("email", "El. paštas", {"lt": "Kokiu el. pašto adresu užsakėte?"}, AnswerType.EMAIL),
            Act("message", "message", {"lt": "Vardas, telefonas ir trumpai, kas nutiko."}),
            Say(
                "thanks", {"lt": "Ačiū, {caller.name}. Kolegos susisieks per aštuonias darbo valandas. Gražios dienos!"}
            ),
        ),
    ),
    tariff=DemoTariff(
        name="Pirma minutė ir sekundės",
        slots=(flat_slot("0", connect_fee="0.12", rates=[FIRST_MINUTE, THEN_SECONDS]),),
        bills_hold=True,
    ),
    owner=DemoUser("vadovas@balte.example", "Jurgita Baltrušaitienė"),
    member=DemoUser("rasa@balte.example", "Rasa Kazlauskaitė"),
    names=Names(
        women=(
            ("Rūta", "Giedrė", "Daiva", "Vilma", "Ieva", "Aušra", "Jolanta", "Monika", "Gintarė", "Lina", "Birutė"),
            ("Petrauskienė", "Kazlauskienė", "Butkutė", "Paulauskaitė", "Urbonienė", "Navickaitė", "Ramanauskienė"),
        ),
        men=(
            ("Tomas", "Darius", "Mindaugas", "Saulius", "Vytautas", "Andrius", "Gintaras", "Paulius", "Rokas", "Linas"),
            ("Petrauskas", "Kazlauskas", "Butkus", "Paulauskas", "Urbonas", "Navickas", "Ramanauskas", "Žukauskas"),
        ),
    ),
    topics=(
        Topic(
            SERVICE,
            "Nori papildyti užsakymą {order} ({item}), jei dar neišsiųsta. {reach}",
            answers={"topic": "order", "order_number": "{order}"},
        ),
        Topic(SERVICE, "Klausia, kada vėl bus {item} ({colour} spalva). Prašo parašyti, kai atsiras."),
        Topic(
            SERVICE,
            "Neateina užsakymo {order} patvirtinimas, nors pinigai nuskaityti. Prašo patikrinti.",
            answers={"topic": "order", "order_number": "{order}"},
        ),
        Topic(SERVICE, "Dovanų kuponas neveikia atsiskaitant. Kupono likutis {sum}. {reach}"),
        Topic(SERVICE, "Nori užsakyti telefonu: {item}, {colour} spalva, pristatyti į paštomatą. {reach}"),
        Topic(SERVICE, "Reikia sąskaitos faktūros įmonei už užsakymą {order}. Rekvizitus atsiųs el. paštu."),
        Topic(
            DELIVERY,
            "Siunta {order} pažymėta „pristatyta“, o paštomatas tuščias. Prašo skubiai patikrinti.",
            True,
            answers={"topic": "parcel", "order_number": "{order}"},
        ),
        Topic(
            DELIVERY,
            "Klausia, kur siunta {order}: kurjeris žadėjo {day}, nieko neatvežė. {reach}",
            answers={"topic": "parcel", "order_number": "{order}"},
        ),
        Topic(DELIVERY, "Prašo užsakymą {order} pristatyti ne per kurjerį, o į paštomatą prie namų."),
        Topic(DELIVERY, "Gauta ne ta prekė: užsakyta – {item}, atėjo kita spalva. Užsakymas {order}. {reach}"),
        Topic(
            RETURNS,
            "Nori grąžinti: {item}, netiko dydis. Užsakymas {order}. Prašo grąžinimo lipduko.",
            answers={"topic": "return", "order_number": "{order}"},
        ),
        Topic(RETURNS, "Pinigai už grąžintą užsakymą {order} dar negrįžo, siunta išsiųsta prieš dvi savaites. {reach}"),
        Topic(
            RETURNS,
            "Po pirmo skalbimo iširo siūlė: {item}. Nuotraukas jau išsiuntė el. paštu. {reach}",
            answers={"topic": "return"},
        ),
        Topic(
            TRADE,
            "Viešbutis domisi {count} komplektų patalynės kaina ir terminu. Prašo pasiūlymo iki savaitės pabaigos.",
            answers={"topic": "other"},
        ),
        Topic(TRADE, "Restoranui reikia {count} lininių staltiesių, 140 × 220 cm. Klausia, ar galima pavyzdžių."),
    ),
    words={
        "order": ("BL-20418", "BL-20433", "BL-20467", "BL-20502", "BL-20519", "BL-20544", "BL-20571", "BL-20596"),
        "item": ("lininis patalynės komplektas", "lininė staltiesė", "virtuviniai rankšluosčiai", "lininis chalatas"),
        "colour": ("natūrali pilka", "balta", "samanų žalia", "rausva"),
        "sum": ("20 Eur", "35 Eur", "50 Eur"),
        "day": ("vakar", "pirmadienį", "trečiadienį", "praėjusį penktadienį"),
        "count": ("20", "40", "60", "120"),
        "reach": ("Skambinti po 17 val.", "Galima rašyti SMS.", "Skambinti bet kada.", ""),
    },
    dispositions={
        Disposition.MESSAGE: 44,
        Disposition.INFORMED: 43,
        Disposition.WRONG_NUMBER: 5,
        Disposition.SPAM: 5,
        Disposition.HUNG_UP: 3,
    },
    call_back_notes=(
        "Perskambinta, užsakymas patikrintas.",
        "Perskambinta, klausimas išspręstas.",
        "Prisiskambinta iš antro karto, pranešta pristatymo data.",
    ),
    no_number_note="Numeris paslėptas, perskambinti nėra kur.",
    caller_notes=("Nuolatinė klientė, perka viešbučiui.", "Prašo kalbėti lėčiau.", "Rašyti SMS, neskambinti."),
    faq=(
        (
            "Per kiek laiko galima grąžinti prekę?",
            "Per 30 dienų nuo gavimo, nenaudotą ir su etiketėmis. Patalynę – tik neišpakuotą.",
        ),
        ("Kiek kainuoja pristatymas?", "Į paštomatą 2,99 Eur, per kurjerį 4,49 Eur, nuo 50 Eur nemokamai."),
        ("Kada atkeliaus siunta?", "Lietuvoje per 1–3 darbo dienas, į Latviją ir Estiją per 2–4."),
        ("Kaip skalbti liną?", "40 °C temperatūroje, be baliklio. Džiovinti pakabinus, lyginti dar drėgną."),
        ("Ar galima mokėti atsiimant?", "Taip: kurjeriui kortele arba grynaisiais, paštomate tik kortele."),
        ("Kur yra parduotuvė?", "Vilniuje, Pavyzdžio g. 12. Dirbame I–V 9–19 val., VI 10–16 val."),
        ("Ar siuvate pagal išmatavimus?", "Taip, staltieses ir užuolaidas. Terminas apie dvi savaites, avansas 50 %."),
        (
            "Kaip pasinaudoti dovanų kuponu?",
            "Kodą įrašyti apmokant. Kuponas galioja metus, likutis lieka kitam pirkiniui.",
        ),
    ),
    notices=(
        DemoNotice(
            "Siuntos šią savaitę vėluoja vieną dieną: daug užsakymų.",
            timedelta(hours=-24),
            timedelta(hours=120),
            is_public=True,
        ),
        DemoNotice(
            "Inventorizacija: parduotuvė Vilniuje uždaryta visą dieną, internetu dirbame kaip įprastai.",
            timedelta(hours=96),
            timedelta(hours=12),
            is_public=True,
        ),
    ),
)
