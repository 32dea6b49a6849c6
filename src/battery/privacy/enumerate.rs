//! Exact privacy in small fields: views for every choice of all random draws.

use std::sync::Arc;

use mpclab_reports::battery::Family;
use mpclab_sim::vocabulary::{Guarantee, PartyId, Security};
use mpclab_sim::wire::Algebra;
use rayon::prelude::*;

use super::findings::{Outcome, Test};
use super::observe::{Observation, observe, public_keys};
use super::tape::{Odometer, Recorder};
use super::tiny::{Hidden, Tiny, Variant};
use super::views::drawn;
use super::{Probe, SETS};
use crate::evidence::exact::{Difference, Distribution, first_difference, weight};
use crate::runner::Subject;

/// Name of the test.
const NAME: &str = "exact enumeration";

/// Branches of one protocol on one function, over all inputs. [`MOST_BRANCHES`] are feasible, but
/// take minutes.
pub(super) const BRANCHES: u64 = 200_000;
/// The same where two products are side by side.
const BRANCHES_OF_TWO: u64 = 40_000;
/// The run whose keys are used.
const KEYS: u32 = 1;
/// Other keys with which a difference has to repeat.
const REPEATS: u32 = 12;
/// Branches beyond which nothing is enumerated.
pub(super) const MOST_BRANCHES: u64 = 10_000_000;

/// Fields in order of preference; the scenario's own is the last.
const FIELDS: [Option<&str>; 3] = [Some("p3"), Some("p7"), None];

/// Enumerates the protocol on tiny functions, among as many parties as is affordable.
pub(super) fn tests(probe: &Probe<'_>) -> Vec<Test> {
    let (mut tests, mut reasons) = (Vec::new(), Vec::new());
    let one = [Tiny::Product, Tiny::Difference, Tiny::Nested].map(|tiny| (tiny, BRANCHES));
    let two = [Tiny::Beside, Tiny::BitsBeside, Tiny::Crossed].map(|tiny| (tiny, BRANCHES_OF_TWO));
    for (tiny, most) in one.into_iter().chain(two) {
        match of_function(probe, tiny, most) {
            Ok(of_function) => tests.extend(of_function),
            Err(why) => reasons.extend(why),
        }
    }
    if !tests.is_empty() {
        return tests;
    }
    reasons.dedup();
    vec![Test {
        family: Family::Privacy,
        name: NAME.to_owned(),
        guarantee: Guarantee::Privacy,
        claimed: true,
        coalition: Vec::new(),
        algebra: "none".to_owned(),
        samples: 0,
        note: String::new(),
        outcome: Outcome::Undecided(reasons.join("; ")),
    }]
}

/// Tests on one function, or all that stands against them.
fn of_function(probe: &Probe<'_>, tiny: Tiny, most: u64) -> Result<Vec<Test>, Vec<String>> {
    let mut reasons: Vec<String> = Vec::new();
    for n in [3, 2].into_iter().filter(|n| *n <= probe.target.n().max(2)) {
        for field in FIELDS {
            let found = probe.variant(tiny, n, field).and_then(|variant| {
                let enumerated = enumerate(probe, &variant, most)?;
                Ok(compare(probe, &variant, &enumerated))
            });
            match found {
                Ok(tests) => return Ok(tests),
                Err(why) if !reasons.contains(&why) => reasons.push(why),
                Err(_) => {}
            }
        }
    }
    Err(reasons)
}

/// Views of all coalitions for all inputs that matter.
pub(super) struct Enumerated {
    hidden: Vec<Hidden>,
    /// Inputs, the branches of each, and the view of each coalition.
    inputs: Vec<([i128; 2], u64, Vec<Distribution>)>,
    /// Whether bytes are drawn, such as keys, that are the same in all branches.
    has_bytes: bool,
}

/// Takes every branch, unless there are more than `most` over all inputs.
///
/// # Errors
/// Why it can't be done.
pub(super) fn enumerate(
    probe: &Probe<'_>,
    variant: &Variant,
    most: u64,
) -> Result<Enumerated, String> {
    let hidden = variant.hidden();
    let mut inputs: Vec<[i128; 2]> =
        hidden.iter().flat_map(|hidden| hidden.classes.concat()).collect();
    inputs.sort_unstable();
    inputs.dedup();
    if inputs.is_empty() {
        return Err("nothing is hidden from the coalitions that the claims cover".to_owned());
    }
    let most = most.min(MOST_BRANCHES) / inputs.len() as u64;
    let coalitions: Vec<&[PartyId]> = hidden.iter().map(|one| one.coalition.as_slice()).collect();
    let of = Enumeration { probe, variant, most, keys: KEYS, encode };
    let all: Vec<Result<_, String>> =
        inputs.par_iter().map(|bits| Ok((*bits, of.branches(*bits, &coalitions)?))).collect();
    let mut enumerated = Enumerated { hidden: Vec::new(), inputs: Vec::new(), has_bytes: false };
    for one in all {
        let (bits, Branches { count, views, has_bytes }) = one?;
        enumerated.inputs.push((bits, count, views));
        enumerated.has_bytes |= has_bytes;
    }
    Ok(Enumerated { hidden, ..enumerated })
}

