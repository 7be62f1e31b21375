from django.urls import path

from accounts.views import closing, data, events, linked, profile, security, sessions, tokens

app_name = "accounts"
urlpatterns = [
    path("", profile.profile, name="settings"),
    path("time-zone/", profile.time_zone, name="time-zone"),
    path("security/", security.security, name="security"),
    path("events/", events.recent, name="events"),
    path("sessions/", sessions.index, name="sessions"),
    path("sessions/end-others/", sessions.end_others, name="end-others"),
    path("sessions/end-everything/", sessions.end_everything, name="end-everything"),
    path("sessions/<int:pk>/end/", sessions.end, name="end-session"),
    path("sign-ins/<int:pk>/end/", sessions.end_sign_in, name="end-sign-in"),
    path("data/", data.data, name="data"),
    path("data/archive/", data.archive, name="archive"),
    path("keep/", closing.keep, name="keep"),
    path("linked/", linked.linked, name="linked"),
    path("linked/add/", linked.link, name="link"),
    path("linked/<int:number>/remove/", linked.unlink, name="unlink"),
    path("tokens/", tokens.index, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
]
