"""What the page's script says by itself, in the agent's language."""

from django.utils.translation import gettext as _


def page_words() -> dict[str, str]:
    """The sentences by the names under which static/js/console*.js ask for them; {braces} are filled there."""
    return {
        "incoming": _("Incoming call: {client}"),
        "saving": _("Saving…"),
        "saved": _("Saved {time}"),
        "notSaved": _("Not saved yet; kept in this window"),
        "restored": _("What you had typed here was restored."),
        "unsent": _("The message has not been sent. It is kept under Drafts."),
        "left": _("Characters left: {count}"),
        "over": _("Too long by {count} characters"),
        "sent": _("Message sent."),
        "closed": _("Closed: {result}"),
        "done": _("Done."),
        "onHold": _("On hold for {duration}. Say that you are still there."),
        "failed": _("The server could not do that. Try again; nothing is lost."),
        "away": _("The server cannot be reached. Try again in a moment; nothing is lost."),
        "refused": _(
            "The microphone is blocked. Allow it for this page in the browser's address bar, then answer again."
        ),
        "missing": _("No microphone was found. Plug in the headset, then answer again."),
        "busy": _("Another program is using the microphone. Close it, then answer again."),
        "telephoneMissing": _(
            "Calls from telephone numbers cannot be answered here: a part of the program is missing on the server. "
            "Tell your administrator."
        ),
        "telephoneNew": _(
            "Calls from telephone numbers can now come to you. Reload this page when you are free: "
            "until then you cannot answer them. What you type is kept."
        ),
        "telephoneAway": _(
            "The telephone is not connected: the caller could not hear you. It is being connected again by itself."
        ),
        "telephone.missing": _("Telephone not installed"),
        "telephone.connecting": _("Telephone connecting…"),
        "telephone.connected": _("Telephone connected"),
        "telephone.partly": _("Telephone: {connected} of {total} connected"),
        "telephone.lost": _("Telephone not connected"),
        "microphoneReady": _("Microphone ready"),
        "microphoneUnknown": _("Microphone not tested yet"),
        "ringMuted": _("Press any key so that this window may ring."),
        "audioLost": _("The audio was interrupted and is being restored."),
    }
