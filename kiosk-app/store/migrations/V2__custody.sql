-- Custody: what lies in which cell, who opened which door, what the hall wants given out to whom.
--
-- Of what V1 says, two things are otherwise: session.number counts on over restarts, and of an
-- erased case only the filing's outbox.body is NULL.

-- HMAC of case and pick-up code under the owner key; NULL for a case filed without one. Outlives
-- the record, because the result comes after the record is erased.
ALTER TABLE cases ADD COLUMN pickup_hash BLOB CHECK (pickup_hash IS NULL OR length(pickup_hash) = 32);

-- A case has one event for its filing (cases.seq) and one for each move of its envelopes.
CREATE INDEX outbox_of_case ON outbox (case_id, seq);

-- Keyed hashes of the id numbers that the applicants named to collect the result.
CREATE TABLE case_collector (
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    case_id BLOB NOT NULL REFERENCES cases (id),
    PRIMARY KEY (hash, case_id)
) STRICT, WITHOUT ROWID;

-- What the record says of each cell; a door without a row is unknown.
CREATE TABLE cell (
    door     INTEGER PRIMARY KEY CHECK (door BETWEEN 1 AND 65535),
    state    TEXT    NOT NULL CHECK (state IN ('unknown', 'empty', 'holds', 'quarantined')),
    -- Why it is quarantined.
    doubt    TEXT,
    -- The envelope that lies there or, in a quarantined cell, may lie there.
    case_id  BLOB    CHECK (length(case_id) = 16),
    content  TEXT    CHECK (content IN ('materials', 'result', 'returned_originals')),
    order_id INTEGER,
    -- Service time.
    since    INTEGER,
    CHECK ((state = 'quarantined') = (doubt IS NOT NULL)),
    CHECK (state IN ('holds', 'quarantined') OR case_id IS NULL),
    CHECK (state <> 'holds' OR case_id IS NOT NULL),
    CHECK ((case_id IS NULL) = (content IS NULL) AND (case_id IS NULL) = (since IS NULL)),
    CHECK (order_id IS NULL OR case_id IS NOT NULL)
) STRICT;

-- Every permission to open a door, written before the door is asked. Rows stay for ever and
-- change once: when the permission ends.
CREATE TABLE authorisation (
    number   INTEGER PRIMARY KEY,
    door     INTEGER NOT NULL CHECK (door BETWEEN 1 AND 65535),
    act      TEXT    NOT NULL CHECK (act IN ('deposit', 'take_back', 'collect', 'take_out', 'put',
                                             'withdraw', 'look')),
    -- What the act is about: a case, an order, or for 'look' neither.
    case_id  BLOB    CHECK (length(case_id) = 16),
    order_id INTEGER,
    -- 'staff:' and the id, or 'citizen:' and the keyed hash of the id number.
    who      TEXT    NOT NULL CHECK (who LIKE 'staff:_%' OR who LIKE 'citizen:_%'),
    at       INTEGER NOT NULL,
    quality  TEXT    NOT NULL CHECK (quality IN ('unknown', 'held', 'synced')),
    -- NULL while it is open.
    how      TEXT    CHECK (how IN ('confirmed', 'again', 'not_opened', 'doubted')),
    doubt    TEXT,
    ended_at INTEGER,
    CHECK ((how IS NULL) = (ended_at IS NULL)),
    CHECK ((doubt IS NOT NULL) = (how IS NOT NULL AND how = 'doubted'))
) STRICT;
-- One door at a time (R5).
CREATE UNIQUE INDEX authorisation_open ON authorisation (how IS NULL) WHERE how IS NULL;
CREATE TRIGGER authorisation_is_not_removed BEFORE DELETE ON authorisation
BEGIN
    SELECT RAISE(ABORT, 'an authorisation is never removed');
END;
CREATE TRIGGER authorisation_ends_once BEFORE UPDATE ON authorisation
WHEN old.how IS NOT NULL
  OR (new.number, new.door, new.act, new.case_id, new.order_id, new.who, new.at, new.quality)
     IS NOT (old.number, old.door, old.act, old.case_id, old.order_id, old.who, old.at, old.quality)
BEGIN
    SELECT RAISE(ABORT, 'an authorisation changes once: when it ends');
END;

-- Envelopes that the hall wants given out here.
CREATE TABLE placing_order (
    -- The hall's number.
    id          INTEGER PRIMARY KEY,
    case_id     BLOB    NOT NULL REFERENCES cases (id),
    content     TEXT    NOT NULL CHECK (content IN ('materials', 'result', 'returned_originals')),
    release     TEXT    NOT NULL CHECK (release IN ('ordinary', 'important', 'not_in_locker')),
    size        TEXT    NOT NULL CHECK (size IN ('a4', 'a4_thick', 'a3')),
    recalled    INTEGER NOT NULL CHECK (recalled IN (0, 1)),
    -- When the envelope left for good, or it was clear that it never comes; NULL until then.
    gone_at     INTEGER
) STRICT;
CREATE INDEX placing_order_of_case ON placing_order (case_id, id);

-- Keyed hashes of the id numbers of everyone who may collect the envelope of an order.
CREATE TABLE order_collector (
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    order_id INTEGER NOT NULL REFERENCES placing_order (id),
    PRIMARY KEY (hash, order_id)
) STRICT, WITHOUT ROWID;

-- Wrong pick-up codes typed for a case since the hall last ordered something new for it.
CREATE TABLE wrong_code (
    case_id BLOB    PRIMARY KEY CHECK (length(case_id) = 16),
    n       INTEGER NOT NULL CHECK (n BETWEEN 1 AND 255)
) STRICT, WITHOUT ROWID;

-- 领取冻结. Not tied to a case of this store: a freeze travels before all else.
CREATE TABLE frozen (
    case_id BLOB PRIMARY KEY CHECK (length(case_id) = 16)
) STRICT, WITHOUT ROWID;

-- Every slip sent to the printer, written before the first byte.
CREATE TABLE print (
    number  INTEGER PRIMARY KEY,
    case_id BLOB    NOT NULL CHECK (length(case_id) = 16),
    slip    TEXT    NOT NULL CHECK (slip IN ('receipt', 'deposit', 'collection')),
    reprint INTEGER NOT NULL CHECK (reprint IN (0, 1)),
    at      INTEGER NOT NULL,
    -- NULL until it ended.
    how     TEXT    CHECK (how IN ('came_out', 'not_started', 'uncertain'))
) STRICT;
CREATE INDEX print_unsettled ON print (number) WHERE how IS NULL;

-- People who work at this station.
CREATE TABLE staff (
    id           TEXT    PRIMARY KEY,
    role         TEXT    NOT NULL CHECK (role IN ('courier', 'manager')),
    active       INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Argon2id, PHC string; NULL for somebody who may not sign in any more.
    pin_hash     TEXT,
    -- Wrong PINs in a row, and the service time before which nobody signs in under this id.
    failures     INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0,
    CHECK ((active = 1) = (pin_hash IS NOT NULL))
) STRICT, WITHOUT ROWID;
