from calls.models.browser import BrowserCall, CallLeg, MediaExchange, Party
from calls.models.call import Call, Disposition
from calls.models.caller import Caller
from calls.models.events import CallEvent
from calls.models.offers import CallOffer, OfferOutcome

__all__ = [
    "BrowserCall",
    "Call",
    "CallEvent",
    "CallLeg",
    "CallOffer",
    "Caller",
    "Disposition",
    "MediaExchange",
    "OfferOutcome",
    "Party",
]
