//! Which columns of a view tests look at, where it has more than they can take.
//!
//! What honest parties share is the sum of parts that stand in equal places of several messages, so
//! that columns chosen one by one seldom hold all of a relation. Half of a choice therefore takes
//! scope after scope, the first elements of all its messages before the second ones; the other half
//! is random. Windows are small choices beside it: neighbouring scopes with as much of each message.

use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha20Rng;

/// Elements of one algebra that belong together: a field of a message, or what one stream gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stratum {
    /// Number of the scope in the view, from 0; nothing for draws.
    pub(super) scope: Option<usize>,
    /// Elements, which follow those of the strata before.
    pub(super) count: usize,
}

/// Columns of a window, and windows of a view.
const WINDOW: usize = 64;
const MOST_WINDOWS: usize = 12;
/// Bits that stand beside elements as numbers: bits and elements of a window, and windows of a view.
const BITS: usize = 128;
const BESIDE: usize = 40;
const MOST_MIXED: usize = 6;

/// Places of columns that stand side by side in a stratum.
type Range = (usize, usize);

/// As many columns as tests look at: the same ones for equal strata and seeds, ascending.
pub(super) fn chosen(strata: &[Stratum], most: usize, seed: u64) -> Vec<usize> {
    let total: usize = strata.iter().map(|stratum| stratum.count).sum();
    if total <= most {
        return (0..total).collect();
    }
    let mut chosen = in_turn(&from_both_ends(groups(strata)), most / 2);
    let mut is_chosen = vec![false; total];
    chosen.iter().for_each(|at| is_chosen[*at] = true);
    let rest: Vec<usize> = (0..total).filter(|at| !is_chosen[*at]).collect();
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let more = index::sample(&mut rng, rest.len(), (most - chosen.len()).min(rest.len()));
    chosen.extend(more.into_iter().map(|at| rest[at]));
    chosen.sort_unstable();
    chosen
}

/// Small choices of messages' elements, neighbouring scopes together.
pub(super) fn windows(strata: &[Stratum]) -> Vec<Vec<usize>> {
    spread(packed(&messages(strata), WINDOW), MOST_WINDOWS)
}

/// Bits in windows, each to stand beside the same elements.
pub(super) fn mixed(elements: &[Stratum], bits: &[Stratum]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let beside = in_turn(&groups(elements), BESIDE);
    (beside, spread(packed(&messages(bits), BITS), MOST_MIXED))
}

