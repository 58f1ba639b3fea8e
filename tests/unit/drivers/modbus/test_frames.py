"""Which bytes an honest meter can have sent."""

from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU

from drivers.modbus.frames import plausible
from tests.unit.drivers.modbus.servers import answer

REQUEST = b"\x00\x05\x00\x00\x00\x06\x01\x04\x00\x00\x00\x12"


def test_a_whole_answer_and_each_beginning_of_it_are_plausible() -> None:
    whole = answer(REQUEST, [1, 2, 3])
    assert all(plausible(whole[:length]) for length in range(len(whole) + 1))
    assert plausible(whole + whole[:5])


def test_an_exception_is_plausible() -> None:
    assert plausible(REQUEST[:4] + b"\x00\x03\x01\x84\x02")


def test_transaction_0_and_other_functions_are_not() -> None:
    assert not plausible(answer(REQUEST, [1], tid=0))
    assert not plausible(answer(REQUEST, [1], function=16))


@given(st.binary(max_size=300), st.integers(1, 65535))
def test_the_library_decodes_whatever_is_let_through(junk: bytes, tid: int) -> None:
    header = tid.to_bytes(2, "big") + b"\x00\x00"
    framer = FramerSocket(DecodePDU(False))
    for data in (junk, header + junk, answer(REQUEST, [7], tid=tid) + junk):
        if plausible(data):
            framer.handleFrame(data, 1, tid)
