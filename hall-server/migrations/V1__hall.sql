-- Times are milliseconds since 1970. Ids and digests are their bytes.
-- Rowid tables with unique indexes: text keys in WITHOUT ROWID tables halve the write rate.

CREATE TABLE stations (
    station   INTEGER PRIMARY KEY CHECK (station BETWEEN 1 AND 9999),
    name      TEXT NOT NULL,
    added_ms  INTEGER NOT NULL,
    -- Highest feed cursor the station has asked beyond: it holds everything up to here.
    feed_read INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE enrol_codes (
    id              INTEGER PRIMARY KEY,
    station         INTEGER NOT NULL REFERENCES stations,
    code_hash       TEXT NOT NULL,
    made_ms         INTEGER NOT NULL,
    expires_ms      INTEGER NOT NULL,
    attempts_left   INTEGER NOT NULL,
    used_ms         INTEGER,
    -- The request that used the code and its answer: the same request again gets the same answer.
    request_hash    BLOB,
    reply           TEXT
);
CREATE INDEX enrol_codes_by_station ON enrol_codes (station, id);

CREATE TABLE epochs (
    id      INTEGER PRIMARY KEY,
    epoch   BLOB NOT NULL UNIQUE,
    station INTEGER NOT NULL REFERENCES stations,
    made_ms INTEGER NOT NULL
);

CREATE TABLE certificates (
    id           INTEGER PRIMARY KEY,
    fingerprint  BLOB NOT NULL UNIQUE,
    station      INTEGER NOT NULL REFERENCES stations,
    epoch        BLOB NOT NULL,
    not_after_ms INTEGER NOT NULL,
    revoked_ms   INTEGER
);
CREATE INDEX certificates_by_station ON certificates (station);

CREATE TABLE receipt_blocks (
    id      INTEGER PRIMARY KEY,
    station INTEGER NOT NULL REFERENCES stations,
    epoch   BLOB NOT NULL,
    first   INTEGER NOT NULL,
    end     INTEGER NOT NULL CHECK (end > first)
);
CREATE UNIQUE INDEX receipt_blocks_once ON receipt_blocks (station, first);

CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    station     INTEGER NOT NULL,
    epoch       BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    -- 0, or the id of the held event that a person let in although its key was taken.
    from_held   INTEGER NOT NULL DEFAULT 0,
    case_id     BLOB NOT NULL,
    body_hash   BLOB NOT NULL,
    body        TEXT NOT NULL,
    received_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX events_once ON events (station, epoch, seq, from_held);

CREATE TABLE cases (
    id              INTEGER PRIMARY KEY,
    case_id         BLOB NOT NULL UNIQUE,
    event           INTEGER NOT NULL REFERENCES events,
    station         INTEGER NOT NULL,
    counter         INTEGER NOT NULL,
    receipt         TEXT NOT NULL,
    matter          TEXT NOT NULL,
    matter_name     TEXT NOT NULL,
    discreet        INTEGER NOT NULL,
    deposited_ms    INTEGER NOT NULL,
    clock_quality   TEXT NOT NULL,
    received_ms     INTEGER NOT NULL,
    -- From when the five working days run.
    clock_start_ms  INTEGER NOT NULL,
    originals       TEXT NOT NULL,
    handling        TEXT NOT NULL,
    handling_state  TEXT NOT NULL,
    revision        INTEGER NOT NULL,
    complete        INTEGER NOT NULL
);
CREATE INDEX cases_by_counter ON cases (station, counter);
CREATE INDEX cases_by_receipt ON cases (receipt);
CREATE INDEX cases_by_clock ON cases (handling_state, clock_start_ms);

CREATE TABLE scans (
    id      INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL,
    n       INTEGER NOT NULL,
    slot    TEXT NOT NULL,
    page    INTEGER NOT NULL,
    digest  BLOB NOT NULL,
    n_bytes INTEGER NOT NULL
);
CREATE UNIQUE INDEX scans_once ON scans (case_id, n);
CREATE INDEX scans_by_digest ON scans (digest);

-- Scan files whose digest was verified and whose bytes are on the disk.
CREATE TABLE blobs (
    id        INTEGER PRIMARY KEY,
    digest    BLOB NOT NULL UNIQUE,
    n_bytes   INTEGER NOT NULL,
    stored_ms INTEGER NOT NULL
);

CREATE TABLE held_events (
    id          INTEGER PRIMARY KEY,
    station     INTEGER NOT NULL,
    epoch       BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    case_id     BLOB NOT NULL,
    body_hash   BLOB NOT NULL,
    body        TEXT NOT NULL,
    code        TEXT NOT NULL,
    held_ms     INTEGER NOT NULL,
    settled_ms  INTEGER,
    settled_by  TEXT,
    -- `admitted` or `set_aside`.
    settled_as  TEXT,
    reason      TEXT
);
CREATE UNIQUE INDEX held_once ON held_events (station, epoch, seq, case_id, body_hash);
CREATE INDEX held_open ON held_events (settled_ms);

-- The last heartbeat of each epoch.
CREATE TABLE heartbeats (
    id       INTEGER PRIMARY KEY,
    epoch    BLOB NOT NULL UNIQUE,
    station  INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    n_outbox INTEGER NOT NULL,
    reader   TEXT NOT NULL,
    version  TEXT NOT NULL
);

CREATE TABLE audit_heads (
    id      INTEGER PRIMARY KEY,
    station INTEGER NOT NULL,
    epoch   BLOB NOT NULL,
    n_lines INTEGER NOT NULL,
    head    BLOB NOT NULL,
    at_ms   INTEGER NOT NULL
);
CREATE INDEX audit_heads_by_epoch ON audit_heads (epoch, id);
CREATE TRIGGER audit_heads_stay BEFORE UPDATE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'audit heads are append-only'); END;
CREATE TRIGGER audit_heads_keep BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'audit heads are append-only'); END;

CREATE TABLE feed (
    cursor  INTEGER PRIMARY KEY AUTOINCREMENT,
    station INTEGER NOT NULL,
    case_id BLOB NOT NULL,
    what    TEXT NOT NULL,
    at_ms   INTEGER NOT NULL
);
CREATE INDEX feed_by_station ON feed (station, cursor);

-- The hall's own hash chain.
CREATE TABLE audit_lines (
    n       INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    who     TEXT NOT NULL,
    kind    TEXT NOT NULL,
    case_id BLOB,
    detail  TEXT NOT NULL,
    hash    BLOB NOT NULL
);
CREATE INDEX audit_lines_by_case ON audit_lines (case_id, n) WHERE case_id IS NOT NULL;
CREATE TRIGGER audit_lines_stay BEFORE UPDATE ON audit_lines
BEGIN SELECT RAISE(ABORT, 'audit lines are append-only'); END;
CREATE TRIGGER audit_lines_keep BEFORE DELETE ON audit_lines
BEGIN SELECT RAISE(ABORT, 'audit lines are append-only'); END;

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    made_ms       INTEGER NOT NULL
);

CREATE TABLE account_links (
    id         INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    made_by    TEXT NOT NULL,
    made_ms    INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
);

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    account    INTEGER NOT NULL REFERENCES accounts,
    made_ms    INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL
);

-- Keyed by a hash of the name tried, so that unknown names are limited like known ones.
CREATE TABLE login_failures (
    id              INTEGER PRIMARY KEY,
    name_hash       BLOB NOT NULL UNIQUE,
    n_failures      INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL
);
