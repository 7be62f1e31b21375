from ledger.models.changes import Change
from ledger.models.recorded import Recorded

__all__ = ["Change", "Recorded"]
