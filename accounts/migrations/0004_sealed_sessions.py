"""Sessions as `tasklist.session_store` keeps them. Whoever is signed in stays so.

Release 0.1 knows none of these: whom one of its servers answers meanwhile signs in again.
"""

from django.contrib.sessions.backends.db import SessionStore as InClear
from django.db import migrations, transaction

from tasklist.session_store import LENGTH, SessionStore, row_key

BATCH = 500


def seal_sessions(apps, schema_editor):
    """Some at a time, so that nobody waits long for their row; and again where it was cut off."""
    Session, last = apps.get_model("sessions", "Session"), ""
    while keys := list(
        Session.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        last = keys[-1]
        seal(apps, keys)


@transaction.atomic
def seal(apps, keys):
    Session = apps.get_model("sessions", "Session")
    UserSession = apps.get_model("usersessions", "UserSession")
    keys = [key for key in keys if len(key) != LENGTH]  # the others are sealed already
    rows = list(Session.objects.select_for_update().filter(pk__in=keys))
    sealed = [
        Session(
            session_key=row_key(row.pk),
            session_data=SessionStore().encode(InClear().decode(row.session_data)),
            expire_date=row.expire_date,
        )
        for row in rows
    ]
    Session.objects.bulk_create(sealed)
    for key in keys:
        UserSession.objects.filter(session_key=key).update(session_key=row_key(key))
    Session.objects.filter(pk__in=keys).delete()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_every_way_in"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(seal_sessions, migrations.RunPython.noop, elidable=True)]
