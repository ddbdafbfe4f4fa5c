"""Comments, files, watching, notifications, mail."""

from django.urls import path

from quarterdeck.core.views import files, mails, notifications, talk

urlpatterns = [
    path("about/<slug:kind>/<str:key>/talk/", talk.talk, name="talk"),
    path("about/<slug:kind>/<str:key>/talk/people/", talk.people_to_name, name="people_to_name"),
    path("about/<slug:kind>/<str:key>/watch/", talk.watch, name="watch"),
    path("comments/<uuid:uid>/", talk.comment, name="comment"),
    path("comments/<uuid:uid>/change/", talk.change_comment, name="change_comment"),
    path("comments/<uuid:uid>/withdraw/", talk.withdraw_comment, name="withdraw_comment"),
    path("about/<slug:kind>/<str:key>/files/", files.files, name="files"),
    path("about/<slug:kind>/<str:key>/files/add/", files.add_file, name="add_file"),
    path("about/<slug:kind>/<str:key>/files/link/", files.add_document, name="add_document"),
    path("files/<uuid:uid>/", files.download, name="file"),
    path("files/<uuid:uid>/remove/", files.remove_file, name="remove_file"),
    path("files/<uuid:uid>/bring-back/", files.bring_back_file, name="bring_back_file"),
    path("documents/<uuid:uid>/remove/", files.remove_document, name="remove_document"),
    path("documents/<uuid:uid>/bring-back/", files.bring_back_document, name="bring_back_document"),
    path("watching/", notifications.watching, name="watching"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/choices/", notifications.choices, name="message_choices"),
    path("notifications/<uuid:uid>/", notifications.notification, name="notification"),
    path("mails/", mails.mails, name="mails"),
    path("mails/<uuid:uid>/", mails.mail, name="mail"),
]
