"""A cardiology clinic in Riga."""

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
from clients.scripts import Act, AnswerType, Ask, Branch, Case, Choice, Comparison, Condition, Say, Subject

WORKDAYS = (0, 1, 2, 3, 4)
RECEPTION, CARDIOLOGY, TESTS, ACCOUNTS = "Reģistratūra", "Kardioloģija", "Funkcionālā diagnostika", "Grāmatvedība"

CLINIC = DemoCompany(
    slug="sirds",
    name="Klīnika Sirds",
    country="LV",
    language="lv",
    time_zone="Europe/Riga",
    vat_id="LV00000000001",
    line_name="Reģistratūra",
    line_number="+37160000142",
    hours=((WORKDAYS, 8 * 60, 18 * 60),),
    special_days={"12-31": ("Saīsināta darba diena", ((8 * 60, 14 * 60),))},
    calls_per_day=(16, 25),
    hour_weights={7: 1, 8: 9, 9: 14, 10: 13, 11: 10, 12: 6, 13: 7, 14: 9, 15: 8, 16: 6, 17: 4, 18: 1, 20: 1},
    number_format="+3712333{:04d}",
    contacts=(
        DemoContact(
            "Līga Bērziņa",
            RECEPTION,
            "Pieraksts, vizīšu pārcelšana, izraksti",
            "registratura@sirds.example",
            shifts=((WORKDAYS, 8, 10),),
            numbers=(("+37160000143", "reģistratūra"),),
            also_speaks=("en",),
            is_default=True,
        ),
        DemoContact(
            "Dr. Anna Ozola",
            CARDIOLOGY,
            "Kardioloģe: receptes, analīžu rezultāti",
            "anna.ozola@sirds.example",
            shifts=(((0, 2, 4), 8, 8),),
            numbers=(("+37123331901", "mobilais"), ("+37160000144", "kabinets")),
            also_speaks=("en",),
        ),
        DemoContact(
            "Dr. Jānis Kalniņš",
            CARDIOLOGY,
            "Kardiologs: hipertensija, ritma traucējumi",
            "janis.kalnins@sirds.example",
            shifts=(((1, 3), 9, 9),),
            numbers=(("+37123331902", "mobilais"),),
        ),
        DemoContact(
            "Kristīne Liepa",
            TESTS,
            "Ehokardiogrāfija, Holtera monitors, slodzes tests",
            "diagnostika@sirds.example",
            shifts=((WORKDAYS, 9, 8),),
        ),
        DemoContact("Inese Vītola", ACCOUNTS, "Rēķini, čeki, apdrošināšana", "rekini@sirds.example"),
        DemoContact(
            "Dežūrmāsa",
            "Dežūra",
            "Steidzami jautājumi ārpus darba laika",
            "dezura@sirds.example",
            shifts=((WORKDAYS, 18, 14), ((5, 6), 8, 24)),
            numbers=(("+37123331903", "dežūra"), ("+37160000145", "postenis")),
        ),
    ),
    script=DemoScript(
        name="Klīnikas pamatscenārijs",
        language="lv",
        greeting="{client.name}, labdien! Mani sauc {agent.name}. Kā varu palīdzēt?",
        steps=(
            Ask(
                "topic",
                "Iemesls",
                {"lv": "Vai zvanāt par pierakstu, recepti, rezultātiem vai ko citu?"},
                AnswerType.CHOICE,
                is_required=True,
                choices=(
                    Choice("visit", {"lv": "Pieraksts"}, "referral"),
                    Choice("medicine", {"lv": "Recepte"}, "medicine_name"),
                    Choice("results", {"lv": "Rezultāti"}, "results_words"),
                    Choice("pain", {"lv": "Slikta pašsajūta"}, "emergency"),
                    Choice("other", {"lv": "Kas cits"}, "message"),
                ),
            ),
            Ask("referral", "Nosūtījums", {"lv": "Vai Jums ir ģimenes ārsta nosūtījums?"}, AnswerType.YES_NO),
            Ask("day", "Vēlamā diena", {"lv": "Kurā dienā Jums būtu ērti?"}, AnswerType.DATE),
            Branch(
                "price",
                (Case((Condition(Subject.ANSWER, Comparison.IS, "no", "referral"),), "price_full"),),
                "price_less",
            ),
            Say("price_full", {"lv": "Bez nosūtījuma konsultācija maksā 55 €."}, "message"),
            Say("price_less", {"lv": "Ar nosūtījumu pacienta iemaksa ir 4 €."}, "message"),
            Ask("medicine_name", "Zāles", {"lv": "Kā sauc zāles, un kāda ir deva?"}, is_required=True),
            Ask(
                "days_left", "Pietiks dienām", {"lv": "Cik dienām zāļu vēl pietiks?"}, AnswerType.NUMBER, next="message"
            ),
            Say("results_words", {"lv": "Rezultātus izskaidro ārsts; es nodošu, lai Jums atzvana."}, "message"),
            Say("emergency", {"lv": "Ja sāp krūtīs, trūkst elpas vai bijis ģībonis, lūdzu, tūlīt zvaniet 113!"}),
            Ask("since", "Kopš kura laika", {"lv": "Kopš kura laika jūtaties slikti?"}),
            Act("message", "message", {"lv": "Vārds, tālrunis un kad vislabāk atzvanīt. Slikta pašsajūta: steidzami."}),
            Say("thanks", {"lv": "Paldies, {caller.name}! Nodošu ziņu, un Jums atzvanīs astoņu darba stundu laikā."}),
        ),
    ),
    tariff=DemoTariff(name="Pa sekundēm", slots=(flat_slot("0.0150"),)),
    owner=DemoUser("vadiba@sirds.example", "Ilze Krūmiņa"),
    member=DemoUser("registratura@sirds.example", "Līga Bērziņa"),
    names=Names(
        women=(
            ("Kristīne", "Inga", "Dace", "Aija", "Zane", "Sanita", "Velta", "Ausma", "Ilona", "Santa", "Baiba", "Rita"),
            ("Ozoliņa", "Kalniņa", "Jansone", "Krūmiņa", "Balode", "Eglīte", "Zariņa", "Šmite", "Vanaga", "Ābele"),
        ),
        men=(
            ("Jānis", "Andris", "Juris", "Māris", "Guntis", "Edgars", "Valdis", "Aivars", "Ģirts", "Uldis", "Imants"),
            ("Ozoliņš", "Kalniņš", "Jansons", "Krūmiņš", "Balodis", "Eglītis", "Zariņš", "Šmits", "Vanags", "Ābols"),
        ),
    ),
    topics=(
        Topic(RECEPTION, "Lūdz pārcelt vizīti no {day} uz nākamo nedēļu, vēlams pēc plkst. {hour}. {reach}"),
        Topic(
            RECEPTION,
            "Vēlas pierakstīties pie {doctor}. Ir ģimenes ārsta nosūtījums. Der {part}. {reach}",
            answers={"topic": "visit", "referral": "yes"},
        ),
        Topic(RECEPTION, "Slimības dēļ atsaka {day} vizīti plkst. {hour}. Lūdz citu laiku pēc divām nedēļām."),
        Topic(
            RECEPTION,
            "Pirmreizējs pacients, sūdzas par sirdsklauvēm pie slodzes. Lūdz tuvāko laiku pie {doctor}.",
            answers={"topic": "visit", "referral": "no"},
        ),
        Topic(RECEPTION, "Grib zināt, vai {day} rītā pieņem {either}, un vai var iekļūt ar ratiņkrēslu."),
        Topic(RECEPTION, "Lūdz izrakstu no pagājušās vizītes nosūtīt uz e-pastu. Vajag darbam līdz nedēļas beigām."),
        Topic(
            CARDIOLOGY,
            "Beidzas zāles: {medicine}. Pietiks vēl {left}. Lūdz izrakstīt e-recepti, personas kods ir kartītē.",
            answers={"topic": "medicine", "medicine_name": "{medicine}", "days_left": "3"},
        ),
        Topic(
            CARDIOLOGY,
            "Pēc zāļu devas maiņas ({medicine}) reibst galva, spiediens no rīta {pressure}. Jautā, ko darīt. {reach}",
            answers={"topic": "pain", "since": "kopš devas maiņas"},
        ),
        Topic(
            CARDIOLOGY,
            "Nodeva asins analīzes, gaida ārsta zvanu par rezultātiem. {reach}",
            answers={"topic": "results"},
        ),
        Topic(
            CARDIOLOGY,
            "Mājās mērītais spiediens trīs dienas {pressure}. Zāles lieto kā nozīmēts. Lūdz ārsta padomu.",
            True,
            answers={"topic": "pain", "since": "trīs dienas"},
        ),
        Topic(TESTS, "Jautā, vai pirms slodzes testa drīkst ēst un vai jāpārtrauc lietot zāles ({medicine})."),
        Topic(
            TESTS,
            "Holtera monitors nokrita, viens elektrods atlīmējies. Lūdz atzvanīt pēc iespējas ātrāk.",
            True,
            answers={"topic": "other"},
        ),
        Topic(TESTS, "Lūdz pārcelt {day} ehokardiogrāfiju (plkst. {hour}) uz vēlāku laiku tajā pašā dienā."),
        Topic(
            ACCOUNTS,
            "Nav saņemts čeks par vizīti, vajag apdrošināšanai. E-pasta adrese ir kartītē.",
            answers={"topic": "other"},
        ),
        Topic(ACCOUNTS, "Darba devējs lūdz rēķinu par desmit darbinieku pārbaudēm. Sūtīt ar PVN rekvizītiem."),
    ),
    words={
        "day": ("pirmdienas", "otrdienas", "trešdienas", "ceturtdienas", "piektdienas"),
        "hour": ("9.00", "10.30", "12.00", "14.15", "16.00", "16.45"),
        "doctor": ("Dr. Ozolas", "Dr. Kalniņa"),
        "either": ("Dr. Ozola", "Dr. Kalniņš"),
        "part": ("jebkura diena no rīta", "tikai pēcpusdienas", "otrdiena vai ceturtdiena", "nākamā nedēļa"),
        "medicine": ("bisoprolols 5 mg", "perindoprils 8 mg", "atorvastatīns 20 mg", "amlodipīns 5 mg"),
        "left": ("trim dienām", "līdz svētdienai", "vienai nedēļai"),
        "pressure": ("160/95", "155/90", "170/100", "148/92"),
        "reach": ("Zvanīt tikai pēcpusdienā.", "Zvanīt jebkurā laikā.", "Zvanīt meitai uz šo pašu numuru.", ""),
    },
    dispositions={
        Disposition.MESSAGE: 50,
        Disposition.INFORMED: 36,
        Disposition.WRONG_NUMBER: 6,
        Disposition.SPAM: 4,
        Disposition.HUNG_UP: 3,
    },
    call_back_notes=(
        "Atzvanīts, pieraksts nodots reģistratūrai.",
        "Atzvanīts, jautājums atrisināts.",
        "Atzvanīts otrajā mēģinājumā; pacients zvanīs vēlreiz pats.",
    ),
    no_number_note="Numurs slēpts, atzvanīt nav iespējams.",
    caller_notes=("Vājdzirdīga – runāt lēni un skaidri.", "Zvana mātes vārdā.", "Labāk runā krieviski."),
    faq=(
        (
            "Vai vajadzīgs ģimenes ārsta nosūtījums?",
            "Valsts apmaksātai vizītei – jā. Bez nosūtījuma kardiologa konsultācija maksā 55 €.",
        ),
        (
            "Kā gatavoties slodzes testam?",
            "Divas stundas iepriekš neēst, līdzi paņemt sporta apavus. Zāles lietot, kā ārsts nozīmējis.",
        ),
        (
            "Cik ilgi jānēsā Holtera monitors?",
            "Diennakti. Pa šo laiku nedrīkst iet dušā; monitoru nākamajā dienā nodod reģistratūrā.",
        ),
        (
            "Kur var novietot automašīnu?",
            "Pagalmā pacientiem ir piecas bezmaksas vietas, iebraukt no Piemēra ielas. Maksas stāvvieta ir pāri ielai.",
        ),
        ("Vai var iekļūt ar ratiņkrēslu?", "Jā, no pagalma puses ir uzbrauktuve, ēkā ir lifts."),
        (
            "Vai apdrošināšana sedz vizīti?",
            "Ir līgumi ar lielākajiem apdrošinātājiem. Līdzi jāņem polise un personu apliecinošs dokuments.",
        ),
        (
            "Kad būs gatavi analīžu rezultāti?",
            "Parasti nākamajā darba dienā pēc plkst. 14. Rezultātus pa tālruni izskaidro tikai ārsts.",
        ),
        ("Kā atteikt vizīti?", "Vismaz dienu iepriekš. Par maksas vizīti, kas nav atteikta, jāmaksā 15 €."),
    ),
    notices=(
        DemoNotice(
            "Dr. Kalniņš šonedēļ nepieņem; viņa pacientus steidzamos gadījumos pieņem Dr. Ozola.",
            timedelta(hours=-24),
            timedelta(hours=120),
        ),
        DemoNotice(
            "Aparatūras apkopes dēļ ehokardiogrāfijas visu dienu nenotiks.",
            timedelta(hours=72),
            timedelta(hours=10),
            is_public=True,
        ),
    ),
)
