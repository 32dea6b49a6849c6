use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{Abort, Roles, SecurityLevel};
use mpclab_sim::{Config, Ctx, PartyEnd, Run, RunSeed, Simulation};

use super::*;
use crate::algebra::Ring;
use crate::algebra::{M61, PrimeField};
use crate::engine::Shares;
use crate::engine::field::FieldSharing;
use crate::functions::Task;
use crate::program::{Builder, Decoding, Type};
use key::MacKey;
use ledger::Ledger;
use shares::Authenticated;

fn is_bug<T>(result: Result<T, Abort>) -> bool {
    matches!(result, Err(Abort::Bug(_)))
}

#[test]
fn an_erased_key_is_of_no_use() {
    let mut key = MacKey::new(M61::from_u128(7));
    let products = key.times(&[M61::ONE, M61::from_u128(2)]);
    assert_eq!(products, Ok(vec![M61::from_u128(7), M61::from_u128(14)]));
    key.erase();
    assert!(is_bug(key.times(&[M61::ONE])));
    assert!(is_bug(MacKey::<M61>::none().times(&[M61::ONE])));
}

#[test]
fn openings_are_checked_in_an_order_that_does_not_depend_on_when_they_ended() {
    let [one, two, three] = [1, 2, 3].map(M61::from_u128);
    let mut first = Ledger::new();
    first.open("online/mul[1]".to_owned(), &[two], vec![one]);
    first.open("online/less[0]".to_owned(), &[one], vec![three]);
    first.open("online/mul[1]".to_owned(), &[three], vec![two]);
    let mut second = Ledger::new();
    second.open("online/less[0]".to_owned(), &[one], vec![three]);
    second.open("online/mul[1]".to_owned(), &[two], vec![one]);
    second.open("online/mul[1]".to_owned(), &[three], vec![two]);
    for ledger in [&mut first, &mut second] {
        let pending = ledger.begin().expect("no other check");
        assert_eq!(pending.values, [one, two, three]);
        assert_eq!(pending.macs, [three, one, two]);
    }
}

#[test]
fn checks_do_not_overlap_and_a_failed_one_ends_the_key() {
    let mut ledger = Ledger::<M61>::new();
    ledger.key = MacKey::new(M61::ONE);
    assert!(ledger.begin().is_ok());
    assert!(is_bug(ledger.begin()));
    ledger.end(true);
    assert!(ledger.begin().is_ok_and(|pending| pending.values.is_empty()));
    assert!(ledger.key.times(&[M61::ONE]).is_ok());
    ledger.end(false);
    assert!(is_bug(ledger.key.times(&[M61::ONE])));
}

/// A job for two parties; its program does not matter.
fn job() -> Arc<Job> {
    let mut builder = Builder::new();
    let x = builder.input("x", 0, 1, Type::Bit).expect("allowed");
    builder.output("x", x, Decoding::Integer).expect("allowed");
    Arc::new(Job {
        function: "nothing".to_owned(),
        task: Task::Program(Arc::new(builder.finish().expect("allowed"))),
        roles: Roles::all(2),
        security: SecurityLevel { statistical: 1, ..SecurityLevel::default() },
    })
}

/// Two parties open the value 5 under the key 1 + 1, but party 1 adds `offset` to its share and
/// `mac_offset` to its share of the MAC.
fn opened<F: PrimeField>(seed: u64, offset: u128, mac_offset: u128) -> Run<Vec<i128>> {
    let plan = Arc::new(Plan::new(&job(), SpdzParams::default()).expect("a program"));
    let config = Config::new(Network::constant(2, 1), RunSeed::new(seed, 0));
    Simulation::new(config)
        .run(|ctx| Box::pin(open_five::<F>(ctx, Arc::clone(&plan), offset, mac_offset)))
}

async fn open_five<F: PrimeField>(
    ctx: Ctx,
    plan: Arc<Plan<SpdzParams>>,
    offset: u128,
    mac_offset: u128,
) -> Result<Vec<i128>, Abort> {
    let party = Party::<F>::new(&ctx, &plan);
    let share = |value| vec![F::from_u128(value)];
    party.ledger().key = MacKey::new(F::ONE);
    let own = match ctx.id().0 {
        0 => Authenticated { value: share(2), mac: share(4) },
        _ => Authenticated { value: share(3 + offset), mac: share(6 + mac_offset) },
    };
    let both = Authenticated::concat([&own, &own]);
    let opened = party.open_verified(&ctx.scope("online"), &both).await;
    // What follows a failed check is a bug, not a message.
    if opened.is_err() {
        assert!(is_bug(party.constant(vec![F::ONE])));
    }
    opened.map(|values| values.into_iter().map(Ring::to_i128).collect())
}

#[test]
fn what_was_shared_passes_the_check_and_another_value_does_not() {
    let run = opened::<M61>(1, 0, 0);
    assert!(run.outputs().all(|(_, value)| *value == [5, 5]) && run.is_complete());
    for (offset, mac_offset) in [(1, 0), (0, 1), (1, 1)] {
        for (end, _) in opened::<M61>(1, offset, mac_offset).parties {
            let failed = matches!(&end, PartyEnd::Abort(Abort::CheckFailed { step })
                if step == "9: MACs of online/mac_check");
            assert!(failed, "offsets {offset}, {mac_offset}: {end:?}");
        }
    }
    // Who knows the key can forge: the check is about nothing else.
    assert!(opened::<M61>(1, 1, 2).is_complete());
}

/// The coefficients are random: an offset of the MACs that does not fit passes once in `p`.
#[test]
fn in_a_toy_field_a_wrong_mac_passes_as_often_as_the_coefficients_hide_it() {
    use crate::algebra::Toy;
    let passes = (0..700).filter(|seed| opened::<Toy<7>>(*seed, 1, 0).is_complete()).count();
    // Six standard deviations around 100.
    assert!((44..=156).contains(&passes), "{passes} of 700");
}
