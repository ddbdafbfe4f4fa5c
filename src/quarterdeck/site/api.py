"""The interface for programmes: each domain declares its operations, here they are put under one address."""

from django.urls import path

from quarterdeck.core.api import files, organisation, talk
from quarterdeck.core.api.docs import docs_view, schema_view
from quarterdeck.core.api.finding import offer_search
from quarterdeck.core.api.interface import addresses, interface
from quarterdeck.core.api.lists import offer_lists
from quarterdeck.exchange import api as exchange
from quarterdeck.projects import api as projects

DECLARED = (organisation, talk, files, projects, exchange)
offer_lists()
offer_search()
INTERFACE = interface()
urlpatterns = [
    path("docs", docs_view(INTERFACE), name="api_docs"),
    path("openapi.json", schema_view(INTERFACE), name="api_schema"),
    *addresses(INTERFACE),
]
