from calls.models.answers import ScriptAnswer
from calls.models.browser import BrowserCall, CallLeg, MediaExchange, Party
from calls.models.call import Call, Disposition
from calls.models.caller import Caller, CallerChange, CallerChangeKind
from calls.models.events import CallEvent
from calls.models.offers import CallOffer, OfferOutcome
from calls.models.orders import CarrierOrder, Order, OrderOutcome
from calls.models.recordings import CallRecording
from calls.models.texts import TextMessage

__all__ = [
    "BrowserCall",
    "Call",
    "CallEvent",
    "CallLeg",
    "CallOffer",
    "CallRecording",
    "Caller",
    "CallerChange",
    "CallerChangeKind",
    "CarrierOrder",
    "Disposition",
    "MediaExchange",
    "OfferOutcome",
    "Order",
    "OrderOutcome",
    "Party",
    "ScriptAnswer",
    "TextMessage",
]
