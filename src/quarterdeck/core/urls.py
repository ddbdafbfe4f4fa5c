"""Pages of the kernel."""

from django.urls import path

from quarterdeck.core import views

urlpatterns = [
    path("", views.home, name="home"),
    path("my-work/", views.my_work, name="my_work"),
    path("sign-in/<str:token>/", views.sign_in_link, name="sign_in_link"),
    path("account/", views.own_account, name="own_account"),
    path("jobs/<uuid:uid>/", views.job, name="job"),
    path("organisation/", views.organisation, name="organisation"),
    path("ledger/", views.ledger_page, name="ledger"),
    path("interface/", views.interface, name="interface"),
]
