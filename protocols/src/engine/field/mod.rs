//! Engines over a prime field: what additive and Shamir sharing have in common.
//!
//! Comparisons and truncations come from `compare`, in terms of products, openings, shared random
//! bits and bounded random masks.

pub(crate) mod compare;
pub mod dealer;
mod engine;
mod masking;
mod name;
mod opening;
mod protocol;
mod stock;
mod walk;

use std::future::Future;

use mpclab_sim::vocabulary::{Abort, PartyId, Roles, Security};
use mpclab_sim::wire::Element;
use mpclab_sim::{Ctx, Draw};

use super::cost::{Flow, Message, Prices};
use super::{Cut, Plan, RingVectors, Verified, dot_lengths};
use crate::algebra::PrimeField;
use crate::program::{Batch, BatchKind, Program, Rounding};
use crate::protocol::{Job, Unsupported};

pub(crate) use masking::Masking;
pub use name::FieldName;
pub(crate) use name::in_field;
pub use opening::{KING, OpeningName};
pub(crate) use protocol::not_compiled;
pub use protocol::{CheckCost, FieldEngine, FieldParams};
pub use stock::{DotTriples, Needs, Pile, Stock, Supply, Triples};

/// Secret sharing in a prime field: what comparisons and, through them, an [`super::Engine`] are
/// made of.
pub trait FieldSharing: Send + Sync + Sized + 'static {
    /// Where values live.
    type Field: PrimeField;
    /// A party's share of a vector of values.
    type Shares: RingVectors<Self::Field>;
    /// What products draw on; `()` if they need nothing beforehand.
    type Supply: Supply;

    /// Correlated randomness, before the inputs; see [`super::Engine::prepare`].
    fn prepare(&self, ctx: &Ctx) -> impl Future<Output = Result<Vec<Stock<Self>>, Abort>> + Send;

    /// This party's share of public values.
    fn constant(&self, values: Vec<Self::Field>) -> Result<Self::Shares, Abort>;

    /// Shares the values of input node `owner`; see [`super::Engine::share`].
    fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<Self::Field>>,
        len: usize,
    ) -> impl Future<Output = Result<Option<Self::Shares>, Abort>> + Send;

    /// Shares bits of input node `owner`, and nothing else; see [`super::Engine::share_digits`].
    fn share_digits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        digits: Option<Vec<Self::Field>>,
        len: usize,
    ) -> impl Future<Output = Result<Option<Self::Shares>, Abort>> + Send {
        self.share(ctx, owner, digits, len)
    }

    /// Whether they are bits; see [`super::Engine::check_digits`].
    fn check_digits(
        &self,
        ctx: &Ctx,
        digits: &[&Self::Shares],
    ) -> impl Future<Output = Result<(), Abort>> + Send {
        let _ = (ctx, digits);
        async { Err(super::no_input_check()) }
    }

    /// Elementwise products, in the steps of [`super::cost::Prices::product`].
    fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        a: &Self::Shares,
        b: &Self::Shares,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send;

    /// Inner products of contiguous groups of these lengths.
    fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Stock<Self>,
        a: &Self::Shares,
        b: &Self::Shares,
        lengths: &[usize],
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send;

    /// Opens values to all computing parties, in the steps of [`super::cost::Prices::open`].
    fn open(
        &self,
        ctx: &Ctx,
        shares: &Self::Shares,
    ) -> impl Future<Output = Result<Vec<Self::Field>, Abort>> + Send;

    /// Verifies what was computed so far; see [`super::Engine::verify`].
    fn verify(&self, ctx: &Ctx) -> impl Future<Output = Result<Verified, Abort>> + Send {
        let _ = ctx;
        async { Ok(Verified::Passed) }
    }

    /// Whether that may ask for a level again; see [`super::Engine::REDOES`]. Masks are as wide as
    /// openings ask that are made once: who opens a level again under new masks claims less.
    const REDOES: bool = false;

    /// Correlated randomness for what is done again; see [`super::Engine::restock`].
    fn restock(
        &self,
        ctx: &Ctx,
        batches: &[usize],
    ) -> impl Future<Output = Result<Vec<Stock<Self>>, Abort>> + Send {
        let _ = (ctx, batches);
        async { Err(Abort::Bug("an engine that redoes nothing is asked for more".to_owned())) }
    }

    /// Opens values to the output nodes; see [`super::Engine::reveal`].
    fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Self::Shares>,
        len: usize,
    ) -> impl Future<Output = Result<Vec<Self::Field>, Abort>> + Send;
}

