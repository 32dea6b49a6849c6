//! Does the joint distribution of view elements depend on which of two inputs is used?
//!
//! Elements of small fields and bits are taken as they are, of larger ones the two lowest bits: a
//! few of them together repeat often enough for chi-square. Their magnitudes are compared as well,
//! which shows masks that are too short for what they hide.

use std::collections::BTreeMap;

use super::Unit;
use super::findings::{Compared, Outcome, Test};
use super::views::{Domain, Sample};
use crate::evidence::independence::{homogeneity, tuples};
use crate::evidence::two_sample::kolmogorov_smirnov;

/// Name of the test.
pub(super) const NAME: &str = "joint distribution";

/// Tuples of each size.
const TUPLES: usize = 300;
/// Larger fields are cut to their lowest bits.
const SMALL: u128 = 16;

/// Compares the classes of one pair of inputs.
pub(super) fn compare(
    unit: &Unit,
    pair: usize,
    classes: &[Vec<&Sample>; 2],
    seed: u64,
) -> Vec<Test> {
    let runs = classes[0].len().min(classes[1].len());
    let Some(first) = classes[0].first().filter(|_| runs > 1) else { return Vec::new() };
    let coarse = [0, 1].map(|class| -> Vec<Vec<u128>> {
        classes[class][..runs].iter().map(|sample| coarse(sample)).collect()
    });
    let width = coarse[0][0].len();
    if width == 0 {
        return Vec::new();
    }
    let chosen: Vec<Vec<usize>> =
        [1, 2, 3].into_iter().flat_map(|size| tuples(width, size, TUPLES, seed).tuples).collect();
    let algebra: Vec<String> = first.columns.keys().map(ToString::to_string).collect();
    let algebra = if algebra.is_empty() { "bytes".to_owned() } else { algebra.join(", ") };
    let samples = 2 * runs as u64;
    let outcome = match homogeneity([&coarse[0], &coarse[1]], &chosen) {
        Err(why) => Outcome::Undecided(why.to_string()),
        Ok(found) => {
            let mut all: Vec<Compared> = found
                .into_iter()
                .filter(|found| found.bins > 1)
                .map(|found| Compared {
                    what: format!("elements {} (pair {pair})", list(&found.columns)),
                    p_value: found.p_value,
                    detail: String::new(),
                })
                .collect();
            let domains = first.columns.keys().filter(|domain| is_large(**domain));
            all.extend(domains.flat_map(|domain| magnitudes(*domain, pair, classes)));
            Outcome::Compared(all)
        }
    };
    let note = "singles, pairs and triples of elements; of elements beyond 16 values the two \
                lowest bits and the magnitude";
    vec![Test { note: note.to_owned(), ..unit.test(NAME, &algebra, samples, outcome) }]
}

fn is_large(domain: Domain) -> bool {
    match domain {
        Domain::Prime(p) => p > SMALL,
        Domain::Ring(bits) => bits > 4,
        Domain::Bits => false,
    }
}

fn coarse(sample: &Sample) -> Vec<u128> {
    let of = |(domain, values): (&Domain, &Vec<u128>)| -> Vec<u128> {
        let mask = if is_large(*domain) { 3 } else { u128::MAX };
        values.iter().map(|value| value & mask).collect()
    };
    let elements = sample.columns.iter().flat_map(of);
    elements.chain(sample.opaque.iter().map(|byte| byte & 3)).collect()
}

/// Compares the distributions of whole elements by their order.
fn magnitudes(domain: Domain, pair: usize, classes: &[Vec<&Sample>; 2]) -> Vec<Compared> {
    let rows = [0, 1].map(|class| -> Vec<Vec<u128>> {
        classes[class].iter().map(|sample| sample.column(domain)).collect()
    });
    let width = rows[0].first().map_or(0, Vec::len);
    let compare = |at: usize| {
        let column = |rows: &Vec<Vec<u128>>| -> Vec<u128> {
            rows.iter().filter_map(|row| row.get(at).copied()).collect()
        };
        let [first, second] = [column(&rows[0]), column(&rows[1])];
        let [first, second] = ranks([&first, &second]);
        Compared {
            what: format!("magnitude of element {at} over {domain} (pair {pair})"),
            p_value: kolmogorov_smirnov(&first, &second).p_value,
            detail: String::new(),
        }
    };
    (0..width).map(compare).collect()
}

/// Places in the order of all values; equal values have one place.
fn ranks(columns: [&[u128]; 2]) -> [Vec<u64>; 2] {
    let mut order: BTreeMap<u128, u64> = columns.concat().into_iter().map(|v| (v, 0)).collect();
    order.values_mut().enumerate().for_each(|(at, rank)| *rank = at as u64);
    columns.map(|column| column.iter().map(|value| order[value]).collect())
}

fn list(columns: &[usize]) -> String {
    columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_keep_the_order_across_both_columns() {
        assert_eq!(ranks([&[5, 1, 9], &[1, u128::MAX]]), [vec![1, 0, 2], vec![0, 3]]);
    }
}
