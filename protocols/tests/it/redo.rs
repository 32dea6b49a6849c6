//! A level whose check fails is done again, without whoever made it fail; written from outside.

use std::sync::{Arc, Mutex};

use mpclab_protocols::algebra::{M61, Ring};
use mpclab_protocols::engine::{self, Engine, NoBits, Plan, Verified};
use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Inputs, Type};
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::{Ctx, PartyEnd, Simulation};

use crate::harness::{config, job};

/// Values in the clear, and a party that says wrong products until it is no longer asked.
struct Cleartext {
    plan: Arc<Plan<()>>,
    state: Mutex<State>,
    restocked: Batches,
}

/// Batches that drew anew, each time.
type Batches = Arc<Mutex<Vec<Vec<usize>>>>;

#[derive(Default)]
struct State {
    /// What each party said since the last check.
    said: Vec<Vec<(PartyId, Vec<M61>)>>,
    is_out: bool,
}

const LIAR: PartyId = PartyId(2);
const TRUSTED: PartyId = PartyId(0);

impl Cleartext {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("unpoisoned")
    }

    fn product(&self, a: &[M61], b: &[M61]) -> Vec<M61> {
        a.iter().zip(b).map(|(a, b)| *a * *b).collect()
    }
}

/// A batch may draw once.
type Stock = usize;

impl Engine for Cleartext {
    type Element = M61;
    type Shares = Vec<M61>;
    type Stock = Stock;
    type Bits = NoBits;
    const REDOES: bool = true;

    async fn prepare(&self, _: &Ctx) -> Result<Vec<Stock>, Abort> {
        Ok(vec![1; self.plan.program.schedule().batches.len()])
    }

    fn is_spent(stock: &Stock) -> bool {
        *stock == 0
    }

    fn constant(&self, values: Vec<M61>) -> Result<Vec<M61>, Abort> {
        Ok(values)
    }

    async fn share(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<M61>>,
        len: usize,
    ) -> Result<Option<Vec<M61>>, Abort> {
        if let Some(values) = values {
            ctx.broadcast(&values);
            return Ok(Some(values));
        }
        ctx.recv(owner, len).await.map(Some)
    }

    /// Believes the liar, as long as it takes part.
    async fn mul(
        &self,
        ctx: &Ctx,
        stock: &mut Stock,
        a: &Vec<M61>,
        b: &Vec<M61>,
    ) -> Result<Vec<M61>, Abort> {
        *stock -= 1;
        let mut own = self.product(a, b);
        let speaker = if self.state().is_out { TRUSTED } else { LIAR };
        if ctx.id() == LIAR && speaker == LIAR {
            own[0] += M61::ONE;
        }
        ctx.broadcast(&own);
        let mut said: Vec<(PartyId, Vec<M61>)> =
            ctx.gather::<Vec<M61>>(own.len()).await?.into_iter().collect();
        said.push((ctx.id(), own));
        let believed = said.iter().find(|(party, _)| *party == speaker).expect("speaks").1.clone();
        self.state().said.push(said);
        Ok(believed)
    }

    async fn dot(
        &self,
        _: &Ctx,
        _: &mut Stock,
        _: &Vec<M61>,
        _: &Vec<M61>,
        _: &[usize],
    ) -> Result<Vec<M61>, Abort> {
        Err(Abort::Bug("the program has none".to_owned()))
    }

    async fn is_negative(
        &self,
        _: &Ctx,
        stock: &mut Stock,
        a: &Vec<M61>,
        _: u32,
    ) -> Result<Vec<M61>, Abort> {
        *stock -= 1;
        let bit = |value: &M61| if value.to_i128() < 0 { M61::ONE } else { M61::ZERO };
        Ok(a.iter().map(bit).collect())
    }

    async fn verify(&self, _: &Ctx) -> Result<Verified, Abort> {
        let mut state = self.state();
        let said = std::mem::take(&mut state.said);
        let agree = |said: &Vec<(PartyId, Vec<M61>)>| said.iter().all(|one| one.1 == said[0].1);
        if state.is_out || said.iter().all(agree) {
            return Ok(Verified::Passed);
        }
        state.is_out = true;
        Ok(Verified::Redo)
    }

    async fn restock(&self, _: &Ctx, batches: &[usize]) -> Result<Vec<Stock>, Abort> {
        self.restocked.lock().expect("unpoisoned").push(batches.to_vec());
        Ok(vec![1; batches.len()])
    }

    async fn reveal(
        &self,
        _: &Ctx,
        shares: Option<&Vec<M61>>,
        _: usize,
    ) -> Result<Vec<M61>, Abort> {
        Ok(shares.cloned().unwrap_or_default())
    }
}

#[test]
fn a_level_that_fails_its_check_is_done_again_from_the_values_before_it() {
    // (x y) y in level 0, and whether it is below x in level 1: x and y are read in both.
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 8 };
    let x = builder.input("v", 0, 2, ty).expect("allowed");
    let y = builder.input("v", 1, 2, ty).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    let product = builder.mul(product, y).expect("allowed");
    let less = builder.less(product, x).expect("allowed");
    builder.output("product", product, Decoding::Integer).expect("allowed");
    builder.output("less", less, Decoding::Integer).expect("allowed");
    let program = Arc::new(builder.finish().expect("allowed"));
    let job = job(Task::Program(program), Roles::all(3), 8);
    let plan = Arc::new(Plan::new(&job, ()).expect("a program").with_levels());

    let restocked: [Batches; 3] = Default::default();
    let run = Simulation::new(config(3, 1)).run(|ctx: Ctx| {
        let (plan, restocked) = (Arc::clone(&plan), Arc::clone(&restocked[ctx.id().index()]));
        let values = [vec![3, -5], vec![7, 2]].get(ctx.id().index()).cloned();
        let input = values.map_or_else(Inputs::new, |v| Inputs::from([("v".to_owned(), v)]));
        Box::pin(async move {
            let engine = Cleartext { plan: Arc::clone(&plan), state: Mutex::default(), restocked };
            engine::run(engine, ctx, plan, input).await
        })
    });
    for (party, (end, _)) in run.parties.iter().enumerate() {
        let PartyEnd::Output(outputs) = end else { panic!("{party}: {end:?}") };
        assert_eq!(outputs.integers("product").expect("opened"), [3 * 49, -20], "{party}");
        assert_eq!(outputs.integers("less").expect("opened"), [0, 1], "{party}");
        assert_eq!(*restocked[party].lock().expect("unpoisoned"), [vec![0, 1]], "{party}");
    }
    // Two products, and the same two again.
    assert_eq!(run.rounds.total, 1 + 4);
}
