//! The last line of `run` and `attack`: how many verdicts stand in which way.

use mpclab_sim::vocabulary::{Observed, Standing};

/// `12 verdicts: 9 held, 3 out of claim (2 of them broken, which fails nothing)`.
pub(super) fn tally<'a>(
    what: &str,
    verdicts: impl Iterator<Item = (Standing, &'a Observed)>,
) -> String {
    let (mut held, mut violated, mut inconclusive) = (0u64, 0u64, 0u64);
    let (mut out, mut broken) = (0u64, 0u64);
    for (standing, observed) in verdicts {
        match standing {
            Standing::Held => held += 1,
            Standing::Violated => violated += 1,
            Standing::Inconclusive => inconclusive += 1,
            Standing::OutOfClaim => {
                out += 1;
                broken += u64::from(*observed == Observed::Broken);
            }
        }
    }
    let beyond = match broken {
        0 => String::new(),
        _ => format!(" ({broken} of them broken, which fails nothing)"),
    };
    let all = held + violated + inconclusive + out;
    format!(
        "{all} {what}: {held} held, {violated} violated, {inconclusive} inconclusive, {out} out of \
         claim{beyond}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_out_of_claim_is_counted_apart() {
        let (held, broken) = (Observed::Held, Observed::Broken);
        let verdicts = [
            (Standing::Held, &held),
            (Standing::Violated, &broken),
            (Standing::OutOfClaim, &held),
            (Standing::OutOfClaim, &broken),
        ];
        let told = tally("cells", verdicts.into_iter());
        assert_eq!(
            told,
            "4 cells: 1 held, 1 violated, 0 inconclusive, 2 out of claim (1 of them broken, which \
             fails nothing)"
        );
        assert_eq!(
            tally("verdicts", verdicts.into_iter().take(1)),
            "1 verdicts: 1 held, 0 violated, 0 inconclusive, 0 out of claim"
        );
    }
}
