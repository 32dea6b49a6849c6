//! What one node does reaches no other earlier than the look-ahead.

use std::sync::Arc;
use std::time::Duration;

use mpclab_sim::network::Network;
use mpclab_sim::trace::Trace;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Config, Ctx, Ideal, PartyFuture, Simulation};

use crate::helpers::{MS, P0, P1, P2, config, jittery};

/// Tells everybody what anybody says.
fn board() -> Ideal {
    let start = |ctx: Ctx| -> PartyFuture<()> {
        Box::pin(async move {
            loop {
                let (from, said) = ctx.recv_any::<Vec<u8>>(8).await?;
                ctx.send_to(PartyId::all(ctx.n()).filter(|party| *party != from), &said);
            }
        })
    };
    Ideal { name: "board", start: Arc::new(start) }
}

#[test]
fn an_ideal_functionality_is_as_near_as_the_nearest_node() {
    let mut config = config(3, MS);
    config.network = jittery(3).into();
    let least_ns = config.network.lookahead_ns();
    assert_eq!(least_ns, 2 * MS, "from 0 to 1, floor alone");
    let out = Simulation::new(config).with_ideal(board()).run(|ctx: Ctx| {
        Box::pin(async move {
            let board = ctx.ideal("board");
            if ctx.id() == P0 {
                ctx.sleep(Duration::from_millis(7)).await;
                ctx.send(board, &vec![1u8; 8]);
            } else {
                ctx.recv::<Vec<u8>>(board, 8).await?;
            }
            Ok(ctx.clock_ns())
        })
    });
    let times: Vec<u64> = out.outputs().map(|(_, at_ns)| *at_ns).collect();
    assert_eq!(times, [7 * MS, 7 * MS + 2 * least_ns, 7 * MS + 2 * least_ns]);
    assert_eq!(out.rounds.total, 0, "nobody knows the rounds of an ideal box");
    assert_eq!(out.metrics.parties[1].total().received_bytes, 0, "its bytes are counted apart");
}

/// Rounds of all-to-all over shared capacities, half of them through an ideal functionality; when
/// the time has come, party 0 says something of its own.
fn run(disturbed_at: Option<u64>) -> Trace {
    let limit = vec![Some(20_000_000); 4];
    let network =
        Network { uplink_bps: limit.clone(), downlink_bps: limit, ..Network::constant(4, 3 * MS) };
    let config = Config { network: network.into(), trace_messages: 100_000, ..config(4, MS) };
    let simulation = Simulation::new(config).with_ideal(board());
    let out = simulation.run(|ctx: Ctx| {
        Box::pin(async move {
            let (board, aside) = (ctx.ideal("board"), ctx.scope("aside"));
            let chat = async {
                for round in 0..6usize {
                    ctx.broadcast(&vec![0u8; 20_000]);
                    ctx.gather::<Vec<u8>>(20_000).await?;
                    if ctx.id() == P2 {
                        ctx.send(board, &vec![round as u8; 8]);
                    } else {
                        ctx.recv::<Vec<u8>>(board, 8).await?;
                    }
                }
                Ok(())
            };
            let disturb = async {
                if let (Some(at_ns), P0) = (disturbed_at, ctx.id()) {
                    aside.sleep(Duration::from_nanos(at_ns)).await;
                    aside.send(P1, &vec![0u8; 300_000]);
                    aside.send(board, &vec![9u8; 8]);
                }
                Ok(())
            };
            let (chat, disturb): (Result<(), mpclab_sim::vocabulary::Abort>, _) =
                ctx.join(chat, disturb).await;
            chat.and(disturb).map(|()| 0u64)
        })
    });
    out.trace.expect("traced")
}

/// Sender, and when it was sent and delivered, of what a node got before a time.
fn heard(trace: &Trace, node: PartyId, until_ns: u64) -> Vec<(PartyId, u64, u64)> {
    let got = trace.messages.iter().filter(|message| message.to == node);
    let got = got.filter_map(|message| {
        let delivered_ns = message.delivered_ns.filter(|at_ns| *at_ns < until_ns)?;
        Some((message.from, message.sent_ns, delivered_ns))
    });
    let mut got: Vec<_> = got.collect();
    got.sort_unstable();
    got
}

#[test]
fn nobody_hears_of_a_disturbance_before_the_lookahead() {
    let undisturbed = run(None);
    let mut reached = 0;
    for at_ns in (0..20).map(|step| step * 7 * MS + step * 1_237) {
        let disturbed = run(Some(at_ns));
        for node in [P1, P2, PartyId(3), PartyId(4)] {
            let near = at_ns + 3 * MS;
            assert_eq!(heard(&undisturbed, node, near), heard(&disturbed, node, near), "{node}");
            let ever = |trace| heard(trace, node, u64::MAX);
            reached += usize::from(ever(&undisturbed) != ever(&disturbed));
        }
    }
    assert!(reached > 40, "{reached}");
}
