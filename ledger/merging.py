"""Two people edit one thing: what does not collide is merged, what does is shown to them."""

from collections.abc import Mapping
from typing import Any

from ledger.encoding import plain, same
from ledger.models import Change, Recorded

UNREAD = object()


class Conflict(Exception):
    """Somebody else changed the same fields meanwhile; nothing was written.

    `fields` is {name: the value it has now}; `merged` is what a form should hold to be
    sent again, against `version`: the writer's text where they wrote, the present value
    everywhere else.
    """

    def __init__(self, fields: Mapping[str, Any], merged: Mapping[str, Any], version: int) -> None:
        super().__init__(f"changed meanwhile: {', '.join(fields)}")
        self.fields = fields
        self.merged = merged
        self.version = version


def merge(
    row: Recorded,
    changes: Mapping[str, Any],
    *,
    since: int | None,
    beside: Mapping[str, Any] | None = None,
    together: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Those of `changes` that the writer really made after reading version `since`.

    Without a version, all of them. A field that somebody else wrote meanwhile and the writer
    left alone is dropped. `beside` are facts that are no columns of the row (a task's labels).
    Raises Conflict where both wrote different things: into one field, or into fields that
    only make sense `together`.
    """
    if since is None or since == row.version:
        return dict(changes)
    facts = {**row.facts(), **(beside or {})}
    now = {name: facts[name] for name in changes}
    wanted = {name: getattr(value, "pk", value) for name, value in changes.items()}
    read = values_read(row, now, since)
    mine = {name for name in wanted if not same(plain(wanted[name]), read[name])}
    theirs = {name for name in now if not same(plain(now[name]), read[name])}
    if together & mine and together & theirs:
        mine |= together & now.keys()
    collide = {name for name in mine & theirs if not same(plain(wanted[name]), plain(now[name]))}
    if collide:
        kept = {name: wanted[name] for name in mine}
        there = {name: now[name] for name in wanted if name in collide}
        raise Conflict(there, merged={**now, **kept}, version=row.version)
    return {name: changes[name] for name in changes if name in mine}


def values_read(row: Recorded, now: Mapping[str, Any], since: int) -> dict[str, Any]:
    """What the fields of `now` held at version `since`, in plain JSON.

    A version that never was (a forged form) has read nothing: every field that differs
    from now will collide, and nothing can be overwritten unseen.
    """
    if not 1 <= since < row.version:
        return dict.fromkeys(now, UNREAD)
    read = {name: plain(value) for name, value in now.items()}
    changes = Change.objects.about(row).since(since).values_list("changes", flat=True)
    for change in reversed(list(changes)):
        read |= {name: before for name, (before, _) in change.items() if name in read}
    return read
