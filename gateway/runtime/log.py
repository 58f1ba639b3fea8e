"""The log: one line an event, ``noun.past_verb key=value``, with journald priorities for a service.

The one rule: no peer can forge a second fact or a second line, whatever text it chose.
"""

import json
import logging
import os
import sys
import traceback
from typing import Final, TextIO

LONGEST_TEXT: Final = 120
OWN_LOGGERS: Final = ("gateway", "drivers")

QUIET: Final = {
    "aioftp": logging.ERROR,
    "aiosqlite": logging.WARNING,
    "asyncio": logging.WARNING,
    "pymodbus": logging.CRITICAL,
    "uvicorn": logging.WARNING,
    "websockets": logging.CRITICAL,
}
"""What libraries may say for themselves; the adapters tell what went wrong with a peer."""

PRIORITIES: Final = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}
"""sd-daemon(3)."""


def facts(**values: object) -> dict[str, dict[str, object]]:
    """What to pass as ``extra`` to a logging call, one ``key=value`` each, in the given order."""
    return {"facts": values}


def mask(id_tag: str) -> str:
    """An idTag for the log: enough to compare with a card at hand, too little to copy it."""
    shown = 3 if len(id_tag) >= 2 * 3 + 2 else 0
    return "***" + id_tag[len(id_tag) - shown :]


def plain(value: object) -> str:
    """``value`` for a log line: cut at 120 characters; quoted when it could be read as more."""
    text = str(round(value, 3) if isinstance(value, float) else value)
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    if text and text.isprintable() and not set(text) & set(' ="'):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable()).replace("\x7f", "\\u007f")


class LineFormatter(logging.Formatter):
    """Formats records as fact lines.

    Args:
        priorities: True for journald (``<6>`` first, no time); False for a person at a terminal.
    """

    def __init__(self, *, priorities: bool) -> None:
        super().__init__(datefmt="%H:%M:%S")
        self._priorities = priorities

    def format(self, record: logging.LogRecord) -> str:
        """One line; with a traceback, further lines that cannot be taken for events."""
        head = self._head(record)
        lines = [" ".join([head + _event(record), *_facts(record)])]
        if record.exc_info:
            told = "".join(traceback.format_exception(*record.exc_info))
            lines += [f"{head}| {_one_line(line)}" for line in told.splitlines()]
        return "\n".join(lines)

    def _head(self, record: logging.LogRecord) -> str:
        if self._priorities:
            level = max((known for known in PRIORITIES if known <= record.levelno), default=10)
            return f"<{PRIORITIES[level]}>"
        return f"{self.formatTime(record, self.datefmt)} {record.levelname:<8}"


def set_up(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every record from ``level`` up to ``stream`` (standard error), in place of what was set.

    Journald priorities are used when systemd listens (``JOURNAL_STREAM``) or nobody watches a
    terminal.
    """
    out = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(out)
    journal = "JOURNAL_STREAM" in os.environ or not out.isatty()
    handler.setFormatter(LineFormatter(priorities=journal))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


def _event(record: logging.LogRecord) -> str:
    return _one_line(record.getMessage()) if _is_ours(record) else "library.spoke"


def _facts(record: logging.LogRecord) -> list[str]:
    values: dict[str, object] = getattr(record, "facts", {})
    if not _is_ours(record):
        values = {"logger": record.name, "text": record.getMessage()}
    return [f"{key}={plain(value)}" for key, value in values.items()]


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OWN_LOGGERS


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
