"""What takes longer than a page may. Apps register how it is done in their AppConfig's `ready`.

    jobs.kinds["export"] = export          # export(job, tell) -> Outcome
    actions.jobs.ask(kind="export", user=user, by=user)

`tell(percent)` says how far it is. A worker that is killed half-way leaves the job to another,
which begins anew: so doing it twice has to end as doing it once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.models import Job


@dataclass(frozen=True)
class Outcome:
    """What a job leaves: facts to show, and a file in the default storage, kept until then."""

    report: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    expires_at: datetime | None = None


Tell = Callable[[int], None]
kinds: dict[str, Callable[[Job, Tell], Outcome]] = {}
