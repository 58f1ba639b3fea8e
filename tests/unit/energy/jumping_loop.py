"""An event loop whose time jumps to the next deadline."""

import asyncio
import selectors


class JumpingSelector(selectors.DefaultSelector):
    """Never waits: what it would have waited is added to the loop's time."""

    jumped_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None:
            self.jumped_s += timeout
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop in virtual time."""

    def __init__(self) -> None:
        self.selector = JumpingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return 1000.0 + self.selector.jumped_s
