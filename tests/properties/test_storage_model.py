"""Any sequence of calls to the ledger and the outbox agrees with a model in plain Python."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.connection import connect_in_memory
from gateway.storage.inline import InlineDatabase
from gateway.storage.outbox import SqliteOutbox
from gateway.storage.transactions import SqliteTransactions
from gateway.transactions.ledger import (
    MAX_TRANSACTION_ID,
    Begun,
    Ended,
    StartRequest,
    StopRequest,
    Transaction,
    may_have_ended,
)
from gateway.upstream.backlog import Outgoing, StoredMessage
from tests.unit.storage.examples import NOON, message, start, stop

IDENTITIES: Final = ("CP-1", "CP-2")


@dataclass(frozen=True)
class Begin:
    start: StartRequest
    candidate_id: int
    reported: bool


@dataclass(frozen=True)
class End:
    stop: StopRequest
    reported: bool


@dataclass(frozen=True)
class Append:
    identity: str
    local_id: int | None


@dataclass(frozen=True)
class Deliver:
    identity: str
    cloud_id: int | None


@dataclass(frozen=True)
class Refuse:
    identity: str
    give_up: bool


@dataclass(frozen=True)
class Crash:
    """The process dies between two calls: a new database object over the same data."""


Call: TypeAlias = Begin | End | Append | Deliver | Refuse | Crash


@dataclass
class Model:
    """What the port's docstrings say, over lists."""

    ledger: list[Transaction] = field(default_factory=list)
    stops: dict[int, StopRequest] = field(default_factory=dict)
    orphans: list[StopRequest] = field(default_factory=list)
    outbox: list[tuple[Outgoing, int]] = field(default_factory=list)
    set_aside: list[tuple[str, int]] = field(default_factory=list)

    def find(self, local_id: int) -> Transaction | None:
        found = (t for t in self.ledger if t.local_transaction_id == local_id)
        return next(found, None)

    def update(self, changed: Transaction) -> None:
        self.ledger = [
            changed if t.local_transaction_id == changed.local_transaction_id else t
            for t in self.ledger
        ]

    def begin(self, request: StartRequest, candidate_id: int, report: Outgoing | None) -> Begun:
        for known in self.ledger:
            if (
                known.key == request.key
                and known.id_tag.lower() == request.id_tag.lower()
                and known.started_at == request.timestamp
                and known.meter_start_wh == request.meter_start_wh
            ):
                return Begun(known, fresh=False)
        while self.find(candidate_id) is not None:
            candidate_id = 1 if candidate_id == MAX_TRANSACTION_ID else candidate_id + 1
        new = Transaction(
            local_transaction_id=candidate_id,
            key=request.key,
            id_tag=request.id_tag,
            started_at=request.timestamp,
            meter_start_wh=request.meter_start_wh,
            cloud_transaction_id=None,
            stopped_at=None,
            meter_stop_wh=None,
            stop_reason=None,
            recorded_at=NOON,
        )
        self.ledger.append(new)
        if report is not None:
            self.outbox.append((replace(report, local_transaction_id=candidate_id), 0))
        return Begun(new, fresh=True)

    def end(self, request: StopRequest, report: Outgoing | None) -> Ended:
        known = self._meant(request)
        if known is None:
            fresh = self._orphan(request)
            if fresh and report is not None:
                self.outbox.append((replace(report, local_transaction_id=None), 0))
            return Ended(None, fresh)
        if known.stopped_at is not None:
            if self.stops[known.local_transaction_id] != request:
                self._orphan(request)
            return Ended(known, fresh=False)
        self.stops[known.local_transaction_id] = request
        ended = replace(
            known,
            stopped_at=request.timestamp,
            meter_stop_wh=request.meter_stop_wh,
            stop_reason=request.reason,
        )
        self.update(ended)
        if report is not None:
            report = replace(report, local_transaction_id=known.local_transaction_id)
            self.outbox.append((report, 0))
        return Ended(ended, fresh=True)

    def _meant(self, request: StopRequest) -> Transaction | None:
        if request.transaction_id != -1:
            known = self.find(request.transaction_id)
            return known if known and known.key.identity == request.identity else None
        same = [
            local_id
            for local_id, stopped in self.stops.items()
            if replace(stopped, transaction_id=-1) == request and request.id_tag is not None
        ]
        if same:
            return max((t for t in self.ledger if t.local_transaction_id in same), key=self._age)
        fitting = [t for t in self.ledger if may_have_ended(request, t)]
        return fitting[0] if len(fitting) == 1 else None

    def _age(self, transaction: Transaction) -> int:
        return [t.local_transaction_id for t in self.ledger].index(transaction.local_transaction_id)

    def _orphan(self, request: StopRequest) -> bool:
        if request in self.orphans:
            return False
        self.orphans.append(request)
        return True

    def head(self, identity: str) -> list[tuple[Outgoing, int, int | None]]:
        found = []
        for waiting, attempts in self.outbox:
            if waiting.identity == identity:
                of = self.find(waiting.local_transaction_id or 0)
                found.append((waiting, attempts, of.cloud_transaction_id if of else None))
        return found

    def deliver(self, identity: str, cloud_id: int | None) -> None:
        place = self._first(identity)
        of = self.find(self.outbox[place][0].local_transaction_id or 0)
        if of is not None and cloud_id is not None:
            self.update(replace(of, cloud_transaction_id=cloud_id))
        del self.outbox[place]

    def refuse(self, identity: str, *, give_up: bool) -> None:
        place = self._first(identity)
        waiting, attempts = self.outbox[place]
        self.outbox[place] = (waiting, attempts + 1)
        if give_up:
            self.set_aside.append((waiting.unique_id, attempts + 1))
            del self.outbox[place]

    def _first(self, identity: str) -> int:
        return next(n for n, (waiting, _) in enumerate(self.outbox) if waiting.identity == identity)


