use super::{InputDecl, Inputs, Name, Range};

/// One value that some input party brings.
#[derive(Clone, Debug)]
struct Cell {
    party: usize,
    name: Name,
    row: usize,
    range: Range,
}

/// All values that some columns may take, in a fixed order.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    cells: Vec<Cell>,
}

impl Domain {
    /// Everything that these columns may hold.
    pub(crate) fn of<'a>(decls: impl IntoIterator<Item = &'a InputDecl>) -> Self {
        let cells_of = |decl: &InputDecl| {
            let InputDecl { name, party, len, range, .. } = decl.clone();
            (0..len).map(move |row| Cell { party, name: name.clone(), row, range })
        };
        Domain { cells: decls.into_iter().flat_map(cells_of).collect() }
    }

    /// What each value may be, in the order of the columns.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range> + '_ {
        self.cells.iter().map(|cell| cell.range)
    }

    /// Writes values, in range or not, into columns that hold an assignment of this domain.
    pub(crate) fn set(&self, inputs: &mut [Inputs], values: &[i128]) {
        for (cell, value) in self.cells.iter().zip(values) {
            let party = inputs.get_mut(cell.party);
            let column = party.and_then(|columns| columns.integers_mut(&cell.name));
            if let Some(place) = column.and_then(|column| column.get_mut(cell.row)) {
                *place = *value;
            }
        }
    }

    /// Number of assignments; none if it does not fit in 128 bits.
    pub(crate) fn size(&self) -> Option<u128> {
        self.cells
            .iter()
            .try_fold(1u128, |size, cell| size.checked_mul(cell.range.width().checked_add(1)?))
    }

    /// Whether there are at most so many assignments.
    pub(crate) fn is_within(&self, limit: u64) -> bool {
        self.size().is_some_and(|size| size <= u128::from(limit))
    }

    /// Writes the first assignment: every value at the lower end of its range. Columns are made as
    /// long as needed; parties that are not there are left out.
    pub(crate) fn reset(&self, inputs: &mut [Inputs]) {
        for cell in &self.cells {
            let Some(columns) = inputs.get_mut(cell.party) else { continue };
            if columns.integers(&cell.name).is_none() {
                columns.insert(&*cell.name, Vec::new());
            }
            let Some(column) = columns.integers_mut(&cell.name) else { continue };
            column.resize(column.len().max(cell.row + 1), 0);
            column[cell.row] = cell.range.lo;
        }
    }

    /// Goes on to the next assignment like an odometer; false, and back at the first, after the
    /// last. The inputs have to hold an assignment of this domain.
    pub(crate) fn advance(&self, inputs: &mut [Inputs]) -> bool {
        for cell in &self.cells {
            let party = inputs.get_mut(cell.party);
            let column = party.and_then(|columns| columns.integers_mut(&cell.name));
            let Some(value) = column.and_then(|column| column.get_mut(cell.row)) else { continue };
            if *value < cell.range.hi {
                *value += 1;
                return true;
            }
            *value = cell.range.lo;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::program::Type;

    fn decl(party: usize, len: usize, range: Range) -> InputDecl {
        InputDecl { name: "v".into(), party, len, ty: Type::Int { bits: 100 }, range }
    }

    #[test]
    fn every_assignment_comes_once() {
        let decls = [decl(0, 2, Range::BIT), decl(2, 1, Range { lo: -1, hi: 1 })];
        let domain = Domain::of(&decls);
        assert_eq!(domain.size(), Some(12));
        assert!(domain.is_within(12) && !domain.is_within(11));
        let mut inputs = vec![Inputs::new(); 3];
        domain.reset(&mut inputs);
        let first = inputs.clone();
        let mut seen = BTreeSet::new();
        loop {
            assert!(inputs[1].is_empty(), "nothing is declared for party 1");
            assert!(seen.insert((inputs[0]["v"].to_vec(), inputs[2]["v"].to_vec())));
            if !domain.advance(&mut inputs) {
                break;
            }
        }
        assert_eq!(seen.len(), 12);
        assert_eq!(inputs, first);
    }

    #[test]
    fn nothing_has_one_assignment_and_too_much_none_that_fits() {
        assert_eq!(Domain::of(&[]).size(), Some(1));
        assert!(!Domain::of(&[]).advance(&mut []));
        let huge = Domain::of(&[decl(0, 2, Range::signed(100))]);
        assert_eq!(huge.size(), None);
        assert!(!huge.is_within(u64::MAX));
    }
}
