//! Bounded integer combinations: whether `sum slope[i] * v[i]` can be a number.

use super::Answer;

/// Sums that are tabulated at most, times the number of terms.
const TABLE: u128 = 1 << 25;

/// One term: its `v` lies in `0..=width`, its slope is not zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) slope: i128,
    pub(super) width: u128,
}

/// Whether some integers give the sum, whatever their size: if the common divisor of the slopes
/// divides it.
pub(super) fn anywhere(terms: &[Term], sum: i128) -> Answer {
    match divisor(terms) {
        0 if sum == 0 => Answer::Yes,
        0 => Answer::No,
        divisor if sum.unsigned_abs().is_multiple_of(divisor) => Answer::Yes,
        _ => Answer::No,
    }
}

/// Whether integers within their widths give the sum.
pub(super) fn within(terms: &[Term], sum: i128) -> Answer {
    if anywhere(terms, sum) == Answer::No {
        return Answer::No;
    }
    bounded(terms, sum).unwrap_or(Answer::Unknown)
}

/// None if numbers do not fit.
fn bounded(terms: &[Term], sum: i128) -> Option<Answer> {
    // Counting a falling term from its upper end makes it rise.
    let mut rest = sum;
    let mut total = 0u128;
    for term in terms {
        let most = term.slope.unsigned_abs().checked_mul(term.width)?;
        total = total.checked_add(most)?;
        if term.slope < 0 {
            rest = rest.checked_add(i128::try_from(most).ok()?)?;
        }
    }
    let Ok(rest) = u128::try_from(rest) else { return Some(Answer::No) };
    if rest > total {
        return Some(Answer::No);
    }
    let divisor = divisor(terms).max(1);
    // From above it is as far as from below.
    let rest = rest.min(total - rest) / divisor;
    let mut rising: Vec<(u128, u128)> =
        terms.iter().map(|term| (term.slope.unsigned_abs() / divisor, term.width)).collect();
    rising.sort_unstable();
    if leaves_no_gap(&rising) {
        return Some(Answer::Yes);
    }
    (rest.checked_mul(terms.len() as u128)? <= TABLE).then(|| tabulated(&rising, rest as usize))
}

fn divisor(terms: &[Term]) -> u128 {
    terms.iter().fold(0, |divisor, term| gcd(divisor, term.slope.unsigned_abs()))
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Whether each slope is at most one more than all that the smaller ones give: then every sum up to
/// the largest is there.
fn leaves_no_gap(rising: &[(u128, u128)]) -> bool {
    let mut covered = 0u128;
    rising.iter().all(|(slope, width)| {
        let follows = *slope <= covered.saturating_add(1);
        covered = covered.saturating_add(slope.saturating_mul(*width));
        follows || *width == 0
    })
}

/// Which sums the first terms give, with one term more at a time.
fn tabulated(rising: &[(u128, u128)], sum: usize) -> Answer {
    let mut found = vec![false; sum + 1];
    found[0] = true;
    for (slope, width) in rising {
        let Ok(slope) = usize::try_from(*slope) else { continue };
        // How often the term was used to get to each new sum.
        let mut used = vec![0u128; sum + 1];
        for at in slope..=sum {
            if !found[at] && found[at - slope] && used[at - slope] < *width {
                found[at] = true;
                used[at] = used[at - slope] + 1;
            }
        }
    }
    if found[sum] { Answer::Yes } else { Answer::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(terms: &[(i128, u128)]) -> Vec<Term> {
        terms.iter().map(|(slope, width)| Term { slope: *slope, width: *width }).collect()
    }

    /// Against all combinations.
    #[test]
    fn sums_are_found_if_and_only_if_they_are_there() {
        for of in [
            &[(3, 2), (-5, 3)][..],
            &[(6, 4), (10, 2), (15, 1)],
            &[(1, 1), (2, 1), (4, 1), (-8, 1)],
            &[(7, 0), (4, 3)],
            &[(-9, 2), (-9, 1), (12, 3)],
        ] {
            let mut sums = std::collections::BTreeSet::from([0i128]);
            for (slope, width) in of {
                let all = (0..=*width).map(|v: u128| v.cast_signed() * slope);
                sums = all.flat_map(|part| sums.iter().map(move |sum| sum + part)).collect();
            }
            for sum in -80..=80 {
                let expected = if sums.contains(&sum) { Answer::Yes } else { Answer::No };
                assert_eq!(within(&terms(of), sum), expected, "{sum} of {of:?}");
            }
        }
    }

    #[test]
    fn what_is_too_large_to_tabulate_is_not_known() {
        let wide = terms(&[(3, 1 << 60), (5 << 40, 1 << 60)]);
        assert_eq!(within(&wide, 1 << 70), Answer::Unknown);
        assert_eq!(within(&wide, -1), Answer::No);
        assert_eq!(within(&terms(&[(1, 1 << 60), (1, 1 << 60)]), 1 << 60), Answer::Yes);
        assert_eq!(within(&terms(&[(i128::MIN, 1), (3, u128::MAX)]), 3), Answer::Unknown);
    }

    #[test]
    fn any_integers_give_multiples_of_the_common_divisor() {
        let of = terms(&[(6, 1), (-10, 1)]);
        assert_eq!([4, 5].map(|sum| anywhere(&of, sum)), [Answer::Yes, Answer::No]);
        assert_eq!([0, 1].map(|sum| anywhere(&[], sum)), [Answer::Yes, Answer::No]);
    }
}
