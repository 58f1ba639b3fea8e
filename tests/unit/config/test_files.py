"""``[files]``."""

import pytest

from gateway.site.depot import FileListener
from tests.unit.config.files import SMALL, only_problem_of, problems_of, site_of

FILES = SMALL + "[files]\n"


def test_without_the_table_the_box_serves_no_files() -> None:
    assert site_of(SMALL).files is None


def test_an_empty_table_means_the_usual_values() -> None:
    assert site_of(FILES).files == FileListener()


def test_every_key_is_read() -> None:
    site = site_of(
        FILES + 'host = "127.0.0.1"\nport = 80\nftp_port = 21\npublic_host = "box.local"\n'
        "max_file_mb = 3\nquota_mb = 5\nkeep_days = 7\n"
    )
    mb = 1024 * 1024
    assert site.files == FileListener("127.0.0.1", 80, 21, "box.local", 3 * mb, 5 * mb, 7)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("port = 65536", "files.port: "),
        ("port = 9000", "files.port: 9000 is taken already (ocpp.port)"),
        ("port = 8080", "files.port: 8080 is taken already (web.port)"),
        ("ftp_port = 9000", "files.ftp_port: 9000 is taken already (ocpp.port)"),
        ("ftp_port = 9080", "files.ftp_port: 9080 is taken already (files.port)"),
        ('ftp_port = "21"', "files.ftp_port: "),
        ('host = "a/b"', "files.host: "),
        ('public_host = "http://box"', "files.public_host: "),
        ('public_host = ""', "files.public_host: is empty"),
        ("max_file_mb = 0", "files.max_file_mb: "),
        ("quota_mb = 1", "files.max_file_mb: is more than all files together"),
        ("keep_days = 0", "files.keep_days: "),
        (
            "keep_day = 5",
            'files.keep_day: is not a key that is known here; did you mean "keep_days"',
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_place(line: str, problem: str) -> None:
    assert only_problem_of(FILES + line + "\n").startswith(problem)


def test_ports_on_other_addresses_do_not_clash() -> None:
    apart = '[ocpp]\nhost = "192.168.1.5"\n[files]\nhost = "192.168.1.6"\nport = 9000\n'
    assert not problems_of(SMALL + apart)
    assert problems_of(SMALL + "[files]\nport = 0\nftp_port = 0\n") == []
