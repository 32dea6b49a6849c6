//! What theorems allow a cheater, against what is claimed: a protocol whose parameters are too small
//! says so itself.

use mpclab_reports::battery::{Counts, Evidence, Family, GridCell, Judgement};
use mpclab_sim::vocabulary::{Guarantee, Observed};

use super::Target;

/// Name of the check.
const NAME: &str = "bounds of theorems";

/// Sums of powers of two, and of what is close to one, are rounded.
const ROUNDED: f64 = 1e-9;

/// Whether all bounds of a protocol add up to no more than `2^-sigma`; nothing where either is
/// missing.
pub(super) fn cell(target: &Target<'_>) -> Option<GridCell> {
    let sigma = target.claims().security.statistical()?;
    let bounds = target.soundness();
    let sum: f64 = bounds.iter().map(|bound| bound.probability).sum();
    let claimed = 0.5_f64.powi(sigma.cast_signed());
    if bounds.is_empty() {
        return None;
    }
    let is_met = sum <= claimed * (1.0 + ROUNDED);
    let observed = if is_met { Observed::Held } else { Observed::Broken };
    let worst = bounds.iter().max_by(|a, b| a.probability.total_cmp(&b.probability));
    let evidence = Evidence {
        case: worst.map_or_else(String::new, |bound| format!("{} ({})", bound.event, bound.source)),
        seed: target.prepared.plan.seed,
        coalition: Vec::new(),
        at: None,
        what_differed: format!(
            "at these parameters a cheater succeeds with a probability of {sum:.2e}, where \
             {claimed:.2e} is claimed"
        ),
        scenario: None,
        command: None,
    };
    let (held, broken) = (u64::from(is_met), u64::from(!is_met));
    Some(GridCell {
        family: Family::Soundness,
        attack: NAME.to_owned(),
        guarantee: Guarantee::Soundness,
        verdict: Judgement::new(true, observed),
        counts: Counts { cases: 1, held, broken, ..Counts::default() },
        reason: format!("{} of them add up to {sum:.2e}", bounds.len()),
        evidence: if is_met { Vec::new() } else { vec![evidence] },
    })
}
