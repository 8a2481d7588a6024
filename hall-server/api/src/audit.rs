//! Written by the store's builder: see lib.rs.
