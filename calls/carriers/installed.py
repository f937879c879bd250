"""The carriers that there are; imported once the models are loaded."""

from calls.carriers.browser.carrier import BrowserCarrier
from calls.carriers.registry import register_carrier
from calls.carriers.twilio.carrier import TwilioCarrier

register_carrier(BrowserCarrier())
register_carrier(TwilioCarrier())
