//! The outbox is the seam for adversaries, and ideal functionalities are metered apart.

use std::sync::Arc;

use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{PartyId, Phase};
use mpclab_sim::{Config, Ctx, End, Ideal, Simulation};

use crate::helpers::{MS, P0, P1, P2, config, run};

struct Adds(u8);

impl Adversary for Adds {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![P1]
    }
    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from == P1 && message.to == P2 {
            return Decision::Replace(message.body.iter().map(|b| b + self.0).collect());
        }
        if message.from == P1 && message.to == P0 { Decision::Drop } else { Decision::Pass }
    }
}

#[test]
fn an_adversary_acts_on_departures() {
    let config = Config { keep_taps: true, ..config(3, MS) };
    let simulation = Simulation::new(config).with_adversary(Box::new(Adds(5)));
    let out = simulation.run(|ctx: Ctx| {
        Box::pin(async move {
            ctx.broadcast(&vec![1u8]);
            ctx.tap("id", || ctx.id());
            if ctx.id() == P0 {
                return Ok(0);
            }
            let got = ctx.recv::<Vec<u8>>(if ctx.id() == P2 { P1 } else { P0 }, 1).await?;
            Ok(u64::from(got[0]))
        })
    });
    assert_eq!(out.corrupted, [P1]);
    assert_eq!(out.outputs().map(|(_, got)| *got).collect::<Vec<_>>(), [0, 1, 6]);
    assert_eq!(out.metrics.parties[0].total().received_bytes, 0, "dropped");
    let tapped: Vec<usize> = out.taps.iter().map(Vec::len).collect();
    assert_eq!(tapped, [1, 0, 1], "a corrupted party's taps prove nothing");
}

fn dealer() -> Ideal {
    let start = |ctx: Ctx| -> mpclab_sim::PartyFuture<()> {
        Box::pin(async move {
            let offline = ctx.scope("offline");
            for party in PartyId::all(ctx.n()) {
                offline.send(party, &vec![party.0 as u8; 100]);
            }
            Ok(())
        })
    };
    Ideal { name: "dealer", start: Arc::new(start) }
}

#[test]
fn ideal_functionalities_are_metered_apart() {
    let out = Simulation::new(config(3, 10 * MS)).with_ideal(dealer()).run(|ctx: Ctx| {
        Box::pin(async move {
            let offline = ctx.scope("offline");
            let dealer = ctx.ideal("dealer");
            let dealt = offline.recv::<Vec<u8>>(dealer, 100).await?;
            let online = ctx.scope("online");
            online.broadcast(&dealt);
            online.gather::<Vec<u8>>(100).await?;
            Ok(u64::from(dealt[0]))
        })
    });
    assert!(out.is_complete());
    let offline = out.metrics.phase(Phase::Offline);
    assert_eq!((offline.sent_bytes, offline.received_bytes, offline.ideal_bytes), (0, 0, 300));
    assert_eq!(out.metrics.phase(Phase::Online).sent_bytes, 600);
    assert_eq!(out.rounds.phase, [0, 0, 1], "nobody knows the rounds of an ideal box");
}

#[test]
fn an_undeclared_ideal_functionality_is_a_bug() {
    let out = run(config(2, MS), |ctx: Ctx| async move {
        let _ = ctx.ideal("oracle");
        Ok(0)
    });
    assert!(matches!(&out.end, End::Bug(what) if what.contains("`oracle`")));
}

#[test]
fn lost_messages_never_arrive_and_are_counted() {
    let mut config = config(2, MS);
    let mut net = (*config.network).clone();
    let mut lossy = net.links.kinds()[0].clone();
    lossy.loss_ppm = 500_000;
    net.links = mpclab_sim::network::LinkTable::uniform(2, lossy);
    config.network = net.into();
    let out = run(config, |ctx: Ctx| async move {
        if ctx.id() == P0 {
            (0..1000).for_each(|_| ctx.send(P1, &vec![1u8]));
            return Ok(0);
        }
        let mut got = 0;
        while ctx.recv::<Vec<u8>>(P0, 1).await.is_ok() {
            got += 1;
        }
        Ok(got)
    });
    let got = *out.outputs().nth(1).expect("ends").1;
    assert_eq!(got + out.lost, 1000);
    assert!((400..600).contains(&got), "{got}");
}

/// A close is no message: it arrives even where no message does.
#[test]
fn a_close_is_never_lost() {
    let mut config = config(2, MS);
    let mut lossy = config.network.links.kinds()[0].clone();
    lossy.loss_ppm = 1_000_000;
    crate::helpers::network(&mut config).links = mpclab_sim::network::LinkTable::uniform(2, lossy);
    let out = run(config, |ctx: Ctx| async move {
        if ctx.id() == P1 {
            assert!(ctx.recv::<Vec<u8>>(P0, 1).await.is_err());
        } else {
            ctx.send(P1, &vec![1u8]);
        }
        Ok(0)
    });
    assert!(out.is_complete() && out.lost == 1, "{:?}", out.end);
}

#[test]
fn a_network_that_cannot_be_is_named() {
    let mut config = config(2, MS);
    crate::helpers::network(&mut config).framing =
        mpclab_sim::network::Framing::Segments { mss: 0, header: 40 };
    let out = run(config, |ctx: Ctx| async move {
        ctx.broadcast(&vec![1u8]);
        Ok(0)
    });
    assert!(matches!(&out.end, End::Bug(what) if what.contains("segment")), "{:?}", out.end);
}
