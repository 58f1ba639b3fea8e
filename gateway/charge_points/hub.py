"""Who is connected. The newest link of an identity is the one that counts.

A charge point redials when its old socket died unseen (OCPP-J 1.6 §5), so a newcomer that was
admitted replaces the link before it.
"""

from typing import Generic, TypeVar

S = TypeVar("S")


class Hub(Generic[S]):
    """The current session of each identity."""

    def __init__(self) -> None:
        self._sessions: dict[str, S] = {}

    def arrive(self, identity: str, session: S) -> S | None:
        """Make ``session`` the current one; returns the one that it replaces."""
        replaced = self._sessions.get(identity)
        self._sessions[identity] = session
        return replaced

    def leave(self, identity: str, session: S) -> bool:
        """Forget ``session``; True when it was the current one, so that the identity is offline."""
        if self._sessions.get(identity) is not session:
            return False
        del self._sessions[identity]
        return True

    def find(self, identity: str) -> S | None:
        """The current session of ``identity``; None while it is offline."""
        return self._sessions.get(identity)

    def all(self) -> tuple[S, ...]:
        """Every current session."""
        return tuple(self._sessions.values())
