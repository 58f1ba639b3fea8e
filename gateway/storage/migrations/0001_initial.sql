-- Instants of ours end in _at_us: microseconds since 1970, UTC. Instants that a charge point wrote are
-- its own text. Columns of type ANY hold integers that a peer chose; beyond 64 bits they are text.

PRAGMA application_id = 0x44504757; -- "DPGW"

-- The ledger. Rows are never deleted, so seq is the order in which starts were recorded.
CREATE TABLE transactions (
    seq INTEGER PRIMARY KEY,
    local_transaction_id INTEGER NOT NULL UNIQUE
        CHECK (local_transaction_id BETWEEN 1 AND 2147483647),
    identity TEXT NOT NULL,
    connector_id ANY NOT NULL,
    id_tag TEXT NOT NULL COLLATE NOCASE,
    started_at TEXT NOT NULL,
    meter_start_wh ANY NOT NULL,
    reservation_id ANY,
    recorded_at_us INTEGER NOT NULL,
    cloud_transaction_id ANY,
    stopped_at TEXT,
    meter_stop_wh ANY,
    stop_reason TEXT,
    stop_id_tag TEXT,
    -- A start that comes again with these five is the same start.
    UNIQUE (identity, connector_id, id_tag, started_at, meter_start_wh)
) STRICT;

CREATE INDEX transactions_open ON transactions (stopped_at) WHERE stopped_at IS NULL;

CREATE INDEX transactions_by_cloud_id ON transactions (identity, cloud_transaction_id)
    WHERE cloud_transaction_id IS NOT NULL;

-- Stops that closed nothing: of an id that this charge point never got from us, or
-- (local_transaction_id set) a second one, different from the stop in the ledger.
CREATE TABLE orphan_stops (
    seq INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    transaction_id ANY NOT NULL,
    id_tag TEXT,
    stopped_at TEXT NOT NULL,
    meter_stop_wh ANY NOT NULL,
    reason TEXT NOT NULL,
    local_transaction_id INTEGER
) STRICT;

CREATE INDEX orphan_stops_by_content ON orphan_stops (identity, stopped_at);

-- What waits for the cloud. AUTOINCREMENT: a seq never comes back, so an answer that is told twice
-- cannot remove a message that came later. No foreign key: a message is worth more than its link.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    identity TEXT NOT NULL,
    action TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    local_transaction_id INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX outbox_by_identity ON outbox (identity);

-- Messages that the cloud keeps refusing, for a person to look at.
CREATE TABLE set_aside (
    seq INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    action TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    local_transaction_id INTEGER,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- tag_key is the idTag in the form under which idTags are compared.
CREATE TABLE cached_tags (
    tag_key TEXT PRIMARY KEY,
    id_tag TEXT NOT NULL,
    status TEXT NOT NULL,
    parent_id_tag TEXT,
    expires_at_us INTEGER,
    believed_until_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- boot is the last BootNotification.req, as it was sent.
CREATE TABLE charge_points (
    identity TEXT PRIMARY KEY,
    boot BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The cloud's charging profiles, in the order in which they were given.
CREATE TABLE cloud_profiles (
    identity TEXT NOT NULL,
    position INTEGER NOT NULL,
    connector_id ANY NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (identity, position)
) STRICT, WITHOUT ROWID;
