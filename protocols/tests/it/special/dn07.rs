//! Mutants of `dn07`: each is flagged by what is there to notice it.

use std::sync::Arc;

use mpclab_protocols::algebra::PrimeField;
use mpclab_protocols::attack::Attack;
use mpclab_protocols::dn07::{Dn07, Double, King};
use mpclab_protocols::engine::Plan;
use mpclab_protocols::engine::cost::Prices;
use mpclab_protocols::engine::field::{DotTriples, FieldEngine, Pile};
use mpclab_protocols::engine::shamir::{Party, Reduction, Sharing};
use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Inputs, Outputs, Type};
use mpclab_protocols::protocol::{Info, Job, Protocol, code};
use mpclab_protocols::shamir::{OpeningName, ShamirParams};
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::{Ctx, Run};

use crate::harness::{Subject, config, correct, job};

/// Nothing is wrong.
const SOUND: usize = 0;
/// All batches draw on the same double sharings.
const REUSED: usize = 1;
/// The king tells each party another value.
const EQUIVOCATES: usize = 2;

struct Mutant<const FAULT: usize>;

struct Faulty<const FAULT: usize>;

impl<const FAULT: usize> FieldEngine for Mutant<FAULT> {
    const NAME: &'static str = ["sound", "reused", "equivocates"][FAULT];
    const INFO: Info = <Dn07 as Protocol>::INFO;
    const COST_SOURCE: &'static str = "none";
    type Params = ShamirParams;
    type Party<F: PrimeField> = Party<F, Faulty<FAULT>>;

    fn dot_triples(params: &ShamirParams) -> DotTriples {
        <Dn07 as FieldEngine>::dot_triples(params)
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<ShamirParams>>,
    ) -> Result<Self::Party<F>, Abort> {
        Party::new(ctx, plan, <Self as FieldEngine>::NAME).await
    }

    fn prices(plan: &Plan<ShamirParams>) -> Prices {
        <Dn07 as FieldEngine>::prices(plan)
    }

    fn attacks() -> Vec<Attack> {
        Vec::new()
    }
}

impl<const FAULT: usize> Reduction for Faulty<FAULT> {
    type Supply<F: PrimeField> = Pile<F, Double<F>>;

    const OPENING: OpeningName = King::OPENING;

    fn reducers(n: usize, t: usize) -> usize {
        King::reducers(n, t)
    }

    async fn supply<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        products: &[usize],
    ) -> Result<Vec<Pile<F, Double<F>>>, Abort> {
        if FAULT != REUSED {
            return King::supply(sharing, ctx, products).await;
        }
        let mut first = King::supply(sharing, ctx, &products[..1]).await?;
        let doubles = first[0].take(ctx, products[0])?;
        let again = |_: &usize| {
            Pile::new("double sharings", format!("{}/double[0]", ctx.path()), 1, doubles.clone())
        };
        Ok(products.iter().map(again).collect())
    }

    async fn reduce<F: PrimeField>(
        sharing: &Sharing<F>,
        ctx: &Ctx,
        supply: &mut Pile<F, Double<F>>,
        products: Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let mut shares = King::reduce(sharing, ctx, supply, products).await?;
        if FAULT == EQUIVOCATES {
            shares.iter_mut().for_each(|share| *share += F::from_u128(u128::from(sharing.id().0)));
        }
        Ok(shares)
    }
}

/// Two layers of products.
fn products() -> (Arc<Job>, [Inputs; 2]) {
    let mut builder = Builder::new();
    let x = builder.input("x", 0, 4, Type::Int { bits: 8 }).expect("allowed");
    let y = builder.input("x", 1, 4, Type::Int { bits: 8 }).expect("allowed");
    let product = builder.mul(x, y).expect("allowed");
    let product = builder.mul(product, y).expect("allowed");
    builder.output("product", product, Decoding::Integer).expect("allowed");
    let task = Task::Program(Arc::new(builder.finish().expect("allowed")));
    let input = Inputs::from([("x".to_owned(), vec![3, -5, 7, 100])]);
    (job(task, Roles::all(5), 8), [input.clone(), input])
}

fn run<const FAULT: usize>() -> (Run<Outputs>, bool) {
    let (job, inputs) = products();
    let bound = code::<Mutant<FAULT>>().bind(&job, &ShamirParams::default()).expect("it can");
    let subject = Subject { name: "mutant".to_owned(), job: Arc::clone(&job), bound };
    let run = subject.simulate(&inputs, config(5, 1), None);
    assert!(run.is_complete());
    let is_right = correct(&job, &inputs, &run).is_ok();
    (run, is_right)
}

#[test]
fn a_double_sharing_that_is_used_twice_breaks_an_invariant() {
    let (sound, is_right) = run::<SOUND>();
    assert!(is_right && sound.breaches.is_empty(), "{:?}", sound.breaches);
    // Nothing is wrong but that the king sees two masked products differ by their difference.
    let (reused, is_right) = run::<REUSED>();
    assert!(is_right);
    let (party, what) = &reused.breaches[0];
    assert_eq!(
        (*party, what.as_str()),
        (PartyId(0), "uses double sharings twice in online/mul[0]")
    );
}

/// Nobody compares what the king said, but outputs are opened by the same `t + 1` parties to all: so
/// all are wrong alike.
#[test]
fn a_king_that_tells_different_values_makes_outputs_wrong() {
    let (run, is_right) = run::<EQUIVOCATES>();
    assert!(!is_right);
    let outputs: Vec<&Outputs> = run.outputs().map(|(_, output)| output).collect();
    assert!(outputs.len() == 5 && outputs.windows(2).all(|pair| pair[0] == pair[1]));
}
