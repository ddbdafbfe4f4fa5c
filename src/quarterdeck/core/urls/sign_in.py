"""Signing in by link, one's own account, and the security log."""

from django.urls import path

from quarterdeck.core.views import account, invitations, security, sign_in, tokens

urlpatterns = [
    path("sign-in/<str:token>/", sign_in.sign_in_link, name="sign_in_link"),
    path("account/", account.own_account, name="own_account"),
    path("account/confirm/", security.confirm, name="confirm"),
    path("account/second-factor/", security.factors, name="second_factor"),
    path("account/second-factor/app/", security.app, name="second_factor_app"),
    path("account/second-factor/app/remove/", security.app_remove, name="second_factor_app_remove"),
    path("account/second-factor/codes/", security.codes_renew, name="recovery_codes_renew"),
    path("account/passkeys/add/", security.passkey_add, name="passkey_add"),
    path("account/passkeys/<int:number>/name/", security.passkey_rename, name="passkey_rename"),
    path("account/passkeys/<int:number>/remove/", security.passkey_remove, name="passkey_remove"),
    path("account/sessions/", security.own_sessions, name="sessions"),
    path("account/sessions/others/end/", security.sessions_end_others, name="sessions_end_others"),
    path("account/sessions/everywhere/", security.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/sessions/left/", security.session_left, name="session_left"),
    path("account/sessions/<uuid:uid>/end/", security.session_end, name="session_end"),
    path("account/tokens/", tokens.own_tokens, name="tokens"),
    path("account/tokens/<uuid:uid>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    path("invitations/", invitations.listed, name="invitations"),
    path("invitations/new/", invitations.new, name="invite"),
    path("invitations/<uuid:uid>/", invitations.one, name="invitation_one"),
    path("invitations/<uuid:uid>/again/", invitations.again, name="invitation_again"),
    path("invitations/<uuid:uid>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("people/<uuid:uid>/sign-in/", invitations.person_sign_in, name="person_sign_in"),
    path("people/<uuid:uid>/sign-in/<int:number>/<slug:act>/", invitations.account_act, name="account_act"),
    path("security/", security.security_log, name="security_log"),
]
