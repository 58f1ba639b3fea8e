"""Who is connected. The newest link of an identity is the one that counts.

A charge point redials when its old socket died unseen (OCPP-J 1.6 §5), so a newcomer that was
admitted replaces the link before it.
"""

from typing import Generic, Protocol, TypeVar, runtime_checkable

S = TypeVar("S")


@runtime_checkable
class Addressed(Protocol):
    """A link that knows at which of our addresses it arrived."""

    @property
    def local_host(self) -> str | None:
        """Our address, as the peer reached it; None when that is not known."""
        ...


class Hub(Generic[S]):
    """The current session of each identity."""

    def __init__(self) -> None:
        self._sessions: dict[str, tuple[S, str | None]] = {}

    def arrive(self, identity: str, session: S, local_host: str | None = None) -> S | None:
        """Make ``session`` the current one; returns the one that it replaces.

        Args:
            local_host: The address at which it reached us, where that is known.
        """
        replaced = self.find(identity)
        self._sessions[identity] = (session, local_host)
        return replaced

    def leave(self, identity: str, session: S) -> bool:
        """Forget ``session``; True when it was the current one, so that the identity is offline."""
        if self.find(identity) is not session:
            return False
        del self._sessions[identity]
        return True

    def find(self, identity: str) -> S | None:
        """The current session of ``identity``; None while it is offline."""
        found = self._sessions.get(identity)
        return None if found is None else found[0]

    def local_host(self, identity: str) -> str | None:
        """The address at which ``identity`` reached us; None while it is offline."""
        found = self._sessions.get(identity)
        return None if found is None else found[1]

    def all(self) -> tuple[S, ...]:
        """Every current session."""
        return tuple(session for session, _ in self._sessions.values())
