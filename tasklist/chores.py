"""What a cache in the database has to be tidied of: it drops nothing itself before it is full."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ledger import housekeeping

DATABASE_CACHE = "django.core.cache.backends.db.DatabaseCache"
AT_A_TIME = 100  # of them some are files of 1 MB


def register() -> None:
    hour = timedelta(hours=1)
    housekeeping.register("delete what is too old in the cache", every=hour, do=delete_expired)


def delete_expired() -> None:
    """What nobody gets from it any more, in short statements that keep nobody waiting."""
    now = timezone.now()
    for cache in settings.CACHES.values():
        if cache["BACKEND"] == DATABASE_CACHE:
            while delete_some(cache["LOCATION"], before=now) == AT_A_TIME:
                pass


def delete_some(name: str, *, before: datetime) -> int:
    """How many were deleted of this table, whose columns are those of `createcachetable`."""
    table = connection.ops.quote_name(name)
    moment = connection.ops.adapt_datetimefield_value(before)
    old = f"SELECT cache_key FROM {table} WHERE expires < %s LIMIT {AT_A_TIME}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(old, [moment])
        keys = [key for (key,) in cursor.fetchall()]
        if keys:  # what was written anew meanwhile stays
            these = ", ".join(["%s"] * len(keys))
            delete = f"DELETE FROM {table} WHERE expires < %s AND cache_key IN ({these})"  # noqa: S608
            cursor.execute(delete, [moment, *keys])
    return len(keys)
