//! The draws of a run as variables of a field, and a coalition's view as a black box of them.
//!
//! A few bits may be drawn beside: what a coalition sees of bits then falls into cases. If in each
//! case one choice of the hidden bits is left for either input, views are equal if they are in each
//! case, and a difference in any of them is one.

use std::collections::{BTreeMap, BTreeSet};

use mpclab_protocols::program::{Inputs, Program};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::{Algebra, Field};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::algebra::OTHER_SEEDS;
use super::observe::{Observation, public_keys};
use super::tape::{Draw, below};
use super::views::{Domain, drawn, element};
use super::{Probe, SETS};
use crate::evidence::jacobian::{self, Finding, Question};
use crate::evidence::prime::Prime;
use crate::runner::PreparedCell;

/// Draws beyond which Jacobians are not computed.
const DRAWS: usize = 96;
/// Drawn bits beyond which they are not gone through.
const BITS: usize = 4;
/// Values of a field below which elements that vary are equal at two points too often.
const SMALL: u128 = 1 << 40;
/// Why bits decide nothing.
const OTHER_DRAWS: &str = "bits that are received depend on more than bits";
/// Opaque bytes that make an element.
const CHUNK: usize = 7;

/// The draws of a run as variables, for one coalition.
pub(super) struct Unknowns {
    pub(super) draws: Vec<Draw>,
    /// Size of the field.
    pub(super) p: u128,
    field: Prime,
    /// Places of draws that the coalition knows.
    revealed: BTreeSet<usize>,
    /// Places of draws that are variables, and of those that are bits.
    variables: Vec<usize>,
    bits: Vec<usize>,
}

/// What a coalition receives from others: elements of the field, and bits.
#[derive(Default)]
pub(super) struct Received {
    pub(super) elements: Vec<u128>,
    /// Places of elements that are bytes.
    opaque: BTreeSet<usize>,
    bits: Vec<u128>,
}

/// What a coalition sees that depends on no variable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    /// Bits that it knows because they were drawn for it, then those that it receives.
    bits: Vec<u128>,
    /// Elements, by place: a dealer's bits among them. Bytes are none, which other keys change.
    constants: Vec<(usize, u128)>,
}

/// By what is seen, the hidden choices of bits that it leaves in each class.
type Cases = BTreeMap<Case, [Vec<Vec<u128>>; 2]>;

impl Unknowns {
    /// Those of the first run; it learns which keys are public.
    pub(super) fn of(
        probe: &Probe<'_>,
        cell: &PreparedCell,
        first: &mut Observation,
        (coalition, inputs): (&[PartyId], &[Inputs]),
    ) -> Result<Self, Stopped> {
        let (draws, p) = field_draws(first)?;
        let field = Prime::new(p).ok_or_else(|| {
            Stopped::Inapplicable(format!("draws are from {p} values, which is no prime"))
        })?;
        let seeds = [0, 1].map(|other| probe.seed(0, SETS - 1, OTHER_SEEDS + other));
        first.record.public = public_keys(probe.target.registry, cell, seeds, inputs)?;
        let known: BTreeSet<Draw> =
            drawn(first, coalition).into_iter().map(|(draw, _)| draw).collect();
        let revealed = (0..draws.len()).filter(|at| known.contains(&draws[*at])).collect();
        let (bits, variables) = (0..draws.len()).partition(|at| draws[*at].2 == 2);
        Ok(Unknowns { draws, p, field, revealed, variables, bits })
    }

