//! Drives a fabric alone, in the kernel's order of events.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::network::spec::{Delay, Link, LinkTable, Network};
use crate::network::{Ask, Fabric};
use crate::vocabulary::PartyId;

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) at_ns: u64,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) bytes: u64,
    pub(super) propagation_ns: u64,
}

/// What a run saw.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Delivery of each message, nanoseconds.
    pub(super) delivered_ns: Vec<u64>,
    /// Transfers in order of delivery.
    pub(super) order: Vec<u32>,
    pub(super) events: u64,
}

/// Something that a fabric was asked to do, or asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) at_ns: u64,
    /// The node whose state it touches.
    pub(super) node: usize,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A message departed.
    Departed(u64),
    /// An uplink or downlink was served.
    Served(u32),
    /// A chunk arrived, or a flow resumed.
    Arrived(u64),
    /// The last byte of a transfer reached its receiver.
    Delivered(u32),
}

/// Capacities, bit/s, 0 for none, and links between all nodes of one capacity, 1 ns long at least.
pub(super) fn network(up: &[u64], down: &[u64], link_bps: impl Fn(usize, usize) -> u64) -> Network {
    network_of(up, down, link_bps, 1)
}

/// The same, with links of this least length.
pub(super) fn network_of(
    up: &[u64],
    down: &[u64],
    link_bps: impl Fn(usize, usize) -> u64,
    floor_ns: u64,
) -> Network {
    let limit = |bps: u64| (bps > 0).then_some(bps);
    let latency = Delay { floor_ns, random: Vec::new() };
    let links = LinkTable::from_fn(up.len(), |from, to| Link {
        latency: latency.clone(),
        capacity_bps: limit(link_bps(from.index(), to.index())),
        loss_ppm: 0,
    });
    Network {
        links,
        uplink_bps: up.iter().map(|bps| limit(*bps)).collect(),
        downlink_bps: down.iter().map(|bps| limit(*bps)).collect(),
        ..Network::constant(up.len(), 1)
    }
}

/// Sends all messages and runs until nothing is left to do.
pub(super) fn run(network: Network, messages: &[Message]) -> Outcome {
    watch(network, messages, |_| {})
}

/// The same, and shows every step; what one node causes at another has to keep its distance.
pub(super) fn watch(network: Network, messages: &[Message], mut see: impl FnMut(Step)) -> Outcome {
    let (nodes, lookahead_ns) = (network.nodes(), network.lookahead_ns());
    let mut fabric = Fabric::new(Arc::new(network));
    let mut queue = BinaryHeap::new();
    for (index, message) in messages.iter().enumerate() {
        queue.push(Reverse((message.at_ns, 0, index as u64, 0)));
    }
    let mut outcome =
        Outcome { delivered_ns: vec![u64::MAX; messages.len()], order: Vec::new(), events: 0 };
    let mut asks = Vec::new();
    let mut delivery = 0;
    while let Some(Reverse((now_ns, kind, first, second))) = queue.pop() {
        outcome.events += 1;
        let (node, what) = match kind {
            0 => (messages[first as usize].from, What::Departed(first)),
            1 => (first as usize % nodes, What::Served(first as u32)),
            2 => (arrives_at(first), What::Arrived(first)),
            _ => (messages[second as usize].to, What::Delivered(second as u32)),
        };
        see(Step { at_ns: now_ns, node, what });
        match kind {
            0 => {
                let Message { from, to, bytes, propagation_ns, .. } = messages[first as usize];
                let (from, to) = (PartyId::from(from), PartyId::from(to));
                let transfer = first as u32;
                fabric.depart(now_ns, from, to, bytes, propagation_ns, transfer, &mut asks);
            }
            1 => fabric.serve(now_ns, first as u32, second, &mut asks),
            2 => fabric.arrive(now_ns, first, &mut asks),
            _ => {
                outcome.delivered_ns[second as usize] = now_ns;
                outcome.order.push(second as u32);
            }
        }
        for ask in asks.drain(..) {
            let (at_ns, kind, first, second) = match ask {
                Ask::Serve { at_ns, server, generation } => {
                    (at_ns, 1, u64::from(server), generation)
                }
                Ask::Arrive { at_ns, payload } => (at_ns, 2, payload, 0),
                Ask::Deliver { at_ns, transfer } => {
                    delivery += 1;
                    (at_ns, 3, delivery, u64::from(transfer))
                }
            };
            let target = match kind {
                1 => first as usize % nodes,
                2 => arrives_at(first),
                _ => messages[second as usize].to,
            };
            let least_ns = if target == node { 0 } else { lookahead_ns };
            assert!(at_ns >= now_ns.saturating_add(least_ns), "{ask:?} at {now_ns} by {node}");
            queue.push(Reverse((at_ns, kind, first, second)));
        }
    }
    outcome
}

/// The node that an [`Ask::Arrive`] touches: the sender where a flow resumes, else the receiver.
fn arrives_at(payload: u64) -> usize {
    let resumes = payload >> 63 == 1;
    (if resumes { payload << 1 >> 33 } else { payload & u64::from(u32::MAX) }) as usize
}
