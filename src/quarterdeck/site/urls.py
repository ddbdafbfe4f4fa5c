"""Every address. Pages belong to their domain."""

from django.urls import include, path

from quarterdeck.site import health

urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("accounts/", include("quarterdeck.core.urls.accounts")),
    path("api/v1/", include("quarterdeck.site.api")),
    path("", include("quarterdeck.core.urls")),
    path("", include("quarterdeck.site.start.urls")),
    path("", include("quarterdeck.exchange.urls")),
    path("", include("quarterdeck.projects.urls")),
    path("", include("quarterdeck.reporting.urls")),
]
