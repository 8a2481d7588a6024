-- Staff cards: their codes, who was given which, and that stations are told. Only adds: release
-- n - 1 runs on these tables.

CREATE TABLE staff_card_codes (
    id            INTEGER PRIMARY KEY,
    -- First group of the code: it comes without a name and is found by this.
    selector      TEXT NOT NULL,
    staff         TEXT NOT NULL,
    role          TEXT NOT NULL,
    code_hash     TEXT NOT NULL,
    made_ms       INTEGER NOT NULL,
    expires_ms    INTEGER NOT NULL,
    attempts_left INTEGER NOT NULL,
    used_ms       INTEGER,
    -- The request that used the code and its answer: the same request again gets the same answer.
    request_hash  BLOB,
    reply         TEXT
);
CREATE INDEX staff_card_codes_by_selector ON staff_card_codes (selector, id);
CREATE INDEX staff_card_codes_by_staff ON staff_card_codes (staff, id);

CREATE TABLE staff_cards (
    id           INTEGER PRIMARY KEY,
    card         BLOB NOT NULL UNIQUE,
    code         INTEGER NOT NULL REFERENCES staff_card_codes,
    staff        TEXT NOT NULL,
    role         TEXT NOT NULL,
    issued_ms    INTEGER NOT NULL,
    not_after_ms INTEGER NOT NULL,
    revoked_ms   INTEGER
);
CREATE INDEX staff_cards_by_staff ON staff_cards (staff);
CREATE INDEX staff_cards_revoked ON staff_cards (not_after_ms) WHERE revoked_ms IS NOT NULL;

-- Entries of kind `staff_cards` are about no case and lie under station 0, which release n - 1
-- reads for nobody: it would not know what to make of them. They are for this station, or for
-- every one where this is NULL.
ALTER TABLE feed ADD COLUMN for_station INTEGER;
CREATE INDEX feed_staff_cards ON feed (for_station, cursor) WHERE kind = 'staff_cards';

-- Highest schema the station said when it last asked for its feed.
ALTER TABLE stations ADD COLUMN feed_schema INTEGER NOT NULL DEFAULT 2;
