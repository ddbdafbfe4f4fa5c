"""The interface for programmes: each domain declares its operations, here they are put under one address."""

from quarterdeck.core.api.interface import addresses, interface
from quarterdeck.projects import api as projects

DOMAINS = (projects,)
INTERFACE = interface()
urlpatterns = addresses(INTERFACE)
