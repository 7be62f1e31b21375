from ledger.models.changes import Change
from ledger.models.deliveries import Delivery
from ledger.models.jobs import Job
from ledger.models.leases import Lease
from ledger.models.recorded import Recorded, Trashable

__all__ = ["Change", "Delivery", "Job", "Lease", "Recorded", "Trashable"]
