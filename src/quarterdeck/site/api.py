"""The interface for programmes: each domain declares its operations, here they are put under one address."""

from quarterdeck.core.api import organisation, talk
from quarterdeck.core.api.interface import addresses, interface
from quarterdeck.core.api.lists import offer_lists
from quarterdeck.exchange import api as exchange
from quarterdeck.projects import api as projects

DECLARED = (organisation, talk, projects, exchange)
offer_lists()
INTERFACE = interface()
urlpatterns = addresses(INTERFACE)