/// Strata of equal scope, in their order; what one stream gave is a group of its own.
fn groups(strata: &[Stratum]) -> Vec<Vec<Range>> {
    let mut groups: Vec<(Option<usize>, Vec<Range>)> = Vec::new();
    let mut start = 0;
    for Stratum { scope, count } in strata {
        match groups.last_mut() {
            Some((last, group)) if scope.is_some() && last == scope => group.push((start, *count)),
            _ => groups.push((*scope, vec![(start, *count)])),
        }
        start += count;
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Groups of messages alone: draws come last.
fn messages(strata: &[Stratum]) -> Vec<Vec<Range>> {
    let messages = strata.iter().take_while(|stratum| stratum.scope.is_some());
    groups(&messages.copied().collect::<Vec<_>>())
}

/// The last group, the first, the last but one and so on: outputs and inputs come first.
fn from_both_ends(mut groups: Vec<Vec<Range>>) -> Vec<Vec<Range>> {
    let count = groups.len();
    let second = groups.split_off(count / 2);
    let mut ends = Vec::with_capacity(count);
    let (mut first, mut last) = (groups.into_iter(), second.into_iter().rev());
    for _ in 0..count.div_ceil(2) {
        ends.extend(last.next());
        ends.extend(first.next());
    }
    ends
}

/// The first elements of all groups, then the second ones, `most` in all. Of a group the elements
/// of one place are taken together or not at all.
fn in_turn(groups: &[Vec<Range>], most: usize) -> Vec<usize> {
    let mut chosen = Vec::with_capacity(most);
    for place in 0.. {
        let before = chosen.len();
        for group in groups {
            let there = group.iter().filter(|(_, count)| place < *count);
            if there.clone().count() <= most - chosen.len() {
                chosen.extend(there.map(|(start, _)| start + place));
            }
        }
        if chosen.len() == before {
            break;
        }
    }
    chosen
}

/// Windows of so many columns over neighbouring groups; each begins with the last group of the one
/// before, if both have room.
fn packed(groups: &[Vec<Range>], most: usize) -> Vec<Vec<usize>> {
    let mut windows: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<usize> = Vec::new();
    for group in groups {
        let mut own = in_turn(std::slice::from_ref(group), most);
        own.sort_unstable();
        match windows.last_mut() {
            Some(window) if window.len() + own.len() <= most => window.extend(&own),
            _ => {
                let before = Some(&last).filter(|last| last.len() + own.len() <= most);
                windows.push(before.into_iter().flatten().chain(&own).copied().collect());
            }
        }
        last = own;
    }
    windows
}

/// So many of them at most, the first and the last among them.
fn spread(windows: Vec<Vec<usize>>, most: usize) -> Vec<Vec<usize>> {
    let count = windows.len();
    if count <= most {
        return windows;
    }
    let kept = (0..most).map(|at| at * (count - 1) / (most - 1));
    kept.map(|at| windows[at].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three messages of 100 elements in each of these scopes, and two streams of 50 draws.
    fn view(scopes: usize) -> Vec<Stratum> {
        let messages = (0..3 * scopes).map(|at| Stratum { scope: Some(at / 3), count: 100 });
        messages.chain([Stratum { scope: None, count: 50 }; 2]).collect()
    }

    #[test]
    fn a_choice_has_equal_places_of_all_messages() {
        let all = view(4);
        let chosen_now = chosen(&all, 240, 5);
        assert!(chosen_now.len() == 240 && chosen_now.is_sorted());
        assert!(chosen_now.iter().all(|at| *at < 1300));
        assert_eq!(chosen_now, chosen(&all, 240, 5));
        assert_ne!(chosen_now, chosen(&all, 240, 6));
        // 120 columns are 8 places of 4 scopes and 2 streams, and some more.
        for place in 0..8 {
            for message in 0..12 {
                assert!(chosen_now.contains(&(100 * message + place)), "{message}, {place}");
            }
        }
        let few = [Stratum { scope: Some(0), count: 7 }];
        assert_eq!(chosen(&few, 240, 5), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn of_many_scopes_the_ends_come_first() {
        let chosen = chosen(&view(100), 240, 5);
        let all = |from: usize| (0..3).all(|message| chosen.contains(&(from + 100 * message)));
        assert!((0..15).all(|scope| all(300 * scope) && all(300 * (99 - scope))));
    }

    #[test]
    fn windows_are_of_neighbours() {
        let strata = [(0, 10), (0, 10), (1, 1), (1, 1), (2, 30), (2, 30), (3, 900)];
        let strata = strata.map(|(scope, count)| Stratum { scope: Some(scope), count });
        let found = windows(&strata);
        let range = |from: usize, count: usize| (from..from + count).collect::<Vec<_>>();
        assert_eq!(found, [range(0, 22), range(20, 62), range(82, 64)]);
        assert_eq!(windows(&view(200)).len(), MOST_WINDOWS);
    }

    #[test]
    fn bits_stand_beside_the_first_elements() {
        let elements = [Stratum { scope: Some(0), count: 30 }, Stratum { scope: None, count: 30 }];
        let bits = [Stratum { scope: Some(3), count: 64 }; 2];
        let (beside, windows) = mixed(&elements, &bits);
        assert_eq!(beside.len(), BESIDE);
        assert!((0..20).all(|at| beside.contains(&at) && beside.contains(&(30 + at))));
        assert_eq!(windows, [(0..128).collect::<Vec<_>>()]);
    }
}