/// What the batches of a schedule draw from their stocks.
pub(crate) fn needs(program: &Program, sigma: u32, dots: DotTriples) -> Vec<Needs> {
    program.schedule().batches.iter().map(|batch| needs_of(program, batch, sigma, dots)).collect()
}

/// What one batch draws from its stock.
pub(crate) fn needs_of(program: &Program, batch: &Batch, sigma: u32, dots: DotTriples) -> Needs {
    match batch.kind {
        BatchKind::Mul | BatchKind::And | BatchKind::Select => {
            Needs { products: batch.len, ..Needs::default() }
        }
        BatchKind::RandomBits => Needs { bits: batch.len, ..Needs::default() },
        BatchKind::Gates | BatchKind::Inject => Needs::default(),
        BatchKind::Dot => {
            let lengths = dot_lengths(program, &batch.members);
            match dots {
                DotTriples::Triples => Needs { products: lengths.iter().sum(), ..Needs::default() },
                DotTriples::InnerProduct => Needs { dots: lengths, ..Needs::default() },
            }
        }
        BatchKind::Less { bits } => compare::needs_modulo(batch.len, bits, bits - 1, sigma),
        BatchKind::Equal { bits } => compare::needs_is_zero(batch.len, bits, sigma),
        BatchKind::Truncate { bits, shift, rounding } => {
            compare::needs_truncate(batch.len, bits, shift, rounding, sigma)
        }
    }
}

/// Whether values and their statistical masks fit below the prime.
///
/// A mask of `bits + sigma` bits from each of `n` parties needs
/// `bits + sigma + log2 n + 1 < log2 p`. Masks are wider where there is room; see [`Masking`].
pub(crate) fn check_width(
    job: &Job,
    program: &Program,
    field: FieldName,
) -> Result<(), Unsupported> {
    let sigma = job.security.statistical;
    let log_n = (job.roles.compute.max(1) as u32).next_power_of_two().ilog2();
    let masked = masking::widest(program);
    let masked = masked.map(|bits| (bits, masking::beside(job, bits) + sigma));
    let plain = program.statistics().max_bits;
    let needed = masked.map_or(0, |(_, needed)| needed).max(plain);
    // Outputs are centred, so half the prime fits in either direction: a bit fits even in p = 3.
    let half = in_field!(field, F => F::MODULUS / 2);
    let fits = || program.nodes().iter().all(|node| node.range.magnitude() <= half);
    if needed <= field.capacity_bits() || (masked.is_none() && fits()) {
        return Ok(());
    }
    let why = match masked {
        Some((bits, needed)) if needed > field.capacity_bits() => format!(
            "comparing {bits}-bit values behind statistical masks needs bits + sigma + log2 n + 1 \
             = {bits} + {sigma} + {log_n} + 1 = {needed} < log2 p, but {} has {}; a comparison \
             looks at a difference, one bit wider than its operands",
            field.label(),
            field.capacity_bits() + 1,
        ),
        _ => format!(
            "values of {plain} bits do not fit in {}, which has {}",
            field.label(),
            field.capacity_bits() + 1
        ),
    };
    Err(Unsupported::new(why, field_of(needed)).of("field"))
}

