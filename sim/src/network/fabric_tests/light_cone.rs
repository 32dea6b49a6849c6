//! What one node does reaches no other earlier than the look-ahead, in the fabric.
//!
//! The driver holds each event against it that a node asks for at another. That says nothing of
//! what a node *reads* of another, so here one more message disturbs a run, and each node has to go
//! on exactly as before until news of it can have come: the receiver one look-ahead after the
//! departure, all others two.

use super::MS;
use super::against_max_min::{Case, random_case};
use super::driver::{Message, Step, What, watch};
use crate::network::spec::Network;

/// Steps of one node before a time; numbers of messages are those without the disturbance.
fn history(network: &Network, messages: &[Message], node: usize, until_ns: u64) -> Vec<Step> {
    let mut steps = Vec::new();
    watch(network.clone(), messages, |step| {
        // A wake that a server did not need is no step: which were asked for is its own affair.
        let is_wake = matches!(step.what, What::Served(_));
        if step.node == node && step.at_ns < until_ns && !is_wake {
            steps.push(step);
        }
    });
    steps
}

#[test]
fn a_disturbance_travels_no_faster_than_the_lookahead() {
    let mut reached = 0;
    for seed in 0..600 {
        let latency_ns = [MS, 10 * MS, 100 * MS][seed as usize % 3];
        let Case { network, mut messages } = random_case(seed, 16 << 10, 7, latency_ns);
        let lookahead_ns = network.lookahead_ns();
        assert_eq!(lookahead_ns, latency_ns);
        let nodes = network.nodes();
        let (from, to) = (seed as usize % nodes, (seed as usize + 1) % nodes);
        let at_ns = messages[messages.len() / 2].at_ns + seed * 10_007;
        // Nothing else that it sends: third nodes hear of it through the receiver alone.
        messages.retain(|message| message.from != from);
        let disturbance = Message { at_ns, from, to, bytes: 3_000_000, propagation_ns: latency_ns };
        let disturbed: Vec<Message> = messages.iter().copied().chain([disturbance]).collect();
        for node in (0..nodes).filter(|node| *node != from) {
            let hops = if node == to { 1 } else { 2 };
            let until_ns = at_ns + hops * lookahead_ns;
            let before = history(&network, &messages, node, until_ns);
            let after = history(&network, &disturbed, node, until_ns);
            assert_eq!(before, after, "seed {seed}: node {node} before {until_ns}");
            let whole = |messages: &[Message]| history(&network, messages, node, u64::MAX);
            reached += usize::from(node != to && whole(&messages) != whole(&disturbed));
        }
    }
    assert!(reached > 50, "only {reached} third nodes saw anything at all of the disturbance");
}
