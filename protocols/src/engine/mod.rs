//! Generic engines: any program over secret shares.
//!
//! An [`Engine`] supplies sharing, multiplication and comparison of vectors; [`run`] is the same
//! for all of them: set up, prepare correlated randomness for every batch of the program's
//! schedule, share the inputs, run the batches as a data flow, open the outputs.

mod bits;
mod board;
pub mod cost;
mod execute;
pub mod field;
pub(crate) mod gadgets;
pub(crate) mod inputs;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod opening;
pub mod oracle;
mod plan;
pub(crate) mod replicated;
pub mod shamir;
mod shared_bits;
mod shares;
mod value;

use std::future::Future;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use crate::algebra::Ring;
use crate::algebra::bits::Bits;
use crate::circuit::Layered;
use crate::program::{
    Batch, BatchKind, Inputs, NodeId, Operation, Outputs, Program, Rounding, Sharing, Walk,
};
use value::Opened;

pub use bits::{NoBits, PackedBits};
pub use inputs::InputCheck;
pub use opening::{Group, Opening};
pub use plan::Plan;
pub use shared_bits::SharedBits;
pub use shares::{OfTwo, Replicated, RingVectors, Shares};

/// Secret sharing with everything that a program asks for. All vectors are batches: one call is
/// one set of messages, however long they are.
pub trait Engine: Send + Sync + Sized + 'static {
    /// Where values live.
    type Element: Ring;
    /// A party's share of a vector of values.
    type Shares: Shares<Self::Element>;
    /// Correlated randomness for one batch.
    type Stock: Send;
    /// A party's share of a vector of packed bits; [`NoBits`] for engines over numbers alone, for
    /// which bits are the numbers 0 and 1. They need nothing of what is said of bits below.
    type Bits: PackedBits;

    /// Correlated randomness for every batch of the schedule, in the phases before the inputs.
    fn prepare(&self, ctx: &Ctx) -> impl Future<Output = Result<Vec<Self::Stock>, Abort>> + Send;

    /// Whether a batch has used up its stock: nothing was used twice, nothing was made in vain.
    fn is_spent(stock: &Self::Stock) -> bool;

    /// Sharing of public values.
    fn constant(&self, values: Vec<Self::Element>) -> Result<Self::Shares, Abort>;

    /// Shares the values of input node `owner`; `values` is there at that node alone, and clients
    /// get no share back. `len` values.
    fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<Self::Element>>,
        len: usize,
    ) -> impl Future<Output = Result<Option<Self::Shares>, Abort>> + Send;

    /// [`Engine::share`] of bits, as numbers, for engines whose inputs are held to their ranges
    /// ([`InputCheck`]): nobody can share anything else, or [`Engine::check_digits`] finds out. By
    /// default they are shared like any other input.
    fn share_digits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        digits: Option<Vec<Self::Element>>,
        len: usize,
    ) -> impl Future<Output = Result<Option<Self::Shares>, Abort>> + Send {
        self.share(ctx, owner, digits, len)
    }

    /// Whether all that came as digits are bits, before anything is computed on them: a vector of
    /// each input node that brings some.
    fn check_digits(
        &self,
        ctx: &Ctx,
        digits: &[&Self::Shares],
    ) -> impl Future<Output = Result<(), Abort>> + Send {
        let _ = (ctx, digits);
        async { Err(no_input_check()) }
    }

    /// Elementwise products.
    fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        b: &Self::Shares,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send;

    /// Inner products of contiguous groups of these lengths.
    fn dot(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        b: &Self::Shares,
        lengths: &[usize],
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send;

    /// Bits `a < 0` of values in `-2^(bits-1)..2^(bits-1)`. An engine that refuses
    /// programs with comparisons and truncations when they are compiled leaves the three out.
    fn is_negative(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        bits: u32,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send {
        let _ = (ctx, stock, a, bits);
        async { Err(no_comparisons()) }
    }

    /// Bits `a = 0` of values in `-2^(bits-1)..2^(bits-1)`.
    fn is_zero(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        bits: u32,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send {
        let _ = (ctx, stock, a, bits);
        async { Err(no_comparisons()) }
    }

    /// `a / 2^shift`, rounded as said, of values in `-2^(bits-1)..2^(bits-1)`.
    fn truncate(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        cut: Cut,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send {
        let _ = (ctx, stock, a, cut);
        async { Err(no_comparisons()) }
    }

    /// Uniform bits that nobody knows, as numbers. An engine that has none refuses programs with
    /// them when they are compiled.
    fn random_bits(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        len: usize,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send {
        let _ = (ctx, stock, len);
        async { Err(Abort::Bug("random bits are refused before anybody runs".to_owned())) }
    }

    /// Whether [`Engine::verify`] may ask for a level to be done again. Such an engine is asked
    /// after every level, and values are kept until a level is verified.
    const REDOES: bool = false;

    /// Verifies everything that was computed so far; no other strand runs meanwhile.
    fn verify(&self, ctx: &Ctx) -> impl Future<Output = Result<Verified, Abort>> + Send {
        let _ = ctx;
        async { Ok(Verified::Passed) }
    }

    /// Correlated randomness for these batches, which are done again: what they drew is gone. For
    /// engines that redo levels.
    fn restock(
        &self,
        ctx: &Ctx,
        batches: &[usize],
    ) -> impl Future<Output = Result<Vec<Self::Stock>, Abort>> + Send {
        let _ = (ctx, batches);
        async { Err(Abort::Bug("an engine that redoes nothing is asked for more".to_owned())) }
    }

    /// Opens values to the output nodes, to each those that [`Plan::opening`] says, and returns the
    /// own ones; computing parties hand in shares of all, clients `None`. `len` values in all.
    fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Self::Shares>,
        len: usize,
    ) -> impl Future<Output = Result<Vec<Self::Element>, Abort>> + Send;

    // ---- packed bits, for engines that have them ----

    /// Sharing of public bits.
    fn constant_bits(&self, bits: Bits) -> Result<Self::Bits, Abort> {
        let _ = bits;
        Err(no_bits())
    }

    /// The low bits of numbers; local, as for all sums of shares modulo a power of two.
    fn low_bits(&self, a: &Self::Shares) -> Result<Self::Bits, Abort> {
        let _ = a;
        Err(no_bits())
    }

    /// [`Engine::share`] of bits.
    fn share_bits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        bits: Option<Bits>,
        len: usize,
    ) -> impl Future<Output = Result<Option<Self::Bits>, Abort>> + Send {
        let _ = (ctx, owner, bits, len);
        async { Err(no_bits()) }
    }

    /// Conjunctions.
    fn and(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Bits,
        b: &Self::Bits,
    ) -> impl Future<Output = Result<Self::Bits, Abort>> + Send {
        let _ = (ctx, stock, a, b);
        async { Err(no_bits()) }
    }

    /// [`Engine::random_bits`] that are packed.
    fn random_packed_bits(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        len: usize,
    ) -> impl Future<Output = Result<Self::Bits, Abort>> + Send {
        let _ = (ctx, stock, len);
        async { Err(no_bits()) }
    }

    /// From bits to numbers.
    fn inject(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        bits: &Self::Bits,
    ) -> impl Future<Output = Result<Self::Shares, Abort>> + Send {
        let _ = (ctx, stock, bits);
        async { Err(no_bits()) }
    }

    /// [`Engine::is_negative`] whose results are packed.
    fn is_negative_bits(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        bits: u32,
    ) -> impl Future<Output = Result<Self::Bits, Abort>> + Send {
        let _ = (ctx, stock, a, bits);
        async { Err(no_bits()) }
    }

    /// [`Engine::is_zero`] whose results are packed.
    fn is_zero_bits(
        &self,
        ctx: &Ctx,
        stock: &mut Self::Stock,
        a: &Self::Shares,
        bits: u32,
    ) -> impl Future<Output = Result<Self::Bits, Abort>> + Send {
        let _ = (ctx, stock, a, bits);
        async { Err(no_bits()) }
    }

    /// [`Engine::reveal`] of bits, to each output node those that [`Plan::opening_bits`] says.
    fn reveal_bits(
        &self,
        ctx: &Ctx,
        shares: Option<&Self::Bits>,
        len: usize,
    ) -> impl Future<Output = Result<Bits, Abort>> + Send {
        let _ = (ctx, shares, len);
        async { Err(no_bits()) }
    }
}

fn no_bits() -> Abort {
    Abort::Bug("an engine over numbers has no packed bits".to_owned())
}

fn no_input_check() -> Abort {
    Abort::Bug("an engine without input checks is asked for one".to_owned())
}

fn no_comparisons() -> Abort {
    Abort::Bug("programs that compare are refused before they run".to_owned())
}

/// What a check of a level comes to, the same for all honest parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// All is right.
    Passed,
    /// Something is wrong, and whoever did it takes no part any more: the level is done again, from
    /// the values before it (player elimination; Hirt, Maurer, Przydatek, ASIACRYPT 2000).
    Redo,
}

/// A truncation.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Values lie in `-2^(bits-1)..2^(bits-1)`.
    pub bits: u32,
    /// Bits that are cut off.
    pub shift: u32,
    /// Which of the two nearest integers will do.
    pub rounding: Rounding,
}