/// Whether an engine is compiled in a field.
pub(crate) fn check_offered(field: FieldName, toys: &[FieldName]) -> Result<(), Unsupported> {
    if field.is_among(toys) {
        return Ok(());
    }
    let offered = FieldName::REAL.iter().chain(toys).map(|field| in_field!(field, F => F::NAME));
    let offered: Vec<&str> = offered.collect();
    let why = format!("it has no code in {}", field.label());
    Err(Unsupported::new(why, format!("field {}", offered.join(", "))).of("field"))
}

/// Whether a forged opening is as improbable as the job asks for: a MAC check in a prime field
/// accepts one with a probability of at most `2/p`.
pub(crate) fn check_soundness(job: &Job, field: FieldName) -> Result<(), Unsupported> {
    let sigma = job.security.statistical;
    if sigma < field.capacity_bits() {
        return Ok(());
    }
    let why = format!(
        "a forged opening passes a MAC check with probability 2/p, which has to be at most \
         2^-{sigma}, but {} has {} bits",
        field.label(),
        field.capacity_bits() + 1,
    );
    Err(Unsupported::new(why, field_of(sigma + 1)).of("field"))
}

/// What to ask for if values need so many bits below the prime.
fn field_of(needed: u32) -> String {
    let mut real = [(FieldName::M61, "m61"), (FieldName::P128, "p128")].into_iter();
    match real.find(|(real, _)| needed <= real.capacity_bits()) {
        Some((_, name)) => format!("params: {{ field: {name} }}"),
        None => "smaller parameters of the function; no larger field is built in".to_owned(),
    }
}

/// Cost of a comparison or truncation of `len` values; products are not its business.
pub(crate) fn comparison_cost(kind: BatchKind, len: usize, prices: &Prices) -> Flow {
    match kind {
        BatchKind::Less { bits } => compare::cost_modulo(len, bits - 1, prices),
        BatchKind::Equal { bits } => compare::cost_is_zero(len, bits, prices),
        BatchKind::Truncate { bits, shift, rounding } => {
            compare::cost_truncate(len, Cut { bits, shift, rounding }, prices)
        }
        BatchKind::Mul
        | BatchKind::Dot
        | BatchKind::And
        | BatchKind::Select
        | BatchKind::RandomBits
        | BatchKind::Gates
        | BatchKind::Inject => Flow::default(),
    }
}

/// One message from each input node, of as many elements as it has, to each computing party but
/// itself.
pub(crate) fn input_messages(
    owners: impl IntoIterator<Item = (PartyId, usize)>,
    roles: &Roles,
    element: u64,
) -> impl Iterator<Item = Message> {
    owners.into_iter().flat_map(move |(from, len)| {
        let bytes = len as u64 * element;
        let to = roles.computing().filter(move |to| *to != from);
        to.map(move |to| Message { from, to, bytes })
    })
}

/// The share of each output from each of the first `senders` computing parties to each output node
/// but itself.
pub(crate) fn output_messages(
    program: &Program,
    roles: &Roles,
    senders: usize,
    element: u64,
) -> impl Iterator<Item = Message> {
    roles.output.iter().enumerate().flat_map(move |(party, to)| {
        let bytes = program.output_len_of(party) as u64 * element;
        let from = PartyId::all(senders).filter(move |from| from != to && bytes > 0);
        from.map(move |from| Message { from, to: *to, bytes })
    })
}

/// A uniform integer below `2^width`.
#[must_use]
pub fn bounded<F: PrimeField>(width: u32, rng: &mut impl Draw) -> F {
    let values = 1u128.checked_shl(width).unwrap_or(0);
    if let Some(chosen) = rng.choose(values) {
        return F::from_u128(chosen);
    }
    let mut bytes = [0u8; 16];
    rng.fill_bytes(&mut bytes);
    F::from_u128(u128::from_le_bytes(bytes) >> (128 - width.clamp(1, 128)))
}

/// A uniform bit.
#[must_use]
pub fn random_bit<F: PrimeField>(rng: &mut impl Draw) -> F {
    F::from_u128(rng.choose(2).unwrap_or_else(|| u128::from(rng.next_u32() & 1)))
}

