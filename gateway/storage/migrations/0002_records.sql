-- Small documents about charge points, read whole and written whole: what operations changed, boot
-- decisions, the cloud's local list. kind names the document; document is JSON.
CREATE TABLE documents (
    identity TEXT NOT NULL,
    kind TEXT NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (identity, kind)
) STRICT, WITHOUT ROWID;

-- Tags that people keep on this box, beside those of the site file. tag_key is the idTag in the form
-- under which idTags are compared. charge_points is a JSON array of identities; NULL means all.
CREATE TABLE tags (
    tag_key TEXT PRIMARY KEY,
    id_tag TEXT NOT NULL,
    status TEXT NOT NULL,
    parent_id_tag TEXT,
    expires_at_us INTEGER,
    name TEXT NOT NULL,
    charge_points TEXT
) STRICT, WITHOUT ROWID;