identities = st.sampled_from(IDENTITIES)
local_ids = st.sampled_from([1, 2, 3, MAX_TRANSACTION_ID - 1, MAX_TRANSACTION_ID])
any_ids = st.one_of(local_ids, st.sampled_from([-1, 0, 2**31, 2**63, 10**30]), st.integers())
cloud_ids = st.one_of(st.none(), st.sampled_from([1, 2, 2**63]))
starts = st.builds(
    start,
    identity=identities,
    connector_id=st.sampled_from([1, 2]),
    id_tag=st.sampled_from(["tag", "TAG", "other"]),
    timestamp=st.sampled_from(["2025", "2025Z"]),
    meter_start_wh=st.sampled_from([0, 2**63]),
)
stops = st.builds(
    stop,
    any_ids,
    identity=identities,
    id_tag=st.sampled_from([None, "", "tag"]),
    meter_stop_wh=st.sampled_from([5, -(2**70)]),
)
calls = st.one_of(
    st.builds(Begin, starts, local_ids, st.booleans()),
    st.builds(End, stops, st.booleans()),
    st.builds(Append, identities, st.one_of(st.none(), local_ids)),
    st.builds(Deliver, identities, cloud_ids),
    st.builds(Refuse, identities, st.booleans()),
    st.just(Crash()),
)


class Stores:
    """The real thing over one connection, and the model beside it."""

    def __init__(self) -> None:
        self.connection = connect_in_memory()
        self.model = Model()
        self.reopen()

    def reopen(self) -> None:
        self.database = InlineDatabase(self.connection)
        self.store = SqliteTransactions(self.database)
        self.outbox = SqliteOutbox(self.database)

    async def play(self, call: Call, number: int) -> None:
        """Make ``call`` to both and compare what they answer."""
        report = message(f"u{number}")
        match call:
            case Begin(request, candidate_id, reported):
                sent = replace(report, identity=request.key.identity) if reported else None
                begun = await self.store.begin(request, candidate_id, sent, NOON)
                assert begun == self.model.begin(request, candidate_id, sent)
            case End(request, reported):
                sent = replace(report, identity=request.identity) if reported else None
                assert await self.store.end(request, sent) == self.model.end(request, sent)
            case Append(identity, local_id):
                sent = replace(report, identity=identity, local_transaction_id=local_id)
                await self.outbox.append(sent)
                self.model.outbox.append((sent, 0))
            case Deliver(identity, cloud_id):
                if (seq := await self._first(identity)) is not None:
                    await self.outbox.delivered(seq, cloud_id)
                    self.model.deliver(identity, cloud_id)
            case Refuse(identity, give_up):
                if (seq := await self._first(identity)) is not None:
                    await self.outbox.refused(seq, "no", give_up=give_up)
                    self.model.refuse(identity, give_up=give_up)
            case Crash():
                await self.database.close()
                self.reopen()

    async def _first(self, identity: str) -> int | None:
        head = await self.outbox.head(identity, 1)
        return head[0].seq if head else None

    async def compare(self) -> None:
        """Everything that can be asked has the same answer."""
        model = self.model
        waiting: dict[str, int] = {}
        seqs: list[int] = []
        for identity in IDENTITIES:
            head = await self.outbox.head(identity, 1000)
            assert [plain(s) for s in head] == model.head(identity)
            assert [s.seq for s in head] == sorted(s.seq for s in head)
            seqs += [s.seq for s in head]
            if head:
                waiting[identity] = len(head)
        assert len(set(seqs)) == len(seqs)
        assert await self.outbox.waiting() == waiting
        for known in model.ledger:
            assert await self.store.find(known.local_transaction_id) == known
            if (cloud_id := known.cloud_transaction_id) is not None:
                newest = [
                    t
                    for t in model.ledger
                    if t.key.identity == known.key.identity and t.cloud_transaction_id == cloud_id
                ][-1]
                assert await self.store.find_by_cloud_id(known.key.identity, cloud_id) == newest
        still_open = [t for t in model.ledger if t.stopped_at is None]
        assert await self.store.open_transactions() == still_open
        assert await self.database.run(
            lambda db: db.execute("SELECT count(*) FROM orphan_stops").fetchone()[0]
        ) == len(model.orphans)
        rows = await self.database.run(
            lambda db: db.execute("SELECT unique_id, attempts FROM set_aside").fetchall()
        )
        assert sorted(tuple(row) for row in rows) == sorted(model.set_aside)


def plain(stored: StoredMessage) -> tuple[Outgoing, int, int | None]:
    return stored.message, stored.attempts, stored.cloud_transaction_id


@given(st.lists(calls, max_size=30))
def test_the_stores_do_what_their_ports_say(sequence: Sequence[Call]) -> None:
    async def main() -> None:
        stores = Stores()
        try:
            for number, call in enumerate(sequence):
                await stores.play(call, number)
            await stores.compare()
            await stores.database.close()
        finally:
            stores.connection.close()

    asyncio.run(main())
