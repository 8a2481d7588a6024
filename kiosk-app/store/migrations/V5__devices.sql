-- What each part of the station said of itself last, so that another one in its place is noticed over
-- a restart, and whether staff have closed the station for a while.
CREATE TABLE device (
    part     TEXT PRIMARY KEY,
    identity TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row while it is closed.
CREATE TABLE maintenance (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    -- Milliseconds since 1970 UTC; NULL where the clock was not known.
    opens_at INTEGER
) STRICT;
