//! Exact tests of independence in contingency tables, with no approximation for large counts.
//!
//! Given the margins, the table of two independent variables is that of a random permutation. If
//! the tables with these margins can be counted, the p-value is the probability of those that are
//! no likelier than the observed one (Fisher's exact test; Freeman and Halton, 1951, beyond two by
//! two). Otherwise each cell is tested exactly against its hypergeometric distribution and the
//! least p-value counts as often as there are cells (Bonferroni): still exact, and strong where a
//! cell stands out, as it does when an input is copied.

use std::collections::BTreeSet;

use statrs::function::factorial::{ln_binomial, ln_factorial};

/// Cells that a search through tables may fill before it gives way to the test by cells; well
/// below a second.
const FILLS: u64 = 2_000_000;

/// Probabilities closer than this are taken for equal; far above the rounding of their logarithms.
const TIE: f64 = 1e-7;

/// How a p-value was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By going through all tables with the same margins.
    Tables,
    /// By a test of each cell.
    Cells,
}

/// Result of an exact test of independence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Independence {
    /// Probability, if rows and columns are independent, of what is no likelier than this.
    pub p_value: f64,
    /// How it was computed.
    pub method: Method,
}

/// Tests whether two variables that were observed together are independent.
#[must_use]
pub fn independence(pairs: &[(u128, u128)]) -> Independence {
    let values = |pick: fn(&(u128, u128)) -> u128| -> Vec<u128> {
        pairs.iter().map(pick).collect::<BTreeSet<u128>>().into_iter().collect()
    };
    let (first, second) = (values(|pair| pair.0), values(|pair| pair.1));
    let mut counts = vec![vec![0u64; second.len()]; first.len()];
    for (a, b) in pairs {
        if let (Ok(a), Ok(b)) = (first.binary_search(a), second.binary_search(b)) {
            counts[a][b] += 1;
        }
    }
    table(&counts)
}

/// Tests whether rows and columns of a rectangular table of counts are independent.
#[must_use]
pub fn table(counts: &[Vec<u64>]) -> Independence {
    let margins = Margins::of(counts);
    let observed: f64 = -counts.iter().flatten().map(|count| ln_factorial(*count)).sum::<f64>();
    let mut tables = Tables {
        limit: observed + TIE,
        scale: margins.ln_scale(),
        fills: FILLS,
        columns: &margins.columns,
        p_value: 0.0,
    };
    let mut rows = margins.rows.clone();
    match tables.fill(&mut rows, 0, 0, margins.columns.first().copied().unwrap_or(0), 0.0) {
        Some(()) => Independence { p_value: tables.p_value.min(1.0), method: Method::Tables },
        None => Independence { p_value: by_cells(counts, &margins), method: Method::Cells },
    }
}

/// The least p-value that a two-sided permutation test of two samples can give: each of the ways to
/// split the pooled values is as likely, and the two extreme ones are as far from even.
#[must_use]
pub fn least_p_value(first: usize, second: usize) -> f64 {
    let splits = ln_binomial((first + second) as u64, first as u64);
    (2.0 * (-splits).exp()).min(1.0)
}

struct Margins {
    rows: Vec<u64>,
    columns: Vec<u64>,
    total: u64,
}

impl Margins {
    fn of(counts: &[Vec<u64>]) -> Self {
        let rows: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();
        let width = counts.first().map_or(0, Vec::len);
        let column = |at: usize| counts.iter().map(|row| row.get(at).copied().unwrap_or(0)).sum();
        let total = rows.iter().sum();
        Margins { rows, columns: (0..width).map(column).collect(), total }
    }

    /// A table's probability is e to this, over the product of its counts' factorials.
    fn ln_scale(&self) -> f64 {
        let margins = self.rows.iter().chain(&self.columns);
        margins.map(|margin| ln_factorial(*margin)).sum::<f64>() - ln_factorial(self.total)
    }
}

/// A walk through all tables with given margins, column by column.
struct Tables<'a> {
    /// Tables with a larger logarithm of their factorials' inverse are likelier than the observed.
    limit: f64,
    scale: f64,
    /// Cells that may still be filled.
    fills: u64,
    columns: &'a [u64],
    p_value: f64,
}

impl Tables<'_> {
    /// Fills a cell and what follows; `rows` and `column_left` are what the margins still need, and
    /// `ln` is the logarithm of the inverse factorials so far. `None` if there are too many tables.
    fn fill(
        &mut self,
        rows: &mut [u64],
        column: usize,
        row: usize,
        column_left: u64,
        ln: f64,
    ) -> Option<()> {
        self.fills = self.fills.checked_sub(1)?;
        if column + 1 >= self.columns.len() {
            let ln = ln - rows.iter().map(|left| ln_factorial(*left)).sum::<f64>();
            if ln <= self.limit {
                self.p_value += (self.scale + ln).exp();
            }
            return Some(());
        }
        if row + 1 == rows.len() {
            let Some(left) = rows[row].checked_sub(column_left) else { return Some(()) };
            let before = std::mem::replace(&mut rows[row], left);
            let ln = ln - ln_factorial(column_left);
            self.fill(rows, column + 1, 0, self.columns[column + 1], ln)?;
            rows[row] = before;
            return Some(());
        }
        let before = rows[row];
        // What the rows below cannot hold has to go here.
        let below: u64 = rows[row + 1..].iter().sum();
        for count in column_left.saturating_sub(below)..=before.min(column_left) {
            rows[row] = before - count;
            self.fill(rows, column, row + 1, column_left - count, ln - ln_factorial(count))?;
        }
        rows[row] = before;
        Some(())
    }
}

