//! Clients, who only bring inputs or learn outputs: each one's input against the others and as many
//! servers as claims allow.

use std::sync::Arc;

use mpclab_protocols::algebra::{M61, Ring};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Claims, PartyId, Threshold};

use super::leaky::{self, NoParams};
use super::*;

/// Clients share their values among three servers, who tell the output parties their shares of the
/// sum. With a slip, the first share of each goes to all other clients, too.
struct Outsourced<const SLIP: bool>;

impl<const SLIP: bool> Protocol for Outsourced<SLIP> {
    const NAME: &'static str = if SLIP { "outsourced_slip" } else { "outsourced" };
    const INFO: Info = Info {
        claims: Claims { threshold: Threshold::BelowAll, ..leaky::INFO.claims },
        parties: (3, 3),
        ..leaky::INFO
    };
    type Params = NoParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        job.program()?;
        Ok(Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
        let (share, slip, open) =
            (ctx.scope("online/share"), ctx.scope("online/slip"), ctx.scope("online/open"));
        let own: Vec<M61> = input.all_integers().map(|value| M61::from_i128(*value)).collect();
        let clients = || job.roles.input.iter().copied();
        if !own.is_empty() {
            let mut rest = own.clone();
            for server in job.roles.computing().skip(1) {
                let mut rng = ctx.rng();
                let shares: Vec<M61> = rest.iter().map(|_| M61::random(&mut rng)).collect();
                rest.iter_mut().zip(&shares).for_each(|(rest, share)| *rest -= *share);
                share.send(server, &shares);
            }
            share.send(PartyId(0), &rest);
            let others = || clients().filter(|client| *client != ctx.id());
            if SLIP {
                slip.send_to(others(), &rest);
                slip.gather_from::<Vec<M61>>(others(), own.len()).await?;
            }
        }
        if job.roles.computes(ctx.id()) {
            let len = program.inputs().first().map_or(0, |decl| decl.len);
            let shares = share.gather_from::<Vec<M61>>(clients(), len).await?;
            let mut sums = vec![M61::ZERO; len];
            for (_, shares) in shares {
                sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
            }
            open.send_to(job.roles.output.iter().copied(), &sums);
        }
        if !job.roles.learns_output(ctx.id()) {
            return Ok(Outputs::none());
        }
        let len = program.outputs().iter().map(|output| output.len).sum();
        let mut sums = vec![M61::ZERO; len];
        for (_, shares) in open.gather_from::<Vec<M61>>(job.roles.computing(), len).await? {
            sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
        }
        let sums: Vec<i128> = sums.into_iter().map(Ring::to_i128).collect();
        Ok(program.to_outputs(&sums))
    }
}

/// Whose views give inputs away.
fn flagged(protocol: &str, seed: u64) -> Vec<Vec<u32>> {
    let registry = leaky::registry().with::<Outsourced<false>>().with::<Outsourced<true>>();
    // Somebody else learns the sum.
    let parties = "{ compute: 3, input: 2, output: 1 }";
    let prepared = prepared_among(&registry, SUM, protocol, parties, seed);
    let privacy = all(&registry, &prepared, FEW, false);
    let violated = |cell: &&GridCell| cell.verdict.standing() == Standing::Violated;
    let evidence = privacy.cells.iter().filter(violated).flat_map(|cell| &cell.evidence);
    let mut whose: Vec<Vec<u32>> =
        evidence.map(|evidence| evidence.coalition.iter().map(|node| node.0).collect()).collect();
    whose.sort();
    whose.dedup();
    whose
}

#[test]
fn a_share_that_slips_to_another_client_is_seen_by_it_and_the_servers() {
    let flagged_by = flagged("outsourced_slip", 1);
    assert!(!flagged_by.is_empty());
    for coalition in &flagged_by {
        let (servers, clients): (Vec<u32>, Vec<u32>) = coalition.iter().partition(|id| **id < 3);
        assert!(servers == [1, 2] && !clients.is_empty(), "{flagged_by:?}");
    }
    for seed in 1..=3 {
        assert_eq!(flagged("outsourced", seed), [[0u32; 0]; 0], "seed {seed}");
    }
}