    /// What the view, as a function of class and draws, gives away.
    pub(super) fn decide<V>(&self, probe: &Probe<'_>, program: &Program, view: V) -> Finding
    where
        V: Fn(usize, &[u128]) -> Result<Received, String>,
    {
        let places = || self.variables.iter().enumerate();
        let revealed: Vec<usize> =
            places().filter(|(_, place)| self.revealed.contains(place)).map(|(at, _)| at).collect();
        let narrow: Vec<(usize, u128)> = places()
            .map(|(at, place)| (at, self.draws[*place].2))
            .filter(|(at, values)| *values != self.p && !revealed.contains(at))
            .collect();
        let question = Question {
            field: self.field,
            draws: self.variables.len(),
            narrow: &narrow,
            revealed: &revealed,
            degree: degree(program),
            seed: probe.target.prepared.plan.seed,
        };
        let cases = match self.cases(probe, &view) {
            Ok(cases) => cases,
            Err(why) => return Finding::Inconclusive { why },
        };
        let number = cases.len();
        if let Some(values) = unequal(&cases) {
            return Finding::Leaks { relation: Vec::new(), values };
        }
        let findings = cases.into_iter().map(|(seen, [first, second])| {
            let ([first], [second]) = (first.as_slice(), second.as_slice()) else {
                return Finding::Inconclusive { why: "several draws of bits fit".to_owned() };
            };
            jacobian::decide(&question, |class, values| {
                let choice = if class == 0 { first } else { second };
                let received = view(class, &self.filled(choice, values))?;
                match seen.bits.ends_with(&received.bits) {
                    true => Ok(received.elements),
                    false => Err(OTHER_DRAWS.to_owned()),
                }
            })
        });
        // A distance in one case counts as often as there is one.
        let weighted = findings.map(|finding| match finding {
            Finding::Short { relation, shift, width, log2_distance } => {
                let log2_distance = log2_distance - self.bits.len() as f64;
                Finding::Short { relation, shift, width, log2_distance }
            }
            other => other,
        });
        all_of(number, weighted)
    }

    /// All cases, from runs at two points for each choice of bits.
    fn cases<V>(&self, probe: &Probe<'_>, view: V) -> Result<Cases, String>
    where
        V: Fn(usize, &[u128]) -> Result<Received, String>,
    {
        if self.p < SMALL && !self.bits.is_empty() {
            return Err("the field is too small to tell constants from chance".to_owned());
        }
        let mut rng = ChaCha20Rng::seed_from_u64(probe.target.prepared.plan.seed);
        let elsewhere: Vec<u128> =
            self.variables.iter().map(|place| below(self.draws[*place].2, &mut rng)).collect();
        let points = [vec![0; self.variables.len()], elsewhere];
        let mut cases = Cases::new();
        for class in 0..2 {
            for number in 0..1u128 << self.bits.len() {
                let choice: Vec<u128> =
                    (0..self.bits.len()).map(|bit| (number >> bit) & 1).collect();
                let pairs = self.bits.iter().zip(&choice);
                let known = pairs.filter(|(place, _)| self.revealed.contains(place));
                let mut bits: Vec<u128> = known.map(|(_, bit)| *bit).collect();
                let [here, there] =
                    points.each_ref().map(|point| view(class, &self.filled(&choice, point)));
                let (here, there) = (here?, there?);
                if here.bits != there.bits {
                    return Err(OTHER_DRAWS.to_owned());
                }
                bits.extend(here.bits);
                let opaque = here.opaque;
                let elements = here.elements.into_iter().zip(there.elements).enumerate();
                let constants = elements
                    .filter(|(at, (here, there))| {
                        !self.bits.is_empty() && here == there && !opaque.contains(at)
                    })
                    .map(|(at, (here, _))| (at, here))
                    .collect();
                let case = Case { bits, constants };
                cases.entry(case).or_default()[class].push(choice);
            }
        }
        Ok(cases)
    }

    /// All draws, from bits and variables.
    fn filled(&self, bits: &[u128], variables: &[u128]) -> Vec<u128> {
        let mut all = vec![0; self.draws.len()];
        for (place, value) in self.bits.iter().zip(bits).chain(self.variables.iter().zip(variables))
        {
            all[*place] = *value;
        }
        all
    }

    /// The same draws elsewhere: those from the whole field move by what a seed gives, which changes
    /// no distribution. At zeros, where polynomials are asked, a key of zero lets all errors pass.
    pub(super) fn moved(&self, values: &[u128], seed: u64) -> Vec<u128> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let places = self.draws.iter().zip(values);
        let moved = places.map(|((_, _, of), value)| match *of == self.p {
            true => self.field.add(*value, below(self.p, &mut rng)),
            false => *value,
        });
        moved.collect()
    }

    /// Name of the field.
    pub(super) fn algebra(&self) -> String {
        Domain::Prime(self.p).to_string()
    }
}

/// Something that is seen more often in one class than in the other, for each class as a number of
/// its own: bits first, then bits and constants.
fn unequal(cases: &Cases) -> Option<[Option<u128>; 2]> {
    let mut of_bits: BTreeMap<&[u128], [usize; 2]> = BTreeMap::new();
    for (case, choices) in cases {
        let often = of_bits.entry(&case.bits).or_default();
        often.iter_mut().zip(choices).for_each(|(often, choices)| *often += choices.len());
    }
    let number = |seen: &mut dyn Iterator<Item = u128>, often: usize| {
        let fold = |number: u128, value| number.wrapping_mul(1_000_003).wrapping_add(value);
        Some(fold(seen.fold(1, fold), often as u128))
    };
    let by_bits = of_bits.iter().find(|(_, [first, second])| first != second);
    if let Some((bits, often)) = by_bits {
        return Some(often.map(|often| number(&mut bits.iter().copied(), often)));
    }
    let by_case = cases.iter().find(|(_, [first, second])| first.len() != second.len());
    by_case.map(|(case, choices)| {
        let constants = || case.constants.iter().flat_map(|(at, value)| [*at as u128, *value]);
        let seen = || case.bits.iter().copied().chain(constants());
        choices.each_ref().map(|choices| number(&mut seen(), choices.len()))
    })
}

/// What findings of so many cases come to: the first that tells inputs apart, else one that decides
/// nothing, else the weakest of all.
fn all_of(number: usize, findings: impl Iterator<Item = Finding>) -> Finding {
    let errors = (number as f64).log2();
    let mut all: Option<Finding> = None;
    for mut finding in findings {
        if let Finding::Perfect { log2_error, .. } | Finding::Statistical { log2_error, .. } =
            &mut finding
        {
            *log2_error += errors;
        }
        all = Some(match (all, finding) {
            (_, found @ (Finding::Leaks { .. } | Finding::Short { .. })) => return found,
            (None, finding) | (Some(_), finding @ Finding::Inconclusive { .. }) => finding,
            (Some(before @ Finding::Inconclusive { .. }), _) => before,
            (Some(before), finding) => weaker(before, finding),
        });
    }
    all.unwrap_or(Finding::Inconclusive { why: "there are no cases".to_owned() })
}

/// The one that promises less.
fn weaker(one: Finding, other: Finding) -> Finding {
    let distance = |finding: &Finding| match finding {
        Finding::Statistical { log2_distance, .. } => *log2_distance,
        _ => f64::NEG_INFINITY,
    };
    if distance(&other) > distance(&one) { other } else { one }
}

/// Bound on the degree of view elements as polynomials of the draws: a product doubles degrees at
/// most, in shares and in what masks them.
fn degree(program: &Program) -> u64 {
    1u64 << (2 * u64::from(program.statistics().depth_mul) + 2).min(40)
}

/// Why nothing is decided.
pub(super) enum Stopped {
    /// The test does not speak of such protocols or functions.
    Inapplicable(String),
    /// It would, but it failed, or it would cost too much.
    Undecided(String),
}

impl From<String> for Stopped {
    fn from(why: String) -> Self {
        Stopped::Undecided(why)
    }
}

/// All draws of a run, and the size of the field, if they and all messages are of one large field.
/// Draws from fewer values are its first elements.
fn field_draws(observation: &Observation) -> Result<(Vec<Draw>, u128), Stopped> {
    let draws = observation.record.order.clone();
    let Some(most) = draws.iter().map(|(_, _, values)| *values).max() else {
        return Err(Stopped::Inapplicable("nothing is drawn that a tape decides".to_owned()));
    };
    let of_field = |field: &Field| match field.algebra {
        Algebra::Prime(p) => Some(p),
        _ => None,
    };
    let mut fields = observation.messages.iter().flat_map(|message| &message.fields);
    let p = fields.find_map(of_field).unwrap_or(most);
    if let Some((_, _, values)) = draws.iter().find(|(_, _, values)| *values == 0 || *values > p) {
        return Err(Stopped::Inapplicable(format!(
            "some draws are from {values} values, which are more than the field has"
        )));
    }
    let bits = draws.iter().filter(|(_, _, values)| *values == 2).count();
    if p == 2 || bits > BITS {
        return Err(Stopped::Inapplicable(format!(
            "bits are drawn, {bits} of them, and points of a field of two elements tell \
             polynomials of degrees above 1 apart too rarely"
        )));
    }
    if draws.len() > DRAWS {
        let why = format!("{} draws, of which {DRAWS} are affordable", draws.len());
        return Err(Stopped::Undecided(why));
    }
    Ok((draws, p))
}

/// What a coalition receives from others, as elements of the field; bytes stand for integers, and
/// where they are hashes they are affine in nothing.
pub(super) fn received(
    observation: &Observation,
    coalition: &[PartyId],
    algebra: Algebra,
) -> Result<Received, String> {
    let from_outside = observation
        .messages
        .iter()
        .filter(|message| coalition.contains(&message.to) && !coalition.contains(&message.from));
    let Received { mut elements, mut opaque, mut bits } = Received::default();
    for message in from_outside {
        for field in &message.fields {
            let element = |at| element(field, &message.body, at);
            match (field.algebra, algebra) {
                (own, of) if own == of => {
                    elements.extend((0..field.count).filter_map(element));
                }
                (Algebra::Bits, Algebra::Prime(_)) => {
                    bits.extend((0..field.count).filter_map(element));
                }
                // Rings are looked at element by element.
                (_, Algebra::Ring { .. }) => {}
                (Algebra::Bytes, Algebra::Prime(p)) => {
                    let end = field.offset.saturating_add(field.bytes());
                    let bytes = message.body.get(field.offset..end).unwrap_or_default();
                    let number = |bytes: &[u8]| {
                        bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte)) % p
                    };
                    let start = elements.len();
                    elements.extend(bytes.chunks(CHUNK).map(number));
                    opaque.extend(start..elements.len());
                }
                _ => return Err("messages hold more than elements of the field".to_owned()),
            }
        }
    }
    Ok(Received { elements, opaque, bits })
}
