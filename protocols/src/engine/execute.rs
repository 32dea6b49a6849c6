//! The batches of a program as a data flow: each runs on a strand of its own, which is opened when
//! the batches that it reads are done, so rounds are those of the depth, not of the program's text.
//!
//! A value lives until its last reader has it; a program of any length has only the strands and
//! values at hand that its width needs.

use std::sync::{Arc, Mutex, PoisonError};

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::board::{Board, Flow};
use super::{Cut, Engine, Plan, Shares, scope_name};
use crate::algebra::Ring;
use crate::program::{BatchKind, NodeId, Operation};

/// Runs all batches and returns the shares of all outputs, one after the other.
pub(super) async fn execute<E: Engine, P: Send + Sync + 'static>(
    engine: &Arc<E>,
    online: &Ctx,
    plan: &Arc<Plan<P>>,
    inputs: Vec<Option<E::Shares>>,
    stocks: Vec<E::Stock>,
) -> Result<E::Shares, Abort> {
    if stocks.len() != plan.program.schedule().batches.len() {
        return Err(Abort::Bug("stocks and batches differ in number".to_owned()));
    }
    let execution = Arc::new(Execution {
        engine: Arc::clone(engine),
        plan: Arc::clone(plan),
        inputs: Mutex::new(inputs),
        stocks: stocks.into_iter().map(|stock| Mutex::new(Some(stock))).collect(),
        board: Board::new(&plan.program, &plan.readers),
    });
    // What can run already but belongs to a later level.
    let mut waiting: Vec<usize> = Vec::new();
    let last = plan.levels.iter().copied().max().unwrap_or(0);
    for level in 0..=last {
        let mut here = || {
            waiting.extend(execution.board.lock().take_ready());
            let (here, later) =
                std::mem::take(&mut waiting).into_iter().partition(|at| plan.levels[*at] == level);
            waiting = later;
            let here: Vec<usize> = here;
            here.into_iter().map(|at| (at, execution.strand(online, at))).collect::<Vec<_>>()
        };
        let first = here();
        online.try_join_growing(first, |_| here()).await?;
        if level < last {
            engine.verify(&online.scope(("verify", level))).await?;
        }
    }
    execution.outputs()
}

struct Execution<E: Engine, P> {
    engine: Arc<E>,
    plan: Arc<Plan<P>>,
    inputs: Mutex<Vec<Option<E::Shares>>>,
    stocks: Vec<Mutex<Option<E::Stock>>>,
    board: Board<E::Shares>,
}

impl<E: Engine, P: Send + Sync> Execution<E, P> {
    fn strand(
        self: &Arc<Self>,
        online: &Ctx,
        at: usize,
    ) -> impl Future<Output = Result<(), Abort>> + Send + use<E, P> {
        let kind = self.plan.program.schedule().batches[at].kind;
        let ctx = online.scope((scope_name(kind), at));
        let execution = Arc::clone(self);
        async move { execution.run(&ctx, at).await }
    }

