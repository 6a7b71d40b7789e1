"""The one way to a model: port, ledger, limits, money."""

from judge.call.ledger import Ledger, open_ledger
from judge.call.offline_provider import OfflineProvider
from judge.call.parking import Parked
from judge.call.port import Port, PortOptions
from judge.call.request import Attempt, CallFailure, CallRequest, Reply, Usage
from judge.call.retries import Retries
from judge.call.routing import check_routable

__all__ = [
    "Attempt",
    "CallFailure",
    "CallRequest",
    "Ledger",
    "OfflineProvider",
    "Parked",
    "Port",
    "PortOptions",
    "Reply",
    "Retries",
    "Usage",
    "check_routable",
    "open_ledger",
]
