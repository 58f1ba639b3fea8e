"""Tags, and the local authorization lists made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.authorization.decide import TagDecision
from gateway.ocpp.calls import Caller
from gateway.ocpp.v16.messages import IdTagInfo
from gateway.site.depot import Tag


class TagDesk(Protocol):
    """Decides tags."""

    def decide_now(self, identity: str, id_tag: str) -> TagDecision | None:
        """What is known on site without asking anybody; None when the cloud must be asked."""
        ...

    async def decide(self, identity: str, id_tag: str, request: bytes | None = None) -> TagDecision:
        """Ask every layer in turn; answers within the cloud's deadline.

        Args:
            request: The Authorize.req as it came, which is then what the cloud sees.
        """
        ...


class TagRegister(Protocol):
    """The tags that people keep on site."""

    def tags(self) -> Sequence[Tag]:
        """Those of the site file, then those kept on this box that the site file does not name."""
        ...

    async def change_tags(self, put: Sequence[Tag], remove: Sequence[str]) -> None:
        """Add or replace, and forget, tags kept on this box. Those of the site file stay in force.

        Raises:
            StorageFailed: Nothing was changed.
        """
        ...

    def local_list(self, identity: str) -> Mapping[str, IdTagInfo]:
        """What the local authorization list of this charge point is to say, by idTag: the tags kept
        on site that are valid there, and the list that the cloud sent it."""
        ...


class CloudLists(Protocol):
    """Keeps the local authorization lists that the cloud sends, one for each charge point.

    The charge point never sees them as they are: it gets one list, under our own versions.
    """

    async def send_local_list(self, identity: str, payload: bytes) -> bytes:
        """SendLocalList.req of the cloud to its conf."""
        ...

    def local_list_version(self, identity: str) -> bytes:
        """GetLocalListVersion.conf: the version that the cloud gave last; 0 without one."""
        ...


@dataclass(frozen=True, slots=True)
class ListSync:
    """What became of an attempt to bring a charge point's local list up to date.

    Args:
        outcome: ``up-to-date``, ``not-supported``, ``offline``, ``refused`` or ``no-answer``.
        version: The version that it holds now; None when unknown.
        sent: SendLocalList.req that were sent.
        left_out: idTags that found no room in it.
    """

    outcome: str
    version: int | None
    sent: int
    left_out: tuple[str, ...] = ()


class LocalListDesk(Protocol):
    """Brings local authorization lists up to date."""

    async def sync(self, identity: str, *, full: bool = False, caller: Caller) -> ListSync:
        """Send what is missing, or everything anew when ``full``."""
        ...
