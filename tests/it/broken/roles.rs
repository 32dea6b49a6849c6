//! Three servers share their values among five clients, who add them up; any three clients tell
//! the servers the sum. One server and two clients learn nothing, and two clients may drop out.

use std::time::Duration;

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring, shamir};
use mpclab::reports::battery::{Battery, Family};
use mpclab::reports::record::{Outcome, Record};
use mpclab::runner::{is_failure, run_one};
use mpclab::sim::vocabulary::{Guarantee, Standing};
use mpclab::{Registry, registry};

use super::{attack, is_flagged, scenario, violations};
use crate::protocols::NoParams;
use crate::support::prepared;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Nothing,
    /// Two clients know what a server shares.
    LowDegree,
    /// Servers wait for all clients.
    WaitsForAll,
    /// Servers tell each other their values.
    OpenServers,
}

const ROLES: &[NamedRole] = &[
    NamedRole { name: "server", corrupted: Threshold::Exact(1), stay: Quorum::All },
    NamedRole { name: "client", corrupted: Threshold::Exact(2), stay: Quorum::Exact(3) },
];
const SERVERS: usize = 3;
const CLIENTS: usize = 5;
const DEGREE: usize = 2;

/// Masks are statistical, and channels computational, so to say.
const CLAIMS: Claims = Claims {
    adversary: AdversaryKind::SemiHonest,
    threshold: Threshold::Exact(3),
    output: OutputGuarantee::Abort,
    abort: AbortKind::Selective,
    security: Security::Both { sigma: 40, kappa: 128 },
    setup: Setup::None,
    network: Synchrony::Eventual,
};

/// Longer than any run.
const PATIENCE: Duration = Duration::from_secs(100);

macro_rules! keepers {
    ($($type:ident = $name:literal: $flaw:expr;)*) => {
        $(
            struct $type;

            impl Protocol for $type {
                const NAME: &'static str = $name;
                const INFO: Info = Info {
                    about: "a sum kept by clients, for tests",
                    source: "none",
                    claims: CLAIMS,
                    parties: (SERVERS + CLIENTS, SERVERS + CLIENTS),
                };
                const ASSUMES: &'static [&'static str] = &["channels are encrypted"];
                const ROLES: &'static [NamedRole] = ROLES;
                type Params = NoParams;
                type Plan = Job;

                fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
                    check_parties(&Self::INFO, &job.roles)?;
                    job.named("sum").map(|_| Arc::clone(job))
                }

                fn roles(_: &Job) -> Vec<RoleClaim> {
                    RoleClaim::in_order(ROLES, &[SERVERS, CLIENTS])
                }

                async fn run(ctx: Ctx, _: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
                    match input.integers("value") {
                        Some(column) => serve(&ctx, M61::from_i128(column[0]), $flaw).await,
                        None => keep(&ctx).await.map(|()| Outputs::none()),
                    }
                }
            }
        )*

        /// The registry with all of them.
        fn keepers() -> Registry {
            registry()$(.with::<$type>())*
        }
    };
}

keepers! {
    Keepers = "keepers": Flaw::Nothing;
    KeepersLow = "keepers_low_degree": Flaw::LowDegree;
    KeepersWaiting = "keepers_waiting": Flaw::WaitsForAll;
    KeepersOpen = "keepers_open": Flaw::OpenServers;
}

fn clients() -> impl Iterator<Item = PartyId> + Clone {
    PartyId::all(SERVERS + CLIENTS).skip(SERVERS)
}

fn servers() -> impl Iterator<Item = PartyId> + Clone {
    PartyId::all(SERVERS)
}

async fn serve(ctx: &Ctx, own: M61, flaw: Flaw) -> Result<Outputs, Abort> {
    let (deal, open) = (ctx.scope("online/deal"), ctx.scope("online/open"));
    if flaw == Flaw::OpenServers {
        let tell = ctx.scope("online/tell");
        tell.send_to(servers().filter(|server| *server != ctx.id()), &vec![own]);
        tell.gather_from::<Vec<M61>>(servers(), 1).await?;
    }
    let degree = if flaw == Flaw::LowDegree { 1 } else { DEGREE };
    for (client, share) in clients().zip(shamir::share(&[own], degree, CLIENTS, &mut deal.rng())) {
        deal.send(client, &share);
    }
    let enough = if flaw == Flaw::WaitsForAll { CLIENTS } else { DEGREE + 1 };
    let told = open.gather_until::<Vec<M61>>(1, enough, PATIENCE).await;
    let shares = told.iter().filter_map(|(client, share)| {
        let point = PartyId(client.0.checked_sub(SERVERS as u32)?);
        Some((point, share.as_ref().ok()?.as_slice()))
    });
    let shares: Vec<(PartyId, &[M61])> = shares.collect();
    match shamir::reconstruct(&shares, DEGREE) {
        Some(sum) if shares.len() >= enough => Ok(Outputs::of("sum", vec![sum[0].to_i128()])),
        _ => Err(ctx.check_failed("too few clients are left")),
    }
}

async fn keep(ctx: &Ctx) -> Result<(), Abort> {
    let (deal, open) = (ctx.scope("online/deal"), ctx.scope("online/open"));
    let shares = deal.gather_from::<Vec<M61>>(servers(), 1).await?;
    let sum = shares.values().fold(M61::ZERO, |sum, share| sum + share[0]);
    open.send_to(servers(), &vec![sum]);
    Ok(())
}

