//! The batches of a program as a data flow: each runs on a strand of its own as soon as the
//! batches that it reads are done, so rounds are those of the depth, not of the program's text.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, Promise};

use super::{Cut, Engine, Plan, Shares, scope_name};
use crate::algebra::Ring;
use crate::program::{BatchKind, NodeId, Operation};

/// Values of the nodes that a strand has at hand.
type Values<S> = BTreeMap<NodeId, S>;

/// What a batch hands to those that read it: its members' values, or why there are none.
type Done<S> = Promise<Result<Arc<Values<S>>, Abort>>;

/// Runs all batches and returns the shares of all outputs, one after the other.
pub(super) async fn execute<E: Engine, P: Send + Sync + 'static>(
    engine: &Arc<E>,
    online: &Ctx,
    plan: &Arc<Plan<P>>,
    inputs: Vec<Option<E::Shares>>,
    stocks: Vec<E::Stock>,
) -> Result<E::Shares, Abort> {
    let batches = &plan.program.schedule().batches;
    if stocks.len() != batches.len() {
        return Err(Abort::Bug("stocks and batches differ in number".to_owned()));
    }
    let done: Vec<Done<E::Shares>> = batches.iter().map(|_| online.promise()).collect();
    let inputs = Arc::new(inputs);
    let levels = &plan.levels;
    let last = levels.iter().copied().max().unwrap_or(0);
    let mut stocks: Vec<Option<E::Stock>> = stocks.into_iter().map(Some).collect();
    for level in 0..=last {
        let here = stocks.iter_mut().enumerate().filter(|(at, _)| levels[*at] == level);
        let strands = here.filter_map(|(at, stock)| {
            let strand = Strand {
                engine: Arc::clone(engine),
                plan: Arc::clone(plan),
                inputs: Arc::clone(&inputs),
                done: done.clone(),
            };
            let scope = (scope_name(batches[at].kind), at);
            Some(strand.run(online.scope(scope), at, stock.take()?))
        });
        online.try_join_all(strands.collect::<Vec<_>>()).await?;
        if level < last {
            engine.verify(&online.scope(("verify", level))).await?;
        }
    }
    let end = Strand { engine: Arc::clone(engine), plan: Arc::clone(plan), inputs, done };
    let schedule = plan.program.schedule();
    let values = end.values(&schedule.output_depends_on, &schedule.output_locals).await?;
    let opened: Result<Vec<&E::Shares>, Abort> =
        plan.program.outputs().iter().map(|output| value(&values, output.node)).collect();
    Ok(Shares::concat(opened?))
}

struct Strand<E: Engine, P> {
    engine: Arc<E>,
    plan: Arc<Plan<P>>,
    inputs: Arc<Vec<Option<E::Shares>>>,
    done: Vec<Done<E::Shares>>,
}

impl<E: Engine, P: Send + Sync> Strand<E, P> {
    async fn run(self, ctx: Ctx, at: usize, mut stock: E::Stock) -> Result<(), Abort> {
        let result = self.batch(&ctx, at, &mut stock).await;
        let ended = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.done[at].keep(result.map(Arc::new));
        ended
    }

    async fn batch(
        &self,
        ctx: &Ctx,
        at: usize,
        stock: &mut E::Stock,
    ) -> Result<Values<E::Shares>, Abort> {
        let batch = &self.plan.program.schedule().batches[at];
        let values = self.values(&batch.depends_on, &batch.locals).await?;
        let nodes = self.plan.program.nodes();
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for id in &batch.members {
            let operands = nodes[id.index()].operation.operands();
            lefts.push(value(&values, operands[0])?);
            rights.push(value(&values, *operands.get(1).unwrap_or(&operands[0]))?);
        }
        let a: E::Shares = Shares::concat(lefts);
        let b: E::Shares = Shares::concat(rights);
        let engine = &*self.engine;
        let results = match batch.kind {
            BatchKind::Mul => engine.mul(ctx, stock, &a, &b).await?,
            BatchKind::Dot => engine.dot(ctx, stock, &a, &b, &self.plan.dots[at]).await?,
            BatchKind::And | BatchKind::Select => return Err(unlowered()),
            BatchKind::Less { bits } => engine.is_negative(ctx, stock, &a.sub(&b), bits).await?,
            BatchKind::Equal { bits } => engine.is_zero(ctx, stock, &a.sub(&b), bits).await?,
            BatchKind::Truncate { bits, shift, rounding } => {
                engine.truncate(ctx, stock, &a, Cut { bits, shift, rounding }).await?
            }
        };
        if !E::is_spent(stock) {
            return Err(Abort::Bug(format!("{} leaves correlated randomness over", ctx.path())));
        }
        let mut start = 0;
        let mut by_member = Values::new();
        for id in &batch.members {
            let end = start + nodes[id.index()].len;
            by_member.insert(*id, results.slice(start..end));
            start = end;
        }
        Ok(by_member)
    }

    /// Waits for earlier batches and computes the local nodes behind them.
    async fn values(
        &self,
        depends_on: &[usize],
        locals: &[NodeId],
    ) -> Result<Values<E::Shares>, Abort> {
        let mut values = Values::new();
        for earlier in depends_on {
            let members = self.done[*earlier].get().await?;
            values.extend(members.iter().map(|(id, shares)| (*id, shares.clone())));
        }
        for id in locals {
            let local = self.local(&values, *id)?;
            values.insert(*id, local);
        }
        Ok(values)
    }

    fn local(&self, values: &Values<E::Shares>, id: NodeId) -> Result<E::Shares, Abort> {
        let of = |id: &NodeId| value(values, *id);
        let public = |values: &[i128]| values.iter().map(|v| E::Element::from_i128(*v)).collect();
        Ok(match &self.plan.program.nodes()[id.index()].operation {
            Operation::Input(index) => match self.inputs.get(*index) {
                Some(Some(shares)) => shares.clone(),
                _ => return Err(Abort::Bug(format!("input {index} was not shared"))),
            },
            Operation::Const(values) => self.engine.constant(public(values))?,
            Operation::Add(a, b) => of(a)?.add(of(b)?),
            Operation::Sub(a, b) => of(a)?.sub(of(b)?),
            Operation::Scale { a, by } => of(a)?.scale(E::Element::from_i128(*by)),
            Operation::ScaleEach { a, by } => of(a)?.scale_each(&public(by)),
            Operation::Sum { a, groups } => {
                let a = of(a)?;
                let group = a.len() / (*groups).max(1);
                a.sum_groups(group)
            }
            Operation::Gather { a, indices } => of(a)?.gather(indices),
            Operation::Concat(parts) => {
                let parts: Result<Vec<&E::Shares>, Abort> = parts.iter().map(of).collect();
                Shares::concat(parts?)
            }
            interactive => {
                return Err(Abort::Bug(format!("{} is not local", interactive.name())));
            }
        })
    }
}

fn value<S>(values: &Values<S>, id: NodeId) -> Result<&S, Abort> {
    values.get(&id).ok_or_else(|| Abort::Bug(format!("node {} is not at hand", id.0)))
}

/// Engines over numbers get programs whose bits are numbers, see [`crate::program::to_numbers`].
fn unlowered() -> Abort {
    Abort::Bug("operations of bits reach an engine over numbers".to_owned())
}
