//! What comes up several times, in time that grows no faster than sorting.

use std::collections::BTreeSet;

/// Values in the order in which they first appear, each once.
pub(crate) fn distinct<T: Ord + Clone>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut known = BTreeSet::new();
    values.into_iter().filter(|value| known.insert(value.clone())).collect()
}

/// Positions of equal values together, ascending, in the order in which values first appear.
pub(crate) fn alike<T: Ord>(values: &[T]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].cmp(&values[*b]));
    let equal = order.chunk_by(|a, b| values[*a] == values[*b]);
    let mut groups: Vec<Vec<usize>> = equal.map(<[usize]>::to_vec).collect();
    groups.sort_by_key(|group| group[0]);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_first() {
        let values = ["b", "a", "b", "c", "a"];
        assert_eq!(distinct(values), ["b", "a", "c"]);
        assert_eq!(alike(&values), [vec![0, 2], vec![1, 4], vec![3]]);
        assert!(alike::<u8>(&[]).is_empty());
    }
}