/// Runs a job's program: the whole of a generic protocol for one party.
///
/// # Errors
/// Whatever ends the run for this party.
pub async fn run<E: Engine, P: Send + Sync + 'static>(
    engine: E,
    ctx: Ctx,
    plan: Arc<Plan<P>>,
    input: Inputs,
) -> Result<Outputs, Abort> {
    let computes = plan.job.roles.computes(ctx.id());
    let engine = Arc::new(engine);
    let stocks = if computes { engine.prepare(&ctx).await? } else { Vec::new() };
    let online = ctx.scope("online");
    let inputs = inputs::share(&*engine, &online, &plan, &input).await?;
    let opened = if computes {
        Some(execute::execute(&engine, &online, &plan, inputs, stocks).await?)
    } else {
        None
    };
    if plan.program.outputs().is_empty() {
        // What is kept is worth no more than what is opened.
        if computes && !E::REDOES {
            engine.verify(&online.scope("verify")).await?;
        }
        return Ok(Outputs::none());
    }
    let raw = open(&*engine, &online, &plan, opened).await?;
    let Ok(party) = plan.job.roles.output.binary_search(&ctx.id()) else {
        return Ok(Outputs::none());
    };
    Ok(plan.program.to_outputs_of(party, &raw))
}

/// Opens numbers and bits side by side; the raw values of the own outputs, in their order.
async fn open<E: Engine, P: Send + Sync + 'static>(
    engine: &E,
    online: &Ctx,
    plan: &Plan<P>,
    opened: Option<Opened<E>>,
) -> Result<Vec<i128>, Abort> {
    let scope = online.scope("output");
    let (numbers, bits) = opened.map_or((None, None), |opened| (opened.numbers, opened.bits));
    let (numbers_len, bits_len) = (plan.opening.len(), plan.opening_bits.len());
    let packed = scope.scope("bits");
    let open_numbers = engine.reveal(&scope, numbers.as_ref(), numbers_len);
    let open_bits = engine.reveal_bits(&packed, bits.as_ref(), bits_len);
    let (numbers, bits) = match (numbers_len, bits_len) {
        (_, 0) => (open_numbers.await?, Bits::default()),
        (0, _) => (Vec::new(), open_bits.await?),
        _ => online.try_join(open_numbers, open_bits).await?,
    };
    let Ok(party) = plan.job.roles.output.binary_search(&online.id()) else {
        return Ok(Vec::new());
    };
    let (mut numbers, mut bits) = (numbers.into_iter().map(Ring::to_i128), bits.iter());
    let mut raw = Vec::new();
    for output in plan.program.outputs().iter().filter(|output| output.to.include(party)) {
        match plan.program.output_sharing(output) {
            Sharing::Arithmetic => raw.extend(numbers.by_ref().take(output.len)),
            Sharing::Boolean => raw.extend(bits.by_ref().take(output.len).map(i128::from)),
        }
    }
    Ok(raw)
}