/// All branches for some inputs.
struct Branches {
    count: u64,
    /// By coalition.
    views: Vec<Distribution>,
    has_bytes: bool,
}

/// What is enumerated, and how.
struct Enumeration<'a> {
    probe: &'a Probe<'a>,
    variant: &'a Variant,
    most: u64,
    /// The run whose keys and other bytes all branches have.
    keys: u32,
    encode: fn(&Observation, &[PartyId]) -> Vec<u8>,
}

impl Enumeration<'_> {
    fn branches(&self, bits: [i128; 2], coalitions: &[&[PartyId]]) -> Result<Branches, String> {
        let Enumeration { probe, variant, most, .. } = *self;
        let tape = Recorder::new(Odometer::default());
        let seed = probe.seed(0, SETS - 1, self.keys);
        let subject = Subject::new(probe.target.registry, &variant.cell, seed);
        let subject = subject.map_err(|why| why.to_string())?;
        let inputs = Variant::inputs(bits);
        let subject = Subject { inputs, tape: Some(tape.clone()), ..subject };
        let seeds = [1, 2].map(|run| probe.seed(0, SETS - 1, KEYS + REPEATS + run));
        let registry = probe.target.registry;
        let public = public_keys(registry, &variant.cell, seeds, &subject.inputs)?;
        let mut views = vec![Distribution::default(); coalitions.len()];
        let (mut count, mut has_bytes) = (0u64, false);
        loop {
            let mut observation = observe(&subject, &tape)?;
            observation.record.public = Arc::clone(&public);
            has_bytes |= observation.record.has_bytes;
            let widths = tape.with(|odometer| odometer.widths());
            if tape.with(|odometer| odometer.is_erratic()) {
                return Err("equal draws lead to different ones".to_owned());
            }
            let weight = weigh(&widths, most)?;
            for (view, coalition) in views.iter_mut().zip(coalitions) {
                let seen = (self.encode)(&observation, coalition);
                view.add(&seen, weight).map_err(|why| why.to_string())?;
            }
            count += 1;
            if count > most {
                return Err(format!("more than {most} branches"));
            }
            if !tape.with(Odometer::advance) {
                return Ok(Branches { count, views, has_bytes });
            }
        }
    }
}

