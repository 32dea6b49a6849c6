//! Protocols that misbehave on purpose, and a command line that knows them.
//!
//! All of them sum in the clear, which is enough to be right or wrong about.

use std::process::{Command, Output};

use mpclab::prelude::*;
use mpclab::protocols::algebra::{Ring, Z128};
use mpclab::sim::{Ideal, PartyFuture};
use mpclab::{Registry, registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::broken::boasting;
use crate::support::{self, text};

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParams {}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    /// Party 1 is off by one.
    Wrong,
    /// Party 1 panics after it has sent.
    Panic,
    /// Everyone waits for a second message that nobody sends.
    Stall,
    /// Party 1 is off by one, and party 0 never ends.
    WrongAndStall,
    /// Party 1 gives up.
    Abort,
    /// More is sent than is declared.
    Costly,
}

macro_rules! misbehaving {
    ($($type:ident = $name:literal: $fault:expr;)*) => {
        $(
            pub(crate) struct $type;

            impl Protocol for $type {
                const NAME: &'static str = $name;
                const INFO: Info = INFO;
                type Params = NoParams;

                type Plan = Job;

                fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
                    assert!($name != "panics_when_asked", "asked");
                    job.program().map(|_| Arc::clone(job))
                }

                async fn run(
                    ctx: Ctx,
                    job: Arc<Job>,
                    input: Inputs,
                ) -> Result<Outputs, Abort> {
                    sum_in_the_clear(ctx, job, input, $fault).await
                }

                fn declared_cost(job: &Job) -> Option<DeclaredCost> {
                    let n = job.roles.compute as u64;
                    let bytes = n * (n - 1) * job.task.output_len() as u64 * 16;
                    let online = PhaseCost {
                        phase: Phase::Online,
                        bytes: Figure::Exact(bytes),
                        rounds: Figure::Exact(1),
                    };
                    Some(DeclaredCost { phases: vec![online], source: "counted".to_owned() })
                }
            }
        )*

        /// The registry with all of them.
        pub(crate) fn misbehaving() -> Registry {
            registry()$(.with::<$type>())*.with::<Delegates>()
        }
    };
}

misbehaving! {
    Plain = "plain": Fault::Nothing;
    Wrong = "wrong": Fault::Wrong;
    Panics = "panics": Fault::Panic;
    PanicsWhenAsked = "panics_when_asked": Fault::Nothing;
    Stalls = "stalls": Fault::Stall;
    WrongAndStalls = "wrong_and_stalls": Fault::WrongAndStall;
    Aborts = "aborts": Fault::Abort;
    Costly = "costly": Fault::Costly;
    Evolves = "evolves": version();
}

/// What the protocol `evolves` does: its code as it is now, so to say.
fn version() -> Fault {
    match std::env::var(VERSION).as_deref() {
        Ok("costly") => Fault::Costly,
        Ok("wrong") => Fault::Wrong,
        _ => Fault::Nothing,
    }
}

/// The variable that says so.
pub(crate) const VERSION: &str = "MPCLAB_TEST_VERSION";

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
    parties: (2, usize::MAX),
};

async fn sum_in_the_clear(
    ctx: Ctx,
    job: Arc<Job>,
    input: Inputs,
    fault: Fault,
) -> Result<Outputs, Abort> {
    let online = ctx.scope("online");
    let mut sum = input["value"].to_vec();
    let values: Vec<Z128> = sum.iter().map(|value| Z128::from_i128(*value)).collect();
    online.broadcast(&values);
    let is_faulty = ctx.id() == PartyId(1);
    if is_faulty && fault == Fault::Panic {
        panic!("party 1 has had enough");
    }
    if is_faulty && fault == Fault::Abort {
        return Err(Abort::CheckFailed { step: "2: the test".to_owned() });
    }
    if is_faulty && fault == Fault::Costly {
        online.send(PartyId(0), &values);
    }
    for received in online.gather::<Vec<Z128>>(job.task.output_len()).await?.values() {
        for (total, value) in sum.iter_mut().zip(received) {
            *total += value.to_i128();
        }
    }
    if fault == Fault::WrongAndStall && ctx.id() == PartyId(0) {
        std::future::pending::<()>().await;
    }
    if fault == Fault::Stall {
        online.scope("again").gather::<Vec<Z128>>(1).await?;
    }
    if is_faulty && (fault == Fault::Wrong || fault == Fault::WrongAndStall) {
        sum[0] += 1;
    }
    Ok(job.task.program().map_or_else(Outputs::none, |program| program.to_outputs(&sum)))
}

/// A box that nobody declares computes everything, and parties send each other nothing.
pub(crate) struct Delegates;

const BOX: &str = "box";

impl Protocol for Delegates {
    const NAME: &'static str = "delegates";
    const INFO: Info = INFO;
    type Params = NoParams;

    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        job.program().map(|_| Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let online = ctx.scope("online");
        let values: Vec<Z128> = input["value"].iter().map(|x| Z128::from_i128(*x)).collect();
        let computer = online.ideal(BOX);
        online.send(computer, &values);
        let sum = online.recv::<Vec<Z128>>(computer, job.task.output_len()).await?;
        let sum: Vec<i128> = sum.into_iter().map(Ring::to_i128).collect();
        Ok(job.task.program().map_or_else(Outputs::none, |program| program.to_outputs(&sum)))
    }

    fn ideals(job: &Arc<Job>) -> Vec<Ideal> {
        let len = job.task.output_len();
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            Box::pin(async move {
                let online = ctx.scope("online");
                let mut sum = vec![Z128::ZERO; len];
                for party in PartyId::all(ctx.n()) {
                    let values = online.recv::<Vec<Z128>>(party, len).await?;
                    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
                PartyId::all(ctx.n()).for_each(|party| online.send(party, &sum));
                Ok(())
            })
        };
        vec![Ideal { name: BOX, start: Arc::new(start) }]
    }
}

/// Runs the command line that knows these protocols, in a process of its own.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// That process, before it starts.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "protocols::command_line", "--ignored", "--nocapture", "--quiet"])
        .env(ARGUMENTS, arguments.join("\n"));
    command
}

const ARGUMENTS: &str = "MPCLAB_TEST_ARGUMENTS";

#[test]
#[ignore = "no test: the process that `run` starts"]
fn command_line() {
    if let Ok(arguments) = std::env::var(ARGUMENTS) {
        let exit = mpclab::cli::run(
            &boasting(misbehaving()),
            std::iter::once("mpclab").chain(arguments.lines()),
        );
        std::process::exit(exit as i32);
    }
}

#[test]
fn the_plain_sum_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = support::write(&folder, "s.yaml", &support::sum("[plain]", ""));
    let out = folder.path().join("out");
    let output = run(&["run", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