/// Three servers with inputs and the output; five clients.
const PARTIES: &str = "{ compute: 8, input: [0, 1, 2], output: [0, 1, 2] }";

const SUM: &str = "{ name: sum, params: { bits: 8 } }";

fn kept(protocol: &str, families: &[Family]) -> Battery {
    let scenario = scenario(SUM, protocol, PARTIES, 1);
    attack(&keepers(), &scenario, families)
}

#[test]
fn roles_are_corrupted_and_drop_out_up_to_their_limits() {
    use Family::{Honest, Network, Privacy, Thresholds};
    let battery = kept("keepers", &[Honest, Network, Privacy, Thresholds]);
    let violations = violations(&battery);
    assert!(violations.is_empty(), "{violations:#?}");
    let row = &battery.rows[0];
    let limits = row.roles.iter().map(|role| (&*role.name, role.members, role.max_corrupted));
    assert_eq!(limits.collect::<Vec<_>>(), [("server", 3, 1), ("client", 5, 2)]);
    assert_eq!((row.t, row.coalitions_in_all), (3, Some(30)));
    let cell = |attack: &str, guarantee| {
        let mut cells = row.cells.iter().filter(|cell| cell.guarantee == guarantee);
        cells.find(|cell| cell.attack == attack).unwrap_or_else(|| panic!("no {attack}"))
    };
    let standing = |attack, guarantee| cell(attack, guarantee).verdict.standing();
    // Up to the limit of a role the others get their output, and one more is beyond the claim.
    for guarantee in [Guarantee::Correctness, Guarantee::Delivery] {
        assert_eq!(standing("2 of 5 (client) drop out", guarantee), Standing::Held);
        assert_eq!(standing("3 of 5 (client) drop out", guarantee), Standing::OutOfClaim);
        assert_eq!(standing("1 of 3 (server) drop out", guarantee), Standing::OutOfClaim);
    }
    // Three clients know all inputs, which nobody claims otherwise, and the test sees it.
    let pooled = cell("3 of 5 (client) pool their views", Guarantee::Privacy);
    assert_eq!(pooled.verdict.standing(), Standing::OutOfClaim);
    assert!(pooled.counts.broken > 0, "{pooled:?}");
}

#[test]
fn broken_limits_of_roles_are_flagged() {
    use Family::{Network, Privacy, Thresholds};
    for (protocol, family, guarantee) in [
        ("keepers_low_degree", Privacy, Guarantee::Privacy),
        ("keepers_open", Privacy, Guarantee::Privacy),
        ("keepers_waiting", Thresholds, Guarantee::Delivery),
        ("keepers_waiting", Network, Guarantee::Delivery),
    ] {
        let battery = kept(protocol, &[family]);
        assert!(
            is_flagged(&battery, family, guarantee),
            "{protocol}: no violation of {guarantee} in {family}: {:#?}",
            violations(&battery)
        );
    }
}

/// The record of a run, and whether it is a failed check.
fn run(protocol: &str, with: &str) -> (Record, bool) {
    let registry = keepers();
    let prepared = prepared(&registry, &(scenario(SUM, protocol, PARTIES, 1) + with));
    let record = run_one(&registry, &prepared, &prepared.cells[0], 0, None);
    let is_failure = is_failure(&prepared.cells[0].cell, &record);
    (record, is_failure)
}

fn standing(record: &Record, guarantee: Guarantee) -> Standing {
    let mut verdicts = record.verdicts.iter();
    verdicts.find(|verdict| verdict.guarantee == guarantee).expect("a verdict").standing()
}

#[test]
fn the_largest_coalition_of_a_scenario_has_the_last_of_each_role() {
    let (record, is_failure) = run("keepers", "adversary: { corrupt: max }\n");
    let noted = |text| record.assumptions.iter().any(|note| note == text);
    assert!(noted("computational: channels are encrypted"), "{record:?}");
    assert!(noted("named role client: 2 of 5 corrupted, 3 have to stay"), "{record:?}");
    assert_eq!(record.corrupted.iter().map(|node| node.0).collect::<Vec<_>>(), [2, 6, 7]);
    assert_eq!((standing(&record, Guarantee::Correctness), is_failure), (Standing::Held, false));
    let (record, _) = run("keepers", "adversary: { corrupt: [0, 1] }\n");
    assert_eq!(standing(&record, Guarantee::Correctness), Standing::OutOfClaim);
}

#[test]
fn a_run_that_loses_what_its_roles_can_spare_is_correct() {
    let crash =
        |party: u32| format!("  - {{ crash: {{ party: {party}, at: 0ms, kind: host }} }}\n");
    let two = format!("faults:\n{}{}", crash(3), crash(7));
    let (record, is_failure) = run("keepers", &two);
    assert_eq!((&record.outcome, is_failure), (&Outcome::Ok, false));
    assert_eq!(standing(&record, Guarantee::Delivery), Standing::Held);
    let (record, is_failure) = run("keepers", &format!("{two}{}", crash(4)));
    assert!(matches!(record.outcome, Outcome::Aborted(_)) && !is_failure, "{:?}", record.outcome);
    assert_eq!(standing(&record, Guarantee::Delivery), Standing::OutOfClaim);
    let (record, is_failure) = run("keepers_waiting", &two);
    assert_eq!((standing(&record, Guarantee::Delivery), is_failure), (Standing::Violated, true));
}