    async fn run(&self, ctx: &Ctx, at: usize) -> Result<(), Abort> {
        let stock = self.stocks[at].lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut stock) = stock else {
            return Err(Abort::Bug(format!("batch {at} runs twice")));
        };
        let depth = self.board.lock().depth_of(at);
        ctx.raise_to(&depth);
        let results = self.batch(ctx, at, &mut stock).await?;
        if !E::is_spent(&stock) {
            return Err(Abort::Bug(format!("{} leaves correlated randomness over", ctx.path())));
        }
        let members = &self.plan.program.schedule().batches[at].members;
        let values = match members.as_slice() {
            [_] => vec![Arc::new(results)],
            members => {
                let mut start = 0;
                let part = |id: &NodeId| {
                    let range = start..start + self.plan.program.nodes()[id.index()].len;
                    start = range.end;
                    Arc::new(results.slice(range))
                };
                members.iter().map(part).collect()
            }
        };
        self.board.lock().finish(at, values, ctx.causal_depth());
        Ok(())
    }

    async fn batch(&self, ctx: &Ctx, at: usize, stock: &mut E::Stock) -> Result<E::Shares, Abort> {
        let (engine, batch) = (&*self.engine, &self.plan.program.schedule().batches[at]);
        let (a, b) = self.operands(&batch.members)?;
        let difference = |b: Option<Arc<E::Shares>>| match b {
            Some(b) => Ok(a.sub(&b)),
            None => Err(Abort::Bug(format!("{} compares one operand", ctx.path()))),
        };
        Ok(match batch.kind {
            BatchKind::Mul => engine.mul(ctx, stock, &a, b.as_ref().unwrap_or(&a)).await?,
            BatchKind::Dot => {
                let b = b.as_ref().unwrap_or(&a);
                engine.dot(ctx, stock, &a, b, &self.plan.dots[at]).await?
            }
            BatchKind::And | BatchKind::Select => return Err(unlowered()),
            BatchKind::Less { bits } => {
                let difference = difference(b)?;
                drop(a);
                engine.is_negative(ctx, stock, &difference, bits).await?
            }
            BatchKind::Equal { bits } => {
                let difference = difference(b)?;
                drop(a);
                engine.is_zero(ctx, stock, &difference, bits).await?
            }
            BatchKind::Truncate { bits, shift, rounding } => {
                engine.truncate(ctx, stock, &a, Cut { bits, shift, rounding }).await?
            }
        })
    }

    /// The first operands of these nodes, one after the other, and the second ones if there are.
    #[expect(clippy::type_complexity, reason = "two vectors")]
    fn operands(
        &self,
        members: &[NodeId],
    ) -> Result<(Arc<E::Shares>, Option<Arc<E::Shares>>), Abort> {
        let nodes = self.plan.program.nodes();
        let operands: Vec<Vec<NodeId>> =
            members.iter().map(|id| nodes[id.index()].operation.operands()).collect();
        let mut flow = self.board.lock();
        self.compute(&mut flow, &operands.concat())?;
        let mut side = |side: usize| -> Result<Option<Arc<E::Shares>>, Abort> {
            let ids = operands.iter().filter_map(|ids| ids.get(side));
            let mut values = ids.map(|id| flow.read(*id)).collect::<Result<Vec<_>, Abort>>()?;
            Ok(match values.len() {
                0 => None,
                1 => values.pop(),
                _ => Some(Arc::new(Shares::concat(values.iter().map(|value| &**value)))),
            })
        };
        let first = side(0)?;
        let second = side(1)?;
        match first {
            Some(first) => Ok((first, second)),
            None => Err(Abort::Bug("a batch reads nothing".to_owned())),
        }
    }

    fn outputs(&self) -> Result<E::Shares, Abort> {
        let ids: Vec<NodeId> = self.plan.program.outputs().iter().map(|o| o.node).collect();
        let mut flow = self.board.lock();
        self.compute(&mut flow, &ids)?;
        let mut values = ids.iter().map(|id| flow.read(*id)).collect::<Result<Vec<_>, Abort>>()?;
        match (values.len(), values.pop()) {
            (1, Some(only)) => Ok(Arc::unwrap_or_clone(only)),
            (_, last) => Ok(Shares::concat(values.iter().chain(&last).map(|value| &**value))),
        }
    }

    /// Computes the local nodes behind these.
    fn compute(&self, flow: &mut Flow<E::Shares>, ids: &[NodeId]) -> Result<(), Abort> {
        for id in flow.locals(ids) {
            let value = self.local(flow, id)?;
            flow.put(id, Arc::new(value));
        }
        Ok(())
    }

    fn local(&self, flow: &mut Flow<E::Shares>, id: NodeId) -> Result<E::Shares, Abort> {
        let mut of = |id: &NodeId| flow.read(*id);
        let public = |values: &[i128]| values.iter().map(|v| E::Element::from_i128(*v)).collect();
        Ok(match &self.plan.program.nodes()[id.index()].operation {
            Operation::Input(index) => {
                let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
                match inputs.get_mut(*index).map(Option::take) {
                    Some(Some(shares)) => shares,
                    _ => return Err(Abort::Bug(format!("input {index} was not shared"))),
                }
            }
            Operation::Const(values) => self.engine.constant(public(values))?,
            Operation::Add(a, b) => of(a)?.add(&*of(b)?),
            Operation::Sub(a, b) => of(a)?.sub(&*of(b)?),
            Operation::Scale { a, by } => of(a)?.scale(E::Element::from_i128(*by)),
            Operation::ScaleEach { a, by } => of(a)?.scale_each(&public(by)),
            Operation::Sum { a, groups } => {
                let a = of(a)?;
                let group = a.len() / (*groups).max(1);
                a.sum_groups(group)
            }
            Operation::Gather { a, indices } => of(a)?.gather(indices),
            Operation::Concat(parts) => {
                let parts = parts.iter().map(of).collect::<Result<Vec<_>, Abort>>()?;
                Shares::concat(parts.iter().map(|part| &**part))
            }
            interactive => {
                return Err(Abort::Bug(format!("{} is not local", interactive.name())));
            }
        })
    }
}

/// Engines over numbers get programs whose bits are numbers, see [`crate::program::to_numbers`].
fn unlowered() -> Abort {
    Abort::Bug("operations of bits reach an engine over numbers".to_owned())
}