/// What masks and roundings cost in certainty, for the notes under a table.
pub(crate) fn masking_notes<P>(plan: &Plan<P>) -> Vec<String> {
    let program = &plan.program;
    let mut notes = Vec::new();
    if compares(program) {
        notes.push(format!(
            "comparisons and truncations hide values behind masks, in a whole run up to a \
             statistical distance of 2^-{}; comparisons are exact",
            plan.masking.sigma
        ));
    }
    let rounds_either_way = |batch: &Batch| {
        matches!(batch.kind, BatchKind::Truncate { rounding: Rounding::Either, .. })
    };
    if program.schedule().batches.iter().any(rounds_either_way) {
        notes.push(
            "truncation is TruncPr (Catrina and Saxena, FC 2010), not plain truncation: the floor, \
             or one more with a probability equal to the fraction cut off; either is accepted, and \
             nothing fails for want of headroom"
                .to_owned(),
        );
    }
    notes
}

/// What `TruncPr` tells beside outputs that its roundings decide.
pub(crate) fn leaks(program: &Program) -> Option<String> {
    let shown = program.statistics().shown_roundings;
    (shown > 0).then(|| {
        format!(
            "the functionality leaks the masked low bits of {shown} truncations on which outputs \
             depend (Santos et al., ePrint 2024/1127): with the outputs they tell of the fractions \
             cut off (Li et al., USENIX Security 2023); exact truncation leaks nothing"
        )
    })
}

/// Perfect where nothing is compared, if masks are all that is not: what they hide, they hide
/// statistically.
pub fn security<P>(plan: &Plan<P>) -> Security {
    match compares(&plan.program) {
        true => Security::Statistical { sigma: plan.masking.sigma },
        false => Security::Perfect,
    }
}

/// Whether a program draws random bits.
pub(crate) fn draws_bits(program: &Program) -> bool {
    program.schedule().batches.iter().any(|batch| batch.kind == BatchKind::RandomBits)
}

/// Whether a program has operations that work behind statistical masks.
pub(crate) fn compares(program: &Program) -> bool {
    let batches = &program.schedule().batches;
    batches.iter().any(|batch| batch.kind.masks())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::{M61, P128};
    use crate::primitives::Prg;
    use crate::program::Rounding;

    /// Together with its `m` low bits, a mask has sigma bits more than the `k` bits that it hides.
    #[test]
    fn masks_have_sigma_bits_more_than_what_they_hide() {
        for (k, m, sigma) in [(33, 32, 40), (33, 7, 40), (8, 1, 8)] {
            let widths = [
                compare::needs_modulo(5, k, m, sigma),
                compare::needs_truncate(5, k, m, Rounding::Floor, sigma),
                compare::needs_truncate(5, k, m, Rounding::Either, sigma),
            ];
            for needs in widths {
                assert_eq!((needs.masks, needs.bits), (Some((k + sigma - m, 5)), 5 * m as usize));
            }
            let needs = compare::needs_is_zero(5, k, sigma);
            assert_eq!((needs.masks, needs.bits), (Some((sigma, 5)), 5 * k as usize));
        }
    }

    /// A mask of `width` bits is as often above as below the middle.
    fn is_uniform_in_its_width<F: PrimeField>(width: u32) {
        let mut rng = Prg::new([width as u8; 32], b"bounded");
        let draws: Vec<u128> = (0..1000).map(|_| bounded::<F>(width, &mut rng).to_u128()).collect();
        assert!(draws.iter().all(|mask| mask >> width == 0));
        let upper = draws.iter().filter(|mask| *mask >> (width - 1) == 1).count();
        assert!((400..600).contains(&upper), "{}, {width} bits: {upper} of 1000", F::LABEL);
    }

    #[test]
    fn bounded_masks_fill_their_width() {
        for width in [1, 8, 41, 59] {
            is_uniform_in_its_width::<M61>(width);
            is_uniform_in_its_width::<P128>(width);
        }
        is_uniform_in_its_width::<P128>(120);
    }
}