fn by_cells(counts: &[Vec<u64>], margins: &Margins) -> f64 {
    let mut least = 1.0f64;
    for (row, of_row) in counts.iter().zip(&margins.rows) {
        for (count, of_column) in row.iter().zip(&margins.columns) {
            least = least.min(cell_p_value(*count, *of_row, *of_column, margins.total));
        }
    }
    let cells = margins.rows.len() * margins.columns.len();
    (least * cells as f64).min(1.0)
}

/// Twice the smaller tail of a cell's hypergeometric distribution.
fn cell_p_value(count: u64, row: u64, column: u64, total: u64) -> f64 {
    let (low, high) = ((row + column).saturating_sub(total), row.min(column));
    let all = ln_binomial(total, column);
    let term = |k: u64| (ln_binomial(row, k) + ln_binomial(total - row, column - k) - all).exp();
    let (lower, upper): (f64, f64) =
        ((low..=count).map(term).sum(), (count..=high).map(term).sum());
    (2.0 * lower.min(upper)).min(1.0)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn close(found: Independence, p_value: f64, method: Method) {
        assert!((found.p_value / p_value - 1.0).abs() < 1e-6, "{found:?}, not {p_value}");
        assert_eq!(found.method, method);
    }

    /// Fisher's tea: 3 of 4 cups right is 34/70 two-sided, all right 2/70.
    #[test]
    fn two_by_two_is_fishers_exact_test() {
        close(table(&[vec![3, 1], vec![1, 3]]), 34.0 / 70.0, Method::Tables);
        close(table(&[vec![4, 0], vec![0, 4]]), 2.0 / 70.0, Method::Tables);
        close(table(&[vec![4, 4], vec![0, 0]]), 1.0, Method::Tables);
        close(table(&[]), 1.0, Method::Tables);
    }

    /// Three values, each seen twice with itself: 3! * 2!^3 * 2!^3 / (2!^3 * 6!) = 6/90 of the
    /// permutations give a table like that, and no table is less likely.
    #[test]
    fn larger_tables_follow_freeman_and_halton() {
        let diagonal = [vec![2, 0, 0], vec![0, 2, 0], vec![0, 0, 2]];
        close(table(&diagonal), 6.0 / 90.0, Method::Tables);
        let pairs = [(7, 1), (8, 2), (9, 3), (7, 1), (8, 2), (9, 3)];
        close(independence(&pairs), 6.0 / 90.0, Method::Tables);
    }

    /// Against all 7! permutations of one variable.
    #[test]
    fn p_values_are_those_of_all_permutations() {
        let (a, b) = ([0, 0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 0, 2u64]);
        let count = |b: &[u64]| {
            let mut counts = vec![vec![0; 3]; 3];
            a.iter().zip(b).for_each(|(a, b)| counts[*a][*b as usize] += 1);
            counts
        };
        let ln = |b: &[u64]| -count(b).iter().flatten().map(|c| ln_factorial(*c)).sum::<f64>();
        let (mut all, mut extreme, mut shuffled) = (0, 0, b.to_vec());
        permutations(&mut shuffled, 0, &mut |c| {
            all += 1;
            extreme += u32::from(ln(c) <= ln(&b) + 1e-9);
        });
        assert_eq!(all, 5040);
        close(table(&count(&b)), f64::from(extreme) / f64::from(all), Method::Tables);
    }

    fn permutations(values: &mut [u64], at: usize, visit: &mut impl FnMut(&[u64])) {
        if at == values.len() {
            return visit(values);
        }
        for other in at..values.len() {
            values.swap(at, other);
            permutations(values, at + 1, visit);
            values.swap(at, other);
        }
    }

    /// The control: a copied input is flagged whatever the domain, an independent one never.
    #[test]
    fn copies_are_flagged_and_independent_values_are_not() {
        for (domain, runs, method) in [(2, 60, Method::Tables), (16, 400, Method::Cells)] {
            for seed in 0..20 {
                let mut rng = ChaCha20Rng::seed_from_u64(seed);
                let mut draw = || u128::from(rng.next_u32() % domain);
                let fresh: Vec<(u128, u128)> = (0..runs).map(|_| (draw(), draw())).collect();
                let quiet = independence(&fresh);
                assert!(quiet.p_value > 1e-4 && quiet.method == method, "{quiet:?}");
                let copied: Vec<_> = fresh.iter().map(|(a, _)| (*a, a ^ 1)).collect();
                let flagged = independence(&copied);
                assert!(flagged.p_value < 1e-9 && flagged.method == method, "{flagged:?}");
            }
        }
    }

    #[test]
    fn a_permutation_test_cannot_be_surer_than_its_permutations() {
        assert!((least_p_value(4, 4) - 2.0 / 70.0).abs() < 1e-12);
        assert_eq!(least_p_value(1, 1), 1.0);
        assert_eq!(least_p_value(0, 5), 1.0);
        assert!(least_p_value(20, 20) < 1e-6);
    }
}
