//! The batches of a program as a data flow: each runs on a strand of its own, which is opened when
//! the batches that it reads are done, so rounds are those of the depth, not of the program's text.
//!
//! A value lives until its last reader has it; a program of any length has only the strands and
//! values at hand that its width needs.

use std::sync::{Arc, Mutex, PoisonError};

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::Abort;

use super::board::{Board, Flow};
use super::value::{Opened, Value};
use super::{Cut, Engine, PackedBits, Plan, Shares, Verified, circuit_of, scope_name};
use crate::algebra::Ring;
use crate::circuit::{Layered, Walk as CircuitWalk, WalkError};
use crate::program::{Batch, BatchKind, NodeId, Operation, Sharing};

/// Runs all batches and returns the shares of all outputs.
pub(super) async fn execute<E: Engine, P: Send + Sync + 'static>(
    engine: &Arc<E>,
    online: &Ctx,
    plan: &Arc<Plan<P>>,
    inputs: Vec<Option<Value<E>>>,
    stocks: Vec<E::Stock>,
) -> Result<Opened<E>, Abort> {
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
    let mut waiting = Vec::new();
    let last = plan.levels.iter().copied().max().unwrap_or(0);
    for level in 0..=last {
        execution.level(online, level, &mut waiting, level < last).await?;
    }
    execution.outputs()
}

struct Execution<E: Engine, P> {
    engine: Arc<E>,
    plan: Arc<Plan<P>>,
    inputs: Mutex<Vec<Option<Value<E>>>>,
    stocks: Vec<Mutex<Option<E::Stock>>>,
    board: Board<Value<E>>,
}

impl<E: Engine, P: Send + Sync> Execution<E, P> {
    /// The batches of one level, until they are verified; `waiting` can run already but belongs to a
    /// later level.
    async fn level(
        self: &Arc<Self>,
        online: &Ctx,
        level: usize,
        waiting: &mut Vec<usize>,
        verifies: bool,
    ) -> Result<(), Abort> {
        let before = E::REDOES.then(|| (self.board.lock().clone(), waiting.clone()));
        for attempt in 0usize.. {
            let scope = match attempt {
                0 => online.clone(),
                again => online.scope(("redo", again)),
            };
            let mut done = Vec::new();
            let mut here = || {
                waiting.extend(self.board.lock().take_ready());
                let (here, later): (Vec<usize>, Vec<usize>) = std::mem::take(waiting)
                    .into_iter()
                    .partition(|at| self.plan.levels[*at] == level);
                *waiting = later;
                done.extend(&here);
                here.into_iter().map(|at| (at, self.strand(&scope, at))).collect::<Vec<_>>()
            };
            let first = here();
            online.try_join_growing(first, |_| here()).await?;
            if !verifies && !E::REDOES {
                break;
            }
            match (self.engine.verify(&scope.scope(("verify", level))).await?, &before) {
                (Verified::Passed, _) => break,
                (Verified::Redo, None) => {
                    return Err(Abort::Bug("a level is done again that was not kept".to_owned()));
                }
                (Verified::Redo, Some((flow, waited))) => {
                    *self.board.lock() = flow.clone();
                    waiting.clone_from(waited);
                    done.sort_unstable();
                    self.restock(&scope, &done).await?;
                }
            }
        }
        Ok(())
    }

    async fn restock(&self, ctx: &Ctx, batches: &[usize]) -> Result<(), Abort> {
        let stocks = self.engine.restock(&ctx.scope("restock"), batches).await?;
        if stocks.len() != batches.len() {
            return Err(Abort::Bug("stocks and batches differ in number".to_owned()));
        }
        for (at, stock) in batches.iter().zip(stocks) {
            *self.stocks[*at].lock().unwrap_or_else(PoisonError::into_inner) = Some(stock);
        }
        Ok(())
    }

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

