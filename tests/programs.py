"""Programs that some tests need and that a user's machine may lack."""

import os
import shutil

import pytest


def need(program: str, package: str) -> None:
    """Go on when ``program`` is installed; else skip and say why, or fail where CI is set."""
    if shutil.which(program) is not None:
        return
    why = f"{program} is not installed (Debian: apt-get install {package})"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
