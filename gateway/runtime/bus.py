"""The bus: facts to whoever wants them, in the order published. Listeners must return at once."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from gateway.events import Event

E = TypeVar("E")


class Bus:
    """Hands each event to every listener of its class, synchronously, in order of subscription."""

    def __init__(self) -> None:
        self._listeners: dict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every later event of exactly class ``kind``."""
        self._listeners[kind].append(listener)

    def publish(self, event: Event) -> None:
        """Tell all listeners. A listener puts work into its own mailbox; it never waits."""
        for listener in tuple(self._listeners[type(event)]):
            listener(event)