    async fn batch(&self, ctx: &Ctx, at: usize, stock: &mut E::Stock) -> Result<Value<E>, Abort> {
        let (engine, batch) = (&*self.engine, &self.plan.program.schedule().batches[at]);
        if batch.kind == BatchKind::RandomBits {
            return Ok(match batch.sharing {
                Sharing::Arithmetic => {
                    Value::Numbers(engine.random_bits(ctx, stock, batch.len).await?)
                }
                Sharing::Boolean => {
                    Value::Bits(engine.random_packed_bits(ctx, stock, batch.len).await?)
                }
            });
        }
        let (a, b) = self.operands(&batch.members)?;
        let second = b.as_ref().unwrap_or(&a);
        if batch.kind == BatchKind::And {
            return Ok(Value::Bits(engine.and(ctx, stock, a.bits()?, second.bits()?).await?));
        }
        if let Some(circuit) = circuit_of(&self.plan.program, batch) {
            return Ok(Value::Bits(self.gates(ctx, circuit, stock, a.bits()?.clone()).await?));
        }
        if batch.kind == BatchKind::Inject {
            return Ok(Value::Numbers(engine.inject(ctx, stock, a.bits()?).await?));
        }
        let numbers = match batch.kind {
            BatchKind::Mul => engine.mul(ctx, stock, a.numbers()?, second.numbers()?).await?,
            BatchKind::Dot => {
                let lengths = &self.plan.dots[at];
                engine.dot(ctx, stock, a.numbers()?, second.numbers()?, lengths).await?
            }
            BatchKind::Truncate { bits, shift, rounding } => {
                let cut = Cut { bits, shift, rounding };
                engine.truncate(ctx, stock, a.numbers()?, cut).await?
            }
            BatchKind::Less { .. } | BatchKind::Equal { .. } => {
                let difference = a.numbers()?.sub(second.numbers()?);
                drop((a, b));
                return self.compare(ctx, batch, stock, &difference).await;
            }
            BatchKind::And
            | BatchKind::RandomBits
            | BatchKind::Gates
            | BatchKind::Inject
            | BatchKind::Select => {
                return Err(Abort::Bug(format!("{} was not lowered", ctx.path())));
            }
        };
        Ok(Value::Numbers(numbers))
    }

    /// A circuit, layer by layer.
    async fn gates(
        &self,
        ctx: &Ctx,
        circuit: &Arc<Layered>,
        stock: &mut E::Stock,
        inputs: E::Bits,
    ) -> Result<E::Bits, Abort> {
        let wrong = |why: WalkError| Abort::Bug(why.to_string());
        let mut walk = CircuitWalk::new(Arc::clone(circuit), inputs, 1).map_err(wrong)?;
        while !walk.is_last() {
            let layer = ctx.scope(("and", walk.layer()));
            walk.local();
            let (left, right) = walk.operands();
            let products = self.engine.and(&layer, stock, &left, &right).await?;
            walk.place(products).map_err(wrong)?;
        }
        walk.local();
        Ok(walk.outputs())
    }

    async fn compare(
        &self,
        ctx: &Ctx,
        batch: &Batch,
        stock: &mut E::Stock,
        difference: &E::Shares,
    ) -> Result<Value<E>, Abort> {
        let engine = &*self.engine;
        Ok(match (batch.kind, batch.sharing) {
            (BatchKind::Less { bits }, Sharing::Arithmetic) => {
                Value::Numbers(engine.is_negative(ctx, stock, difference, bits).await?)
            }
            (BatchKind::Less { bits }, Sharing::Boolean) => {
                Value::Bits(engine.is_negative_bits(ctx, stock, difference, bits).await?)
            }
            (BatchKind::Equal { bits }, Sharing::Arithmetic) => {
                Value::Numbers(engine.is_zero(ctx, stock, difference, bits).await?)
            }
            (BatchKind::Equal { bits }, Sharing::Boolean) => {
                Value::Bits(engine.is_zero_bits(ctx, stock, difference, bits).await?)
            }
            _ => return Err(Abort::Bug(format!("{} compares nothing", ctx.path()))),
        })
    }

    /// The first operands of these nodes, one after the other, and the second ones if there are.
    #[expect(clippy::type_complexity, reason = "two vectors")]
    fn operands(
        &self,
        members: &[NodeId],
    ) -> Result<(Arc<Value<E>>, Option<Arc<Value<E>>>), Abort> {
        let operands = self.plan.program.operands_of(members);
        let mut flow = self.board.lock();
        self.compute(&mut flow, &operands.concat())?;
        let mut side = |ids: &[NodeId]| -> Result<Option<Arc<Value<E>>>, Abort> {
            let mut values = flow.read_all(ids)?;
            Ok(match values.len() {
                0 => None,
                1 => values.pop(),
                _ => Some(Arc::new(Value::concat(&values)?)),
            })
        };
        let [first, second] = [side(&operands[0])?, side(&operands[1])?];
        match first {
            Some(first) => Ok((first, second)),
            None => Err(Abort::Bug("a batch reads nothing".to_owned())),
        }
    }

