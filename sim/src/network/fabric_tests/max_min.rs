//! The exact answer: a fluid in which every flow has its max-min fair rate at all times.

use super::driver::Message;
use crate::network::spec::Network;
use crate::vocabulary::PartyId;

/// What a message still lacks, bytes, below which it counts as delivered.
const NOTHING: f64 = 1e-6;

/// Completion of each message without propagation, nanoseconds. Messages of a flow come in order
/// of their times.
pub(super) fn completions(network: &Network, messages: &[Message]) -> Vec<f64> {
    let mut left: Vec<f64> = messages.iter().map(|message| message.bytes as f64).collect();
    let mut completed = vec![f64::INFINITY; messages.len()];
    let mut now_ns = 0.0;
    loop {
        let waiting: Vec<usize> =
            (0..messages.len()).filter(|at| completed[*at].is_infinite()).collect();
        if waiting.is_empty() {
            return completed;
        }
        let active = heads(messages, &waiting, now_ns);
        let rates = rates(network, messages, &active);
        let mut until_ns = waiting
            .iter()
            .map(|at| messages[*at].at_ns as f64)
            .filter(|at_ns| *at_ns > now_ns)
            .fold(f64::INFINITY, f64::min);
        for (at, rate) in active.iter().zip(&rates) {
            until_ns = until_ns.min(now_ns + left[*at] / rate);
        }
        for (at, rate) in active.iter().zip(&rates) {
            left[*at] -= if rate.is_infinite() { left[*at] } else { rate * (until_ns - now_ns) };
            if left[*at] < NOTHING {
                completed[*at] = until_ns;
            }
        }
        now_ns = until_ns;
    }
}

/// The first waiting message of each flow.
fn heads(messages: &[Message], waiting: &[usize], now_ns: f64) -> Vec<usize> {
    let mut heads: Vec<usize> = Vec::new();
    for at in waiting.iter().filter(|at| messages[**at].at_ns as f64 <= now_ns) {
        let pair = |at: usize| (messages[at].from, messages[at].to);
        if heads.iter().all(|head| pair(*head) != pair(*at)) {
            heads.push(*at);
        }
    }
    heads
}

/// Progressive filling: raise all rates alike; what meets a full capacity stays there. Bytes per
/// nanosecond.
fn rates(network: &Network, messages: &[Message], active: &[usize]) -> Vec<f64> {
    let capacities = capacities(network, messages, active);
    let mut rates = vec![f64::INFINITY; active.len()];
    let mut open = vec![true; active.len()];
    while open.iter().any(|is| *is) {
        let level = |(bps, members): &(f64, Vec<usize>)| {
            let taken: f64 = members.iter().filter(|m| !open[**m]).map(|m| rates[*m]).sum();
            let raised = members.iter().filter(|m| open[**m]).count();
            if raised == 0 { f64::INFINITY } else { (bps / 8e9 - taken) / raised as f64 }
        };
        let tightest = capacities.iter().min_by(|one, other| level(one).total_cmp(&level(other)));
        let Some(tightest) = tightest.filter(|it| level(it).is_finite()) else { break };
        let rate = level(tightest);
        for member in &tightest.1 {
            if open[*member] {
                rates[*member] = rate;
                open[*member] = false;
            }
        }
    }
    rates
}

/// Every capacity with the flows (positions in `active`) that pass it.
fn capacities(network: &Network, messages: &[Message], active: &[usize]) -> Vec<(f64, Vec<usize>)> {
    let mut capacities = Vec::new();
    let mut add = |bps: Option<u64>, uses: &dyn Fn(&Message) -> bool| {
        let members = (0..active.len()).filter(|at| uses(&messages[active[*at]])).collect();
        capacities.extend(bps.map(|bps| (bps as f64, members)));
    };
    for node in 0..network.nodes() {
        add(network.uplink_bps[node], &|message| message.from == node);
        add(network.downlink_bps[node], &|message| message.to == node);
        for other in (0..network.nodes()).filter(|other| *other != node) {
            let link = network.links.get(PartyId::from(node), PartyId::from(other));
            add(link.capacity_bps, &|message| (message.from, message.to) == (node, other));
        }
    }
    capacities
}
