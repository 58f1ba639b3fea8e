"""The two kinds of file on the box, and the two ways to them.

The one rule: each has one spelling, used on disk, in records and in the API alike.
"""

from typing import Final

FIRMWARE: Final = "firmware"
"""A person stored it; charge points fetch it."""

UPLOAD: Final = "upload"
"""A charge point left it; people fetch it."""

HTTP: Final = "http"
FTP: Final = "ftp"
