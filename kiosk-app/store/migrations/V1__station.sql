-- One row: what is true of the whole store.
CREATE TABLE station (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    epoch         BLOB    NOT NULL CHECK (length(epoch) = 16),
    -- HMAC key of the owners' hashes.
    owner_key     BLOB    NOT NULL CHECK (length(owner_key) = 32),
    -- Name of the wrap key under which all record keys are wrapped.
    wrap_key_id   BLOB    NOT NULL CHECK (length(wrap_key_id) = 16),
    -- Last number given in the one ordered stream of events.
    last_seq      INTEGER NOT NULL DEFAULT 0,
    service_time  INTEGER NOT NULL DEFAULT 0,
    feed_cursor   INTEGER NOT NULL DEFAULT 0,
    -- First receipt counter not used.
    next_counter  INTEGER NOT NULL DEFAULT 0,
    n_audit       INTEGER NOT NULL DEFAULT 0,
    audit_head    BLOB    NOT NULL CHECK (length(audit_head) = 32)
) STRICT;

-- Blocks of receipt counters from the hall, first..end.
CREATE TABLE receipt_block (
    first_counter INTEGER PRIMARY KEY,
    end_counter   INTEGER NOT NULL CHECK (end_counter > first_counter)
) STRICT;

CREATE TABLE start (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    id      INTEGER PRIMARY KEY,
    -- The core's number; begins again with every start.
    number  INTEGER NOT NULL,
    opened  INTEGER NOT NULL,
    -- NULL while open.
    why     TEXT,
    -- Receipt of the case filed in it.
    filed   TEXT
) STRICT;

CREATE TABLE cases (
    id              BLOB    PRIMARY KEY CHECK (length(id) = 16),
    -- Place of its event in the stream; also the order of cases.
    seq             INTEGER NOT NULL UNIQUE,
    receipt         TEXT    NOT NULL UNIQUE,
    matter          TEXT    NOT NULL,
    matter_version  INTEGER NOT NULL,
    deposited       INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    -- The record under its record key, and that key under the wrap key. NULL once erased.
    sealed_record   BLOB,
    wrapped_key     BLOB,
    scans_delivered INTEGER NOT NULL CHECK (scans_delivered IN (0, 1)),
    finished        INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
    -- First service time stored after the hall had everything.
    complete_at     INTEGER,
    CHECK ((sealed_record IS NULL) = (wrapped_key IS NULL))
) STRICT;

-- Keyed hashes of the id numbers of everyone who may ask how a case stands.
CREATE TABLE owner (
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    case_id BLOB NOT NULL REFERENCES cases (id),
    PRIMARY KEY (hash, case_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
    id      INTEGER PRIMARY KEY,
    case_id BLOB    NOT NULL REFERENCES cases (id),
    at      INTEGER NOT NULL,
    what    TEXT    NOT NULL
) STRICT;
CREATE INDEX step_of_case ON step (case_id, id);

CREATE TABLE scan (
    digest  BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    case_id BLOB    NOT NULL REFERENCES cases (id),
    place   INTEGER NOT NULL,
    slot    TEXT    NOT NULL,
    page    INTEGER NOT NULL,
    n_bytes INTEGER NOT NULL,
    UNIQUE (case_id, place)
) STRICT;

CREATE TABLE outbox (
    seq       INTEGER PRIMARY KEY,
    case_id   BLOB    NOT NULL REFERENCES cases (id),
    -- JSON; NULL once the case is erased here.
    body      TEXT,
    body_hash BLOB    NOT NULL CHECK (length(body_hash) = 32),
    -- accepted, duplicate, held; NULL until the hall has answered.
    answer    TEXT    CHECK (answer IN ('accepted', 'duplicate', 'held')),
    -- The code of held.
    code      TEXT
) STRICT;
CREATE INDEX outbox_unsettled ON outbox (seq) WHERE answer IS NULL;

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    prev    BLOB    NOT NULL CHECK (length(prev) = 32),
    kind    TEXT    NOT NULL,
    case_id BLOB,
    session INTEGER,
    at      INTEGER NOT NULL,
    quality TEXT    NOT NULL CHECK (quality IN ('unknown', 'held', 'synced')),
    payload BLOB
) STRICT;
