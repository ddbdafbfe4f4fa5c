"""The pages of django-allauth that are in use: sign-in, sign-out, passwords."""

from allauth.account import views
from django.contrib.auth.decorators import login_not_required
from django.urls import path

urlpatterns = [
    path("sign-in/", login_not_required(views.login), name="account_login"),
    path("sign-out/", login_not_required(views.logout), name="account_logout"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
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
    path("confirm/", views.reauthenticate, name="account_reauthenticate"),
]
