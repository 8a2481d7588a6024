-- Who had what where when. Only adds: release n - 1 runs on these tables.

-- How the case was decided, or `refused`; kept when handling goes on to collection.
ALTER TABLE cases ADD COLUMN outcome TEXT;
ALTER TABLE cases ADD COLUMN decided_on TEXT;
ALTER TABLE cases ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0;
UPDATE cases SET outcome = json_extract(handling, '$.outcome'),
    decided_on = json_extract(handling, '$.on') WHERE handling_state = 'decided';
UPDATE cases SET outcome = 'refused' WHERE handling_state = 'refused';
CREATE INDEX cases_frozen ON cases (id) WHERE frozen = 1;
-- Cases whose originals the hall or a cell has.
CREATE INDEX cases_with_originals ON cases (clock_start_ms, id)
    WHERE originals IN ('"in_cell"', '"taken_by_hall"', '"awaiting_return"');

-- A heartbeat of this station has had cells in it.
ALTER TABLE stations ADD COLUMN has_locker INTEGER NOT NULL DEFAULT 0;
-- The cells of the last heartbeat, as they came.
ALTER TABLE heartbeats ADD COLUMN cells TEXT NOT NULL DEFAULT '[]';

-- NULL for the kinds of release 1; `place`, `recall`, `freeze`.
ALTER TABLE feed ADD COLUMN kind TEXT;
ALTER TABLE feed ADD COLUMN order_id INTEGER;
CREATE INDEX feed_freezes ON feed (station, cursor) WHERE kind = 'freeze';

CREATE TABLE orders (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id      BLOB NOT NULL,
    station      INTEGER NOT NULL,
    content      TEXT NOT NULL,
    release      TEXT NOT NULL,
    size         TEXT NOT NULL,
    -- Who may take it, sealed to the hall's own key.
    collectors   BLOB NOT NULL,
    n_collectors INTEGER NOT NULL,
    state        TEXT NOT NULL,
    -- The cell it lies in, as long as it does.
    door         INTEGER,
    -- When and how the applicant changed to a cell, where another way had been chosen.
    changed      TEXT,
    ordered_by   TEXT NOT NULL,
    ordered_ms   INTEGER NOT NULL,
    -- Place of the order in the feed: a station that read beyond it knows the order.
    cursor       INTEGER NOT NULL,
    recalled_by  TEXT,
    recalled_ms  INTEGER,
    closed_ms    INTEGER
);
CREATE INDEX orders_by_case ON orders (case_id, id);
CREATE INDEX orders_open ON orders (id) WHERE closed_ms IS NULL;

CREATE TABLE custody_lines (
    id          INTEGER PRIMARY KEY,
    case_id     BLOB NOT NULL,
    content     TEXT NOT NULL,
    order_id    INTEGER REFERENCES orders,
    step        TEXT NOT NULL,
    station     INTEGER,
    door        INTEGER,
    -- `citizen`, `station`, `staff ID`, or the name of a clerk.
    who         TEXT NOT NULL,
    -- The second person where two are needed.
    second      TEXT,
    -- Who stood on the other side of the desk.
    courier     TEXT,
    at_ms       INTEGER NOT NULL,
    -- NULL: the hall's own clock.
    quality     TEXT,
    recorded_ms INTEGER NOT NULL,
    pages       INTEGER,
    fits        INTEGER,
    note        TEXT,
    -- To whom and why, sealed to the hall's own key.
    hand_out    BLOB,
    -- The line records only: the state lines of the case did not move with it.
    aside       INTEGER NOT NULL DEFAULT 0,
    event       INTEGER REFERENCES events
);
CREATE INDEX custody_by_case ON custody_lines (case_id, id);
CREATE INDEX custody_exceptions ON custody_lines (id)
    WHERE step IN ('no_place', 'too_late', 'unconfirmed', 'quarantined') OR fits = 0 OR aside = 1;
CREATE INDEX custody_by_hand ON custody_lines (id) WHERE step = 'handed_out';
CREATE TRIGGER custody_lines_stay BEFORE UPDATE ON custody_lines
BEGIN SELECT RAISE(ABORT, 'custody lines are append-only'); END;
CREATE TRIGGER custody_lines_keep BEFORE DELETE ON custody_lines
BEGIN SELECT RAISE(ABORT, 'custody lines are append-only'); END;

-- Envelopes between cell and desk, reckoned from the lines: the line since which each is away.
CREATE TABLE away (
    id       INTEGER PRIMARY KEY,
    case_id  BLOB NOT NULL,
    content  TEXT NOT NULL,
    -- 0 for materials.
    order_id INTEGER NOT NULL,
    line     INTEGER NOT NULL REFERENCES custody_lines,
    way      TEXT NOT NULL
);
CREATE UNIQUE INDEX away_once ON away (case_id, content, order_id);

-- Who has seen an exception.
CREATE TABLE custody_seen (
    line   INTEGER PRIMARY KEY REFERENCES custody_lines,
    who    TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    note   TEXT NOT NULL
);

CREATE TABLE freezes (
    id      INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL,
    frozen  INTEGER NOT NULL,
    who     TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    -- Its place in the feed; NULL where the station has no locker and nothing can be given out.
    cursor  INTEGER
);
CREATE INDEX freezes_by_case ON freezes (case_id, id);
CREATE TRIGGER freezes_stay BEFORE UPDATE ON freezes
BEGIN SELECT RAISE(ABORT, 'freezes are append-only'); END;
CREATE TRIGGER freezes_keep BEFORE DELETE ON freezes
BEGIN SELECT RAISE(ABORT, 'freezes are append-only'); END;
