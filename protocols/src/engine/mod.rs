//! Generic engines: any program over secret shares.
//!
//! An [`Engine`] supplies sharing, multiplication and comparison of vectors; [`run`] is the same
//! for all of them: set up, prepare correlated randomness for every batch of the program's
//! schedule, share the inputs, run the batches as a data flow, open the outputs.

pub mod cost;
mod execute;
pub mod field;
pub(crate) mod inputs;
mod opening;
pub mod oracle;
mod plan;
pub(crate) mod replicated;
pub mod shamir;
mod shares;

use std::future::Future;
use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use crate::algebra::Ring;
use crate::program::{BatchKind, Inputs, Operation, Outputs, Program, Rounding};

pub use inputs::InputCheck;
pub use opening::{Group, Opening};
pub use plan::Plan;
pub use shares::{Replicated, RingVectors, Shares};

/// Secret sharing with everything that a program asks for. All vectors are batches: one call is
/// one set of messages, however long they are.
pub trait Engine: Send + Sync + Sized + 'static {
    /// Where values live.
    type Element: Ring;
    /// A party's share of a vector of values.
    type Shares: Shares<Self::Element>;
    /// Correlated randomness for one batch.
    type Stock: Send;

    /// How inputs are held to their ranges; a malicious engine asks for more than none.
    fn input_check(&self) -> InputCheck {
        InputCheck::None
    }

    /// Correlated randomness for every batch of the schedule, in the phases before the inputs; with
    /// an input check one stock more, the last, for as many products as its
    /// [`Plan::checked_digits`].
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

    /// Verifies everything that was computed so far; no other strand runs meanwhile.
    fn verify(&self, ctx: &Ctx) -> impl Future<Output = Result<(), Abort>> + Send {
        let _ = ctx;
        async { Ok(()) }
    }

    /// Opens values to all computing parties, but not before everything that was computed so far
    /// is verified, and hands them out only once they are known to be what is shared.
    fn open_verified(
        &self,
        ctx: &Ctx,
        shares: &Self::Shares,
    ) -> impl Future<Output = Result<Vec<Self::Element>, Abort>> + Send {
        let _ = (ctx, shares);
        async { Err(Abort::Bug("an engine without input checks verifies nothing".to_owned())) }
    }

    /// Opens values to the output nodes, to each those that [`Plan::opening`] says, and returns the
    /// own ones; computing parties hand in shares of all, clients `None`. `len` values in all.
    fn reveal(
        &self,
        ctx: &Ctx,
        shares: Option<&Self::Shares>,
        len: usize,
    ) -> impl Future<Output = Result<Vec<Self::Element>, Abort>> + Send;
}

fn no_comparisons() -> Abort {
    Abort::Bug("programs that compare are refused before they run".to_owned())
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
    let mut stocks = if computes { engine.prepare(&ctx).await? } else { Vec::new() };
    let check_stock = match engine.input_check() {
        InputCheck::Range => stocks.pop(),
        InputCheck::None => None,
    };
    let online = ctx.scope("online");
    let inputs = inputs::share(&*engine, &online, &plan, &input, check_stock).await?;
    let opened = if computes {
        Some(execute::execute(&engine, &online, &plan, inputs, stocks).await?)
    } else {
        None
    };
    let len = plan.program.outputs().iter().map(|output| output.len).sum();
    let outputs = engine.reveal(&online.scope("output"), opened.as_ref(), len).await?;
    let Ok(party) = plan.job.roles.output.binary_search(&ctx.id()) else {
        return Ok(Outputs::none());
    };
    let raw: Vec<i128> = outputs.into_iter().map(Ring::to_i128).collect();
    Ok(plan.program.to_outputs_of(party, &raw))
}

/// When each batch runs, if operands of comparisons and truncations are verified first: after those
/// of one level comes a check, unless it is the last one.
pub(crate) fn levels(program: &Program, verifies_operands: bool) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for batch in &program.schedule().batches {
        let masks = verifies_operands && batch.kind.masks();
        let read = batch.depends_on.iter().filter_map(|at| levels.get(*at));
        levels.push(read.map(|level| level + usize::from(masks)).max().unwrap_or(0));
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
        BatchKind::Less { .. } => "less",
        BatchKind::Equal { .. } => "equal",
        BatchKind::Truncate { .. } => "truncate",
    }
}

/// Lengths of the inner products of a batch, in order of its results.
pub(crate) fn dot_lengths(program: &Program, members: &[crate::program::NodeId]) -> Vec<usize> {
    let nodes = program.nodes();
    let mut lengths = Vec::new();
    for id in members {
        if let Operation::Dot { a, groups, .. } = nodes[id.index()].operation {
            lengths.extend(std::iter::repeat_n(nodes[a.index()].len / groups.max(1), groups));
        }
    }
    lengths
}