/// Whether two inputs lead to different views whatever the keys are, once everything is left out
/// that is bytes.
///
/// Let both distributions be the same for all keys that are tried, and at a distance of d. If views
/// had one distribution over all keys, others would have to make up for it: keys like these would
/// have probability 1 / (1 + d) at most, and so many in a row this to the power of their number.
fn outlives(
    probe: &Probe<'_>,
    variant: &Variant,
    coalition: &[PartyId],
    inputs: [[i128; 2]; 2],
) -> Result<bool, String> {
    let with = |keys: u32| {
        let of = Enumeration { probe, variant, most: BRANCHES, keys, encode: encode_numbers };
        let views = |bits| Ok::<_, String>(of.branches(bits, &[coalition])?.views.remove(0));
        Ok::<_, String>([views(inputs[0])?, views(inputs[1])?])
    };
    let first = with(KEYS)?;
    if first[0] == first[1] {
        return Ok(false);
    }
    for fresh in 1..=REPEATS {
        if with(KEYS + fresh)? != first {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The probability of a branch; its inverse is what the number of branches is judged by, as long as
/// all have about as many draws.
fn weigh(widths: &[u128], most: u64) -> Result<crate::evidence::exact::Probability, String> {
    let bits: f64 = widths
        .iter()
        .map(|values| if *values == 0 { 128.0 } else { (*values as f64).log2() })
        .sum();
    if bits > (most as f64).log2() + 1e-9 {
        return Err(format!(
            "about 2^{bits:.0} branches for each input, of which {most} are tried"
        ));
    }
    let widths: Vec<u64> = widths.iter().map(|values| *values as u64).collect();
    weight(&widths).ok_or_else(|| "a draw from no values".to_owned())
}

/// A view as bytes: what the members receive, what they draw, and how they end.
fn encode(observation: &Observation, coalition: &[PartyId]) -> Vec<u8> {
    let mut view = Vec::new();
    let received = observation.messages.iter().filter(|message| coalition.contains(&message.to));
    for message in received {
        view.extend_from_slice(message.scope.as_bytes());
        view.push(0);
        view.extend_from_slice(&message.from.0.to_le_bytes());
        view.extend_from_slice(&message.to.0.to_le_bytes());
        view.extend_from_slice(&(message.body.len() as u64).to_le_bytes());
        view.extend_from_slice(&message.body);
    }
    for (_, value) in drawn(observation, coalition) {
        view.extend_from_slice(&value.to_le_bytes());
    }
    let ends = coalition.iter().filter_map(|party| observation.ends.get(party.index()));
    view.extend(ends.map(|(has_output, _)| u8::from(*has_output)));
    view
}

/// The numbers in the messages of a view, what the members draw, and how they end.
fn encode_numbers(observation: &Observation, coalition: &[PartyId]) -> Vec<u8> {
    let mut view = Vec::new();
    let received = observation.messages.iter().filter(|message| coalition.contains(&message.to));
    for message in received {
        view.push(0);
        for field in message.fields.iter().filter(|field| field.algebra != Algebra::Bytes) {
            let end = field.offset.saturating_add(field.bytes());
            view.extend_from_slice(message.body.get(field.offset..end).unwrap_or_default());
        }
    }
    for (_, value) in drawn(observation, coalition) {
        view.extend_from_slice(&value.to_le_bytes());
    }
    let ends = coalition.iter().filter_map(|party| observation.ends.get(party.index()));
    view.extend(ends.map(|(has_output, _)| u8::from(*has_output)));
    view
}

/// Compares the views within each class.
pub(super) fn compare(probe: &Probe<'_>, variant: &Variant, enumerated: &Enumerated) -> Vec<Test> {
    let (n, t) = (variant.n(), variant.threshold());
    let of_coalition = |(at, hidden): (usize, &Hidden)| {
        let mut samples = 0;
        let mut outcome = Outcome::Decided(None);
        for class in &hidden.classes {
            let in_class = enumerated.inputs.iter().filter(|(bits, ..)| class.contains(bits));
            let (mut bits, mut views) = (Vec::new(), Vec::new());
            for (of, branches, all) in in_class {
                samples += branches;
                bits.push(*of);
                views.push(all[at].clone());
            }
            match first_difference(&views) {
                Ok(None) => {}
                Ok(Some(found)) => {
                    let pair = [bits[0], bits[found.at]];
                    let breaks = !hidden.claimed
                        || is_exact(variant)
                            && (!enumerated.has_bytes
                                || outlives(probe, variant, &hidden.coalition, pair)
                                    .unwrap_or(false));
                    outcome = differs(breaks, &bits, &found);
                }
                Err(why) => outcome = Outcome::Undecided(why.to_string()),
            }
        }
        Test {
            family: if hidden.claimed { Family::Privacy } else { Family::Thresholds },
            name: format!("{NAME}, {}", variant.tiny.name()),
            guarantee: Guarantee::Privacy,
            claimed: hidden.claimed,
            coalition: hidden.coalition.clone(),
            algebra: variant.domain.clone(),
            samples,
            note: format!(
                "exact for {}, n = {n}, t = {t}, {}{}",
                variant.tiny.name(),
                variant.domain,
                if enumerated.has_bytes { super::BYTES } else { "" }
            ),
            outcome,
        }
    };
    enumerated.hidden.iter().enumerate().map(of_coalition).collect()
}

/// Whether nothing may differ while random functions stand for pseudorandom ones: nothing is
/// claimed that is statistical.
fn is_exact(variant: &Variant) -> bool {
    variant.is_perfect() || matches!(variant.security, Security::Computational { .. })
}

/// What differs; it breaks nothing where what is claimed is statistical, or where the same keys in
/// all branches may be what gives inputs away.
fn differs(breaks: bool, bits: &[[i128; 2]], found: &Difference) -> Outcome {
    let (first, other) = (bits[0], bits[found.at]);
    let what = format!(
        "a view has probability {} with inputs {first:?} and {} with {other:?}",
        found.expected, found.found
    );
    match breaks {
        true => Outcome::Decided(Some(what)),
        false => Outcome::Undecided(format!("{what}, which need not break the claim")),
    }
}
