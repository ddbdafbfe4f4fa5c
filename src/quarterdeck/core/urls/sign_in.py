"""Signing in and one's own account."""

from django.urls import path

from quarterdeck.core.views import account

urlpatterns = [
    path("sign-in/<str:token>/", account.sign_in_link, name="sign_in_link"),
    path("account/", account.own_account, name="own_account"),
]