    fn outputs(&self) -> Result<Opened<E>, Abort> {
        let ids: Vec<NodeId> = self.plan.program.outputs().iter().map(|o| o.node).collect();
        let mut flow = self.board.lock();
        self.compute(&mut flow, &ids)?;
        let (mut numbers, mut bits) = (Vec::new(), Vec::new());
        for id in &ids {
            let value = flow.read(*id)?;
            match &*value {
                Value::Numbers(_) => numbers.push(value),
                Value::Bits(_) => bits.push(value),
            }
        }
        let all = |mut values: Vec<Arc<Value<E>>>| match values.len() {
            0 => Ok(None),
            1 => Ok(values.pop().map(Arc::unwrap_or_clone)),
            _ => Value::concat(&values).map(Some),
        };
        let mut opened = Opened { numbers: None, bits: None };
        for value in [all(numbers)?, all(bits)?].into_iter().flatten() {
            match value {
                Value::Numbers(shares) => opened.numbers = Some(shares),
                Value::Bits(bits) => opened.bits = Some(bits),
            }
        }
        Ok(opened)
    }

    /// Computes the local nodes behind these.
    fn compute(&self, flow: &mut Flow<Value<E>>, ids: &[NodeId]) -> Result<(), Abort> {
        for id in flow.locals(ids) {
            let value = match self.plan.program.nodes()[id.index()].operation {
                Operation::Input(index) => self.input(index)?,
                ref operation => self.local(flow, id, operation)?,
            };
            flow.put(id, Arc::new(value));
        }
        Ok(())
    }

    fn input(&self, index: usize) -> Result<Value<E>, Abort> {
        let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = inputs.get_mut(index);
        match shared.map(|one| if E::REDOES { one.clone() } else { one.take() }) {
            Some(Some(shares)) => Ok(shares),
            _ => Err(Abort::Bug(format!("input {index} was not shared"))),
        }
    }

    fn local(
        &self,
        flow: &mut Flow<Value<E>>,
        id: NodeId,
        operation: &Operation,
    ) -> Result<Value<E>, Abort> {
        let mut of = |id: &NodeId| flow.read(*id);
        let public = |values: &[i128]| values.iter().map(|v| E::Element::from_i128(*v)).collect();
        let sharing = self.plan.program.nodes()[id.index()].sharing;
        Ok(match operation {
            Operation::Const(values) if sharing == Sharing::Boolean => {
                let bits = values.iter().map(|value| *value == 1).collect();
                Value::Bits(self.engine.constant_bits(bits)?)
            }
            Operation::Const(values) => Value::Numbers(self.engine.constant(public(values))?),
            Operation::Xor(a, b) => Value::Bits(of(a)?.bits()?.xor(of(b)?.bits()?)),
            Operation::Not(a) => Value::Bits(of(a)?.bits()?.not()),
            Operation::LowBit(a) => Value::Bits(self.engine.low_bits(of(a)?.numbers()?)?),
            Operation::Add(a, b) => Value::Numbers(of(a)?.numbers()?.add(of(b)?.numbers()?)),
            Operation::Sub(a, b) => Value::Numbers(of(a)?.numbers()?.sub(of(b)?.numbers()?)),
            Operation::Scale { a, by } => {
                Value::Numbers(of(a)?.numbers()?.scale(E::Element::from_i128(*by)))
            }
            Operation::ScaleEach { a, by } => {
                Value::Numbers(of(a)?.numbers()?.scale_each(&public(by)))
            }
            Operation::Sum { a, groups } => {
                let a = of(a)?;
                let a = a.numbers()?;
                Value::Numbers(a.sum_groups(a.len() / (*groups).max(1)))
            }
            Operation::Gather { a, indices } => match &*of(a)? {
                Value::Numbers(shares) => Value::Numbers(shares.gather(indices)),
                Value::Bits(bits) => Value::Bits(bits.gather(indices)),
            },
            Operation::Concat(parts) => Value::concat(&flow.read_all(parts)?)?,
            interactive => {
                return Err(Abort::Bug(format!("{} is not local", interactive.name())));
            }
        })
    }
}