/// When each batch runs, if operands of comparisons and truncations are verified first: after those
/// of one level comes a check, unless it is the last one.
pub(crate) fn levels(program: &Program, verifies_operands: bool) -> Vec<usize> {
    let nodes = program.nodes();
    let mut walk = Walk::new(program);
    // Of each node that some batch is behind.
    let mut behind: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut levels: Vec<usize> = Vec::new();
    for batch in &program.schedule().batches {
        let operands = batch.members.iter().flat_map(|id| nodes[id.index()].operation.operands());
        let operands: Vec<NodeId> = operands.collect();
        for id in walk.locals(program, operands.iter().copied()) {
            let read = nodes[id.index()].operation.operands();
            behind[id.index()] = read.iter().filter_map(|id| behind[id.index()]).max();
        }
        let masks = verifies_operands && batch.kind.masks();
        let read = operands.iter().filter_map(|id| behind[id.index()]).max();
        let level = read.map_or(0, |level| level + usize::from(masks));
        batch.members.iter().for_each(|id| behind[id.index()] = Some(level));
        levels.push(level);
    }
    levels
}

/// Short name of what a batch does: its scope.
pub(crate) fn scope_name(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::Mul => "mul",
        BatchKind::Dot => "dot",
        BatchKind::And => "and",
        BatchKind::Select => "select",
        BatchKind::Gates => "gates",
        BatchKind::RandomBits => "random_bits",
        BatchKind::Inject => "inject",
        BatchKind::Less { .. } => "less",
        BatchKind::Equal { .. } => "equal",
        BatchKind::Truncate { .. } => "truncate",
    }
}

/// The circuit of a batch, if that is what it runs.
pub(crate) fn circuit_of<'a>(program: &'a Program, batch: &Batch) -> Option<&'a Arc<Layered>> {
    match &program.nodes()[batch.members.first()?.index()].operation {
        Operation::Gates { circuit, .. } => Some(circuit),
        _ => None,
    }
}

/// Lengths of the inner products of a batch, in order of its results.
pub(crate) fn dot_lengths(program: &Program, members: &[NodeId]) -> Vec<usize> {
    let nodes = program.nodes();
    let mut lengths = Vec::new();
    for id in members {
        if let Operation::Dot { a, groups, .. } = nodes[id.index()].operation {
            lengths.extend(std::iter::repeat_n(nodes[a.index()].len / groups.max(1), groups));
        }
    }
    lengths
}
