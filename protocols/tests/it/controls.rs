//! What `conform` holds, it notices when it is broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mpclab_protocols::functions::Task;
use mpclab_protocols::primitives::CHACHA_BYTE;
use mpclab_protocols::program::{Builder, Decoding, Inputs, Outputs, Type};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported, code};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Figure, Op, OutputGuarantee, PartyId,
    Phase, PhaseCost, Roles, Security, Setup, Synchrony, Threshold,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::harness::{Subject, job};

/// Which promise is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
enum Fault {
    #[default]
    Nothing,
    /// Party 1 is off by one.
    Wrong,
    /// The oracle is off by one.
    Oracle,
    /// A byte more is declared.
    Declared,
    /// Party 0 does not read what party 1 says last.
    Unread,
    /// An op is charged that is not announced.
    Unannounced,
    /// Party 1 sends what differs from run to run.
    Random,
    /// Party 1 says who was first.
    Hasty,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Params {
    fault: Fault,
}

struct Plan {
    job: Arc<Job>,
    fault: Fault,
}

/// A sum in the clear: every party sends its value to all, and party 1 a last word to party 0.
struct Careless;

static RUNS: AtomicU64 = AtomicU64::new(1);

impl Protocol for Careless {
    const NAME: &'static str = "careless";
    const INFO: Info = Info {
        about: "a sum in the clear, for tests",
        source: "none",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::Exact(0),
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Perfect,
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, 3),
    };
    type Params = Params;
    type Plan = Plan;

    fn compile(job: &Arc<Job>, params: &Params) -> Result<Arc<Plan>, Unsupported> {
        Ok(Arc::new(Plan { job: Arc::clone(job), fault: params.fault }))
    }

    async fn run(ctx: Ctx, plan: Arc<Plan>, input: Inputs) -> Result<Outputs, Abort> {
        let online = ctx.scope("online");
        let last = online.scope("last");
        let mut sum = input["x"][0];
        online.broadcast(&sum.to_le_bytes());
        let mut first = None;
        for _ in 1..plan.job.roles.compute {
            let (from, value) = online.recv_any::<[u8; 16]>(()).await?;
            first.get_or_insert(from);
            sum += i128::from_le_bytes(value);
        }
        if ctx.id() == PartyId(1) {
            let word = match plan.fault {
                Fault::Random => RUNS.fetch_add(1, Ordering::Relaxed),
                Fault::Hasty => u64::from(first.map_or(0, |first| first.0)),
                _ => 0,
            };
            last.send(PartyId(0), &word.to_le_bytes());
            sum += i128::from(plan.fault == Fault::Wrong);
        } else if ctx.id() == PartyId(0) && plan.fault != Fault::Unread {
            last.recv::<[u8; 8]>(PartyId(1), ()).await?;
        }
        if plan.fault == Fault::Unannounced {
            online.charge(CHACHA_BYTE, 1);
        }
        Ok(Outputs::of("sum", vec![sum]))
    }

    fn evaluate(plan: &Plan, inputs: &[Inputs]) -> Option<Outputs> {
        let sum: i128 = inputs.iter().map(|input| input["x"][0]).sum();
        Some(Outputs::of("sum", vec![sum + i128::from(plan.fault == Fault::Oracle)]))
    }

    fn declared_cost(plan: &Plan) -> Option<DeclaredCost> {
        let bytes = 3 * 2 * 16 + 8 + u64::from(plan.fault == Fault::Declared);
        // A word that nobody reads makes no round.
        let rounds = if plan.fault == Fault::Unread { 1 } else { 2 };
        let (bytes, rounds) = (Figure::Exact(bytes), Figure::Exact(rounds));
        let online = PhaseCost { phase: Phase::Online, bytes, rounds };
        Some(DeclaredCost { phases: vec![online], source: "counted".to_owned() })
    }

    fn ops(_: &Plan) -> Vec<Op> {
        Vec::new()
    }
}

/// What `conform` says of a sum of three values.
fn said(fault: Fault) -> Result<(), String> {
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 8 };
    let [x, y, z] = [0, 1, 2].map(|party| builder.input("x", party, 1, ty).expect("allowed"));
    let sum = builder.add(x, y).expect("allowed");
    let sum = builder.add(sum, z).expect("allowed");
    builder.output("sum", sum, Decoding::Integer).expect("allowed");
    let task = Task::Program(Arc::new(builder.finish().expect("allowed")));
    let job = job(task, Roles::all(3), 40);
    let bound = code::<Careless>().bind(&job, &Params { fault }).expect("it does anything");
    let subject = Subject { name: Careless::NAME.to_owned(), job, bound };
    let input = |value| Inputs::from([("x".to_owned(), vec![value])]);
    subject.conform(&[input(-5), input(7), input(100)], 1).map(|_| ())
}

#[test]
fn broken_promises_are_noticed() {
    assert_eq!(said(Fault::Nothing), Ok(()));
    for (fault, expected) in [
        (Fault::Wrong, "103"),
        (Fault::Oracle, "in its own arithmetic: "),
        (Fault::Declared, "online: 104 bytes in 2 rounds, but declared are Exact(105) bytes"),
        (Fault::Unread, "104 bytes were sent, but 96 received"),
        (Fault::Unannounced, "prg.chacha.byte is charged, but not among the ops"),
        (Fault::Random, "two runs with one seed differ"),
        (Fault::Hasty, "transcript or rounds depend on latencies"),
    ] {
        let why = said(fault).expect_err("a promise is broken");
        assert!(why.contains(expected), "{fault:?}: {why}");
    }
}
