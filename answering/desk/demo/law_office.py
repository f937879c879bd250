"""A law office in Athens, on the VIP plan."""

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
SECRETARIAT, PARTNER, LABOUR, PROPERTY = "Γραμματεία", "Διεύθυνση", "Εργατικό δίκαιο", "Ακίνητα και κληρονομικά"
OFFICE_DAYS = {"weekdays": [1, 2, 3, 4, 5]}
OUT_OF_HOURS = {"from_s": 0, "rate": "1.35", "unit_s": 60, "increment_s": 30}
IN_HOURS = {"from_s": 0, "rate": "0.90", "unit_s": 60, "increment_s": 30}

LAW_OFFICE = DemoCompany(
    slug="dikaio",
    name="Παπαδάκη & Συνεργάτες",
    country="GR",
    language="el",
    time_zone="Europe/Athens",
    vat_id="EL000000000",
    line_name="Τηλεφωνικό κέντρο",
    line_number="+302100000142",
    hours=((WORKDAYS, 9 * 60, 14 * 60), (WORKDAYS, 15 * 60, 18 * 60)),
    special_days={"12-24": ("Παραμονή Χριστουγέννων", ((9 * 60, 13 * 60),))},
    calls_per_day=(12, 18),
    hour_weights={8: 2, 9: 9, 10: 13, 11: 13, 12: 10, 13: 8, 14: 3, 15: 5, 16: 7, 17: 6, 18: 2, 20: 1},
    number_format="+30692000{:04d}",
    contacts=(
        DemoContact(
            "Μαρία Κωνσταντίνου",
            SECRETARIAT,
            "Ραντεβού, έγγραφα, γενικές πληροφορίες",
            "grammateia@dikaio.example",
            shifts=((WORKDAYS, 9, 5), (WORKDAYS, 15, 3)),
            numbers=(("+302100000143", "γραφείο"),),
            also_speaks=("en",),
            is_default=True,
        ),
        DemoContact(
            "Ελένη Παπαδάκη",
            PARTNER,
            "Δικηγόρος παρ’ Αρείω Πάγω, εμπορικές υποθέσεις",
            "papadaki@dikaio.example",
            shifts=((WORKDAYS, 10, 4), ((0, 2, 4), 15, 3)),
            numbers=(("+306920001901", "κινητό"), ("+302100000144", "γραφείο")),
            also_speaks=("en",),
        ),
        DemoContact(
            "Νίκος Γεωργίου",
            LABOUR,
            "Απολύσεις, δεδουλευμένα, επιθεώρηση εργασίας",
            "georgiou@dikaio.example",
            shifts=(((0, 1, 3, 4), 9, 5), ((1, 3), 15, 3)),
        ),
        DemoContact(
            "Σπύρος Αντωνίου",
            PROPERTY,
            "Μισθώσεις, μεταβιβάσεις, διαθήκες",
            "antoniou@dikaio.example",
            shifts=((WORKDAYS, 9, 5),),
        ),
    ),
    script=DemoScript(
        name="Υποδοχή γραφείου",
        language="el",
        greeting="Δικηγορικό γραφείο {client.name}, χαίρετε. Ονομάζομαι {agent.name}, πώς μπορώ να σας βοηθήσω;",
        steps=(
            Branch("who", (Case((Condition(Subject.CALLER, Comparison.IS, "known"),), "topic"),), "is_client"),
            Ask("is_client", "Πελάτης", {"el": "Συνεργάζεστε ήδη με το γραφείο;"}, AnswerType.YES_NO),
            Ask(
                "topic",
                "Θέμα",
                {"el": "Ποιο θέμα αφορά;"},
                AnswerType.CHOICE,
                is_required=True,
                choices=(
                    Choice("work", {"el": "Εργατικό"}),
                    Choice("property", {"el": "Ακίνητα"}),
                    Choice("inheritance", {"el": "Κληρονομικά"}),
                    Choice("family", {"el": "Οικογενειακό"}),
                    Choice("business", {"el": "Εμπορικό"}),
                ),
            ),
            Ask(
                "has_deadline",
                "Προθεσμία",
                {"el": "Υπάρχει δικάσιμος ή προθεσμία;"},
                AnswerType.YES_NO,
                is_required=True,
                choices=(Choice("yes", {}, "deadline"), Choice("no", {}, "discretion")),
            ),
            Ask("deadline", "Ημερομηνία προθεσμίας", {"el": "Ποια ημερομηνία;"}, AnswerType.DATE, is_required=True),
            Say(
                "discretion",
                {
                    "el": "Δεν επιτρέπεται να σας δώσω νομικές συμβουλές τηλεφωνικά· "
                    "θα σας καλέσει δικηγόρος του γραφείου."
                },
            ),
            Act("message", "message", {"el": "Ονοματεπώνυμο και τηλέφωνο. Προθεσμία μέσα σε πέντε ημέρες: επείγον."}),
            Say(
                "thanks",
                {"el": "Σας ευχαριστώ, {caller.name}. Θα σας καλέσουμε μέσα σε οκτώ εργάσιμες ώρες. Να είστε καλά!"},
            ),
        ),
    ),
    tariff=DemoTariff(
        name="Ώρες γραφείου και εκτός ωραρίου",
        slots=(
            flat_slot("0", rates=[OUT_OF_HOURS]),
            flat_slot("0", rates=[IN_HOURS], weight=10, timing=OFFICE_DAYS | {"start_time": "08:00:00"}),
            flat_slot("0", rates=[OUT_OF_HOURS], weight=10, timing=OFFICE_DAYS | {"start_time": "18:00:00"}),
        ),
        wrap_up_seconds_billed_at_most=30,
        max_cost="15.00",
    ),
    owner=DemoUser("papadaki@dikaio.example", "Ελένη Παπαδάκη"),
    member=DemoUser("grammateia@dikaio.example", "Μαρία Κωνσταντίνου"),
    is_vip=True,
    names=Names(
        women=(
            ("Ελένη", "Μαρία", "Κατερίνα", "Βασιλική", "Σοφία", "Αγγελική", "Ιωάννα", "Δήμητρα", "Χριστίνα"),
            ("Νικολάου", "Παππά", "Βλάχου", "Οικονόμου", "Δημητρίου", "Μακρή", "Αλεξίου", "Σταύρου", "Καραγιάννη"),
        ),
        men=(
            ("Γιώργος", "Γιάννης", "Κώστας", "Δημήτρης", "Νίκος", "Παναγιώτης", "Βασίλης", "Θανάσης", "Μιχάλης"),
            ("Νικολάου", "Παππάς", "Βλάχος", "Οικονόμου", "Δημητρίου", "Μακρής", "Αλεξίου", "Σταύρου", "Καραγιάννης"),
        ),
    ),
    topics=(
        Topic(SECRETARIAT, "Ζητά ραντεβού για πρώτη συνάντηση, θέμα {matter}. Προτιμά {part}. {reach}"),
        Topic(SECRETARIAT, "Θέλει να μεταφέρει το ραντεβού από {day} στην επόμενη εβδομάδα, ίδια ώρα."),
        Topic(SECRETARIAT, "Ρωτά αν παραλάβατε τα έγγραφα που έστειλε με ταχυμεταφορά {day}. {reach}"),
        Topic(SECRETARIAT, "Ζητά αντίγραφο της απόφασης και της εξουσιοδότησης με e-mail."),
        Topic(SECRETARIAT, "Δικαστικός επιμελητής: έχει επίδοση για το γραφείο, ρωτά μέχρι τι ώρα είστε εκεί.", True),
        Topic(PARTNER, "Συνάδελφος δικηγόρος, για την υπόθεση με αριθμό {file}: πρόταση συμβιβασμού. {reach}"),
        Topic(
            PARTNER,
            "Η εταιρεία θέλει έλεγχο σύμβασης διανομής πριν από την υπογραφή, στις αρχές του μήνα.",
            answers={"topic": "business", "is_client": "yes", "has_deadline": "no"},
        ),
        Topic(PARTNER, "Πελάτης για τον φάκελο {file}: ήρθε εξώδικο {day}, ζητά να μιλήσει άμεσα μαζί σας.", True),
        Topic(
            LABOUR,
            "Απολύθηκε {day} χωρίς αποζημίωση. Ρωτά για την προθεσμία προσφυγής. {reach}",
            answers={"topic": "work", "has_deadline": "no"},
        ),
        Topic(
            LABOUR,
            "Ο εργοδότης οφείλει δύο μισθούς και το δώρο. Έχει ήδη κάνει καταγγελία στην επιθεώρηση εργασίας.",
            answers={"topic": "work", "has_deadline": "no"},
        ),
        Topic(LABOUR, "Επιχείρηση με 30 άτομα ζητά προσφορά για πάγια νομική συνεργασία σε εργατικά θέματα."),
        Topic(
            PROPERTY,
            "Ιδιοκτήτης: ο μισθωτής δεν πληρώνει τρεις μήνες. Θέλει να ξεκινήσει διαταγή απόδοσης. {reach}",
            answers={"topic": "property", "has_deadline": "no"},
        ),
        Topic(
            PROPERTY, "Αγοράζει διαμέρισμα, το συμβόλαιο είναι σε δύο εβδομάδες. Ζητά έλεγχο τίτλων στο κτηματολόγιο."
        ),
        Topic(
            PROPERTY,
            "Για δημοσίευση διαθήκης: τι δικαιολογητικά χρειάζονται και πόσο διαρκεί; {reach}",
            answers={"topic": "inheritance", "has_deadline": "no", "is_client": "no"},
        ),
        Topic(
            PROPERTY, "Λήγει η προθεσμία αποποίησης κληρονομιάς μέσα στην εβδομάδα. Παρακαλεί να καλέσετε σήμερα.", True
        ),
    ),
    words={
        "matter": (
            "κληρονομικό",
            "διαζύγιο",
            "οφειλή από επαγγελματική μίσθωση",
            "τροχαίο ατύχημα",
            "σύσταση εταιρείας",
        ),
        "part": ("πρωινές ώρες", "απόγευμα μετά τις 16:00", "οποιαδήποτε ημέρα εκτός Τετάρτης"),
        "day": ("τη Δευτέρα", "την Τρίτη", "την Τετάρτη", "την Πέμπτη", "την Παρασκευή"),
        "file": ("Α-1182", "Α-1207", "Β-0341", "Β-0356", "Γ-0090"),
        "reach": ("Να καλέσετε μετά τις 15:00.", "Καλέστε οποιαδήποτε ώρα.", "Προτιμά απάντηση με e-mail.", ""),
    },
    dispositions={
        Disposition.MESSAGE: 58,
        Disposition.INFORMED: 29,
        Disposition.WRONG_NUMBER: 5,
        Disposition.SPAM: 4,
        Disposition.HUNG_UP: 3,
    },
    call_back_notes=(
        "Έγινε επανάκληση, το μήνυμα διαβιβάστηκε στη γραμματεία.",
        "Έγινε επανάκληση, κλείστηκε ραντεβού.",
        "Έγιναν δύο κλήσεις, απάντησε στη δεύτερη.",
    ),
    no_number_note="Απόκρυψη αριθμού, δεν είναι δυνατή η επανάκληση.",
    caller_notes=("Μιλά και αγγλικά.", "Αντίδικος σε υπόθεση του γραφείου: μόνο μήνυμα.", "Βαρηκοΐα – μιλήστε αργά."),
    faq=(
        (
            "Πόσο κοστίζει η πρώτη συνάντηση;",
            "60 € με απόδειξη. Αν αναλάβουμε την υπόθεση, συμψηφίζεται με την αμοιβή.",
        ),
        (
            "Ποια είναι η προθεσμία για αποποίηση κληρονομιάς;",
            "Τέσσερις μήνες, για κατοίκους εξωτερικού ένας χρόνος. Τα υπόλοιπα ο δικηγόρος: σημειώστε το ως επείγον.",
        ),
        (
            "Γίνεται ραντεβού με βιντεοκλήση;",
            "Ναι, απογεύματα 15:00–18:00. Τον σύνδεσμο τον στέλνει η γραμματεία με e-mail.",
        ),
        ("Πού βρίσκεται το γραφείο;", "Οδός Παραδείγματος 8, τρίτος όροφος, δύο λεπτά από το μετρό Πανεπιστήμιο."),
        ("Αναλαμβάνετε ποινικές υποθέσεις;", "Όχι. Υπάρχει συνεργάτης ποινικολόγος: κρατήστε όνομα και τηλέφωνο."),
        (
            "Ποια έγγραφα χρειάζονται για δημοσίευση διαθήκης;",
            "Η διαθήκη, ληξιαρχική πράξη θανάτου και ταυτότητα. Για τα υπόλοιπα ενημερώνει ο κ. Αντωνίου.",
        ),
        ("Παραλαμβάνετε επιδόσεις;", "Ναι, στη γραμματεία, εργάσιμες ημέρες 9:00–14:00 και 15:00–18:00."),
    ),
    notices=(
        DemoNotice(
            "Η κ. Παπαδάκη λείπει αυτή την εβδομάδα σε δίκη στη Θεσσαλονίκη· τα επείγοντα στη γραμματεία.",
            timedelta(hours=-24),
            timedelta(hours=120),
        ),
        DemoNotice(
            "Αποχή δικηγόρων: το γραφείο είναι ανοιχτό, οι δικάσιμοι αναβάλλονται.",
            timedelta(hours=72),
            timedelta(hours=24),
            is_public=True,
        ),
    ),
)
