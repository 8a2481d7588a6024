//! A case is taken only if all it needs is there: every page, every field, every signature, and a
//! cell for its originals. What cannot be finished here is not begun.

use super::Verdict;

/// A case at the moment in which it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    /// Pages and fields that its matter asks for and it does not have.
    pub n_pages_missing: usize,
    pub n_fields_missing: usize,
    pub n_signatures: usize,
    /// Its originals are to lie in a cell of this station.
    pub wants_cell: bool,
    /// Cells that stand empty.
    pub n_empty_cells: usize,
}

pub fn check(filing: Filing) -> Verdict {
    if filing.n_pages_missing > 0 {
        return Err(format!("a case is taken without {} of its pages", filing.n_pages_missing));
    }
    if filing.n_fields_missing > 0 {
        return Err(format!("a case is taken without {} of its fields", filing.n_fields_missing));
    }
    if filing.n_signatures == 0 {
        return Err("a case is taken that nobody signed".to_owned());
    }
    if filing.wants_cell && filing.n_empty_cells == 0 {
        return Err("a case is taken whose originals have no cell to lie in".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_missing_is_found() {
        let good = Filing {
            n_pages_missing: 0,
            n_fields_missing: 0,
            n_signatures: 1,
            wants_cell: true,
            n_empty_cells: 2,
        };
        assert_eq!(check(good), Ok(()));
        assert_eq!(check(Filing { wants_cell: false, n_empty_cells: 0, ..good }), Ok(()));
        assert!(check(Filing { n_pages_missing: 1, ..good }).is_err());
        assert!(check(Filing { n_fields_missing: 1, ..good }).is_err());
        assert!(check(Filing { n_signatures: 0, ..good }).is_err());
        assert!(check(Filing { n_empty_cells: 0, ..good }).is_err());
    }
}
