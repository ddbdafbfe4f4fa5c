"""Signing in and out, and another password: pages of django-allauth, and our own for what follows."""

from allauth.account import views
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from quarterdeck.core.views import outside, sign_in

urlpatterns = [
    path("sign-in/", login_not_required(sign_in.SignIn.as_view()), name="account_login"),
    path("sign-in/passkey/", sign_in.by_passkey, name="sign_in_by_passkey"),
    path("sign-in/second-factor/", sign_in.ask_second_factor, name="mfa_authenticate"),
    path("continue/", outside.start, name="outside_start"),
    path("continue/back/", outside.back, name="outside_back"),
    path("sign-out/", login_not_required(views.logout), name="account_logout"),
    path("password/reset/", login_not_required(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", login_not_required(views.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/<str:uidb36>-<str:key>/",
        login_not_required(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        login_not_required(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("inactive/", login_not_required(views.account_inactive), name="account_inactive"),
]
