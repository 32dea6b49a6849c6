/// A set of causal depths, as runs of neighbours in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    /// First and last depth of each run.
    runs: Vec<(u32, u32)>,
}

impl Levels {
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Adds a depth; those of one strand come in ascending order, so mostly at the end.
    pub(super) fn add(&mut self, level: u32) {
        let at = match self.runs.last() {
            Some((_, last)) if *last < level => self.runs.len(),
            _ => self.runs.partition_point(|(_, last)| *last < level),
        };
        if self.runs.get(at).is_some_and(|(first, _)| *first <= level) {
            return;
        }
        let joins_next = self.runs.get(at).is_some_and(|(first, _)| *first == level + 1);
        let before = at.checked_sub(1).filter(|before| self.runs[*before].1 + 1 == level);
        match (before, joins_next) {
            (Some(before), true) => {
                self.runs[before].1 = self.runs[at].1;
                self.runs.remove(at);
            }
            (Some(before), false) => self.runs[before].1 = level,
            (None, true) => self.runs[at].0 = level,
            (None, false) => self.runs.insert(at, (level, level)),
        }
    }

    /// How many depths are in at least one of the sets.
    pub(super) fn union(sets: Vec<Levels>) -> u32 {
        let mut runs: Vec<(u32, u32)> = sets.into_iter().flat_map(|set| set.runs).collect();
        runs.sort_unstable();
        let (mut count, mut next) = (0, 0);
        for (first, last) in runs {
            let first = first.max(next);
            if first <= last {
                count += last - first + 1;
                next = last + 1;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_a_set(levels in prop::collection::vec(1u32..40, 0..60)) {
            let mut runs = Levels::default();
            levels.iter().for_each(|level| runs.add(*level));
            let known: std::collections::BTreeSet<u32> = levels.iter().copied().collect();
            let held: Vec<u32> = runs.runs.iter().flat_map(|(a, b)| *a..=*b).collect();
            prop_assert_eq!(&held, &known.iter().copied().collect::<Vec<_>>());
            prop_assert!(runs.runs.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
            let (some, rest) = levels.split_at(levels.len() / 3);
            let parts = [some, rest, some].map(|part| {
                let mut set = Levels::default();
                part.iter().for_each(|level| set.add(*level));
                set
            });
            prop_assert_eq!(Levels::union(parts.to_vec()), known.len() as u32);
        }
    }
}
