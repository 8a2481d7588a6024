-- Staff sign in with cards: the station knows who may make them and which were taken back, and no
-- PIN any more. Whoever was locked out stays so.
CREATE TABLE staff_lockout (
    staff        TEXT    PRIMARY KEY,
    -- Wrong PINs in a row, and the service time before which this person does not sign in.
    failures     INTEGER NOT NULL CHECK (failures > 0),
    locked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO staff_lockout SELECT id, failures, locked_until FROM staff WHERE failures > 0;
DROP TABLE staff;

-- As the hall said last.
CREATE TABLE staff_anchor (
    place INTEGER PRIMARY KEY,
    -- Certificate of a staff CA.
    pem   TEXT NOT NULL
) STRICT;
CREATE TABLE staff_revoked (
    card BLOB PRIMARY KEY CHECK (length(card) = 16)
) STRICT, WITHOUT ROWID;
