//! The draws of a run as variables of a field, and a coalition's view as a black box of them.

use std::collections::BTreeSet;

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
/// Opaque bytes that make an element.
const CHUNK: usize = 7;

/// The draws of a run as variables, for one coalition.
pub(super) struct Unknowns {
    pub(super) draws: Vec<Draw>,
    /// Size of the field.
    pub(super) p: u128,
    field: Prime,
    /// Places of draws that the coalition knows.
    revealed: Vec<usize>,
    /// Places of others that are from fewer values than the field has, and from how many.
    narrow: Vec<(usize, u128)>,
}

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
        let revealed: Vec<usize> =
            (0..draws.len()).filter(|at| known.contains(&draws[*at])).collect();
        let widths = draws.iter().map(|(_, _, values)| *values).enumerate();
        let narrow = widths.filter(|(at, values)| *values != p && !revealed.contains(at)).collect();
        Ok(Unknowns { draws, p, field, revealed, narrow })
    }

    /// What the view, as a function of class and draws, gives away.
    pub(super) fn decide<V>(&self, probe: &Probe<'_>, program: &Program, view: V) -> Finding
    where
        V: Fn(usize, &[u128]) -> Result<Vec<u128>, String>,
    {
        let question = Question {
            field: self.field,
            draws: self.draws.len(),
            narrow: &self.narrow,
            revealed: &self.revealed,
            degree: degree(program),
            seed: probe.target.prepared.plan.seed,
        };
        jacobian::decide(&question, view)
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
    if draws.iter().any(|(_, _, values)| *values == 2) {
        return Err(Stopped::Inapplicable(
            "bits are drawn, and points of a field of two elements tell polynomials of degrees \
             above 1 apart too rarely"
                .to_owned(),
        ));
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
) -> Result<Vec<u128>, String> {
    let from_outside = observation
        .messages
        .iter()
        .filter(|message| coalition.contains(&message.to) && !coalition.contains(&message.from));
    let mut elements = Vec::new();
    for message in from_outside {
        for field in &message.fields {
            let element = |at| element(field, &message.body, at);
            match (field.algebra, algebra) {
                (own, of) if own == of => {
                    elements.extend((0..field.count).filter_map(element));
                }
                // Rings are looked at element by element.
                (_, Algebra::Ring { .. }) => {}
                (Algebra::Bytes, Algebra::Prime(p)) => {
                    let end = field.offset.saturating_add(field.bytes());
                    let bytes = message.body.get(field.offset..end).unwrap_or_default();
                    let number = |bytes: &[u8]| {
                        bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte)) % p
                    };
                    elements.extend(bytes.chunks(CHUNK).map(number));
                }
                _ => return Err("messages hold more than elements of the field".to_owned()),
            }
        }
    }
    Ok(elements)
}
