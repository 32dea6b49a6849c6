mod against_max_min;
mod driver;
mod light_cone;
mod max_min;

use driver::{Message, network, network_of, run};

const GBIT: u64 = 1_000_000_000;
const MBIT: u64 = 1_000_000;
const MS: u64 = 1_000_000;

fn message(at_ns: u64, from: usize, to: usize, bytes: u64) -> Message {
    Message { at_ns, from, to, bytes, propagation_ns: 1 }
}

fn no_links(_: usize, _: usize) -> u64 {
    0
}

fn all_to_all(n: usize, bytes: u64, latency_ns: impl Fn(usize, usize) -> u64) -> Vec<Message> {
    let pairs = (0..n).flat_map(|from| (0..n).map(move |to| (from, to)));
    let distinct = pairs.filter(|(from, to)| from != to);
    distinct
        .map(|(from, to)| {
            let propagation_ns = latency_ns(from, to);
            Message { at_ns: 0, from, to, bytes, propagation_ns }
        })
        .collect()
}

#[test]
fn a_flow_limited_upstream_holds_no_share_downstream() {
    let net = network(&[MBIT, GBIT, 0], &[0, 0, GBIT], no_links);
    let sent = [message(0, 0, 2, 10_000_000), message(0, 1, 2, 10_000_000)];
    let done = run(net, &sent).delivered_ns;
    assert!(done[1].abs_diff(80 * MS) < MS / 2, "not 160 ms: {}", done[1]);
    assert!(done[0].abs_diff(80_000 * MS) < MS, "{}", done[0]);
}

#[test]
fn a_flow_limited_downstream_holds_no_share_upstream() {
    let slow_link = |from, to| if (from, to) == (0, 1) { MBIT } else { 0 };
    for latency_ns in [1, MS, 20 * MS] {
        let behind_downlink = network_of(&[GBIT, 0, 0], &[0, MBIT, GBIT], no_links, latency_ns);
        let behind_link = network_of(&[GBIT, 0, 0], &[0, 0, GBIT], slow_link, latency_ns);
        for net in [behind_downlink, behind_link] {
            let mut sent = [message(0, 0, 1, 10_000_000), message(0, 0, 2, 10_000_000)];
            sent.iter_mut().for_each(|message| message.propagation_ns = latency_ns);
            let done = run(net, &sent).delivered_ns;
            let exact_ns = 80 * MS + latency_ns;
            assert!(done[1].abs_diff(exact_ns) < 2 * MS, "not 160 ms: {}", done[1]);
            assert!(done[0].abs_diff(80_000 * MS + latency_ns) < MS, "{}", done[0]);
        }
    }
}

#[test]
fn holding_back_starves_no_long_distance() {
    let net = network_of(&[GBIT, 0, 0], &[0, 100 * MBIT, GBIT], no_links, 200 * MS);
    let mut sent = [message(0, 0, 1, 10_000_000), message(0, 0, 2, 1_000_000)];
    sent.iter_mut().for_each(|message| message.propagation_ns = 200 * MS);
    let done = run(net, &sent).delivered_ns;
    assert!(done[0].abs_diff(1000 * MS) < 10 * MS, "200 ms + 80 Mbit / 100 Mbit/s: {}", done[0]);
}

#[test]
fn one_message_takes_the_time_of_its_narrowest_stage() {
    // Up, link, down: a stage adds no second serialisation.
    for rates in [(10, 10, 10), (10, 30, 30), (30, 10, 30), (30, 30, 10), (0, 10, 10), (10, 0, 10)]
    {
        let net = network(&[rates.0 * MBIT, 0], &[0, rates.2 * MBIT], |_, _| rates.1 * MBIT);
        for bytes in [1_000, 100_000, 10_000_000] {
            let done = run(net.clone(), &[message(0, 0, 1, bytes)]).delivered_ns[0];
            let exact_ns = bytes * 8 * 100;
            let slack = exact_ns / 16 + 2;
            let late = done.abs_diff(exact_ns);
            assert!(late <= slack, "{rates:?} {bytes}: {done} instead of {exact_ns}");
        }
    }
}

#[test]
fn an_all_to_all_round_is_not_serialised_twice() {
    for bytes in [1024, 300_000] {
        let net = network(&[100 * MBIT; 16], &[100 * MBIT; 16], no_links);
        let done = run(net, &all_to_all(16, bytes, |_, _| 1)).delivered_ns;
        let exact_ns = 15 * bytes * 80;
        for at_ns in done {
            assert!(at_ns.abs_diff(exact_ns) <= exact_ns / 50, "{at_ns} instead of {exact_ns}");
        }
    }
}

#[test]
fn equal_flows_finish_together_and_a_late_one_gets_its_share() {
    let net = network(&[0; 5], &[0, 0, 0, 0, 80 * MBIT], no_links);
    let mut sent: Vec<Message> = (0..3).map(|from| message(0, from, 4, 1_000_000)).collect();
    // Comes when each of the others lacks half: then four share.
    sent.push(message(150 * MS, 3, 4, 500_000));
    let done = run(net, &sent).delivered_ns;
    assert!(done.iter().all(|at_ns| at_ns.abs_diff(350 * MS) < 10), "{done:?}");
}

#[test]
fn idle_capacity_is_never_banked() {
    let net = network(&[10 * MBIT, 0], &[0, 10 * MBIT], no_links);
    let done = run(net, &[message(10_000 * MS, 0, 1, 1_000_000)]).delivered_ns[0];
    assert!(done >= 10_800 * MS, "{done}");
    // Nor where nothing limits upstream of the idle server.
    let net = network(&[0, 0], &[0, 10 * MBIT], no_links);
    let sent = [message(0, 0, 1, 1000), message(10_000 * MS, 0, 1, 1_000_000)];
    assert_eq!(run(net, &sent).delivered_ns[1], 10_800 * MS + 1);
}

#[test]
fn a_flow_is_first_in_first_out_under_jitter() {
    let net =
        network(&[50 * MBIT; 3], &[50 * MBIT, 20 * MBIT, 0], |from, _| from as u64 * 30 * MBIT);
    let mut sent = Vec::new();
    for k in 0..200u64 {
        let (from, to) = ((k % 3) as usize, ((k / 3 + 1 + k % 3) % 3) as usize);
        if from != to {
            // Every third is a zero-byte marker; latencies jump up and down.
            let bytes = if k % 3 == 0 { 0 } else { (k * 7919) % 90_000 };
            let propagation_ns = 1 + (k * 104_729) % (5 * MS);
            sent.push(Message { at_ns: k * 1000, from, to, bytes, propagation_ns });
        }
    }
    let outcome = run(net, &sent);
    let mut last = [[None; 3]; 3];
    for transfer in &outcome.order {
        let Message { from, to, .. } = sent[*transfer as usize];
        assert!(last[from][to] < Some(*transfer), "{transfer} was overtaken");
        last[from][to] = Some(*transfer);
    }
    assert_eq!(outcome.order.len(), sent.len(), "each is delivered once");
    for (message, at_ns) in sent.iter().zip(&outcome.delivered_ns) {
        assert!(*at_ns >= message.at_ns + message.propagation_ns, "{message:?} at {at_ns}");
    }
}

#[test]
fn without_limits_only_the_distance_counts() {
    let net = network(&[0; 3], &[MBIT, 0, 0], no_links);
    let sent = [message(5, 0, 1, 1 << 40), message(5, 0, 1, 0)];
    let outcome = run(net, &sent);
    assert_eq!(outcome.delivered_ns, [6, 6]);
    assert_eq!(outcome.events, 4, "two departures, two deliveries");
}

#[test]
fn the_order_of_simultaneous_departures_does_not_matter() {
    let net =
        network(&[70 * MBIT; 6], &[30 * MBIT; 6], |from, to| ((from + to) % 3) as u64 * 9 * MBIT);
    let forwards = all_to_all(6, 40_000, |from, to| 1 + ((from * 5 + to) as u64) * MS / 3);
    let backwards: Vec<Message> = forwards.iter().rev().copied().collect();
    let mut mirrored = run(net.clone(), &backwards).delivered_ns;
    mirrored.reverse();
    assert_eq!(run(net, &forwards).delivered_ns, mirrored);
}

#[test]
fn a_crash_loses_what_has_not_left_and_frees_the_uplink() {
    use crate::network::{Ask, Fabric};
    let net = network(&[8 * MBIT, 0], &[0, 0], no_links);
    let mut fabric = Fabric::new(std::sync::Arc::new(net));
    let (from, to) = (0.into(), 1.into());
    let mut asks = Vec::new();
    // 1 ms each: the first has left when the node crashes, the second has not.
    fabric.depart(0, from, to, 1000, 5, 10, &mut asks);
    fabric.depart(0, from, to, 1000, 5, 11, &mut asks);
    let mut lost = Vec::new();
    let mut delivered = Vec::new();
    let mut crashed = false;
    while !asks.is_empty() {
        let at = |ask: &Ask| match ask {
            Ask::Serve { at_ns, .. } | Ask::Arrive { at_ns, .. } | Ask::Deliver { at_ns, .. } => {
                *at_ns
            }
        };
        asks.sort_by_key(at);
        if !crashed && at(&asks[0]) > MS + 500_000 {
            crashed = true;
            lost = fabric.crash(MS + 500_000, from);
            fabric.depart(MS + 600_000, from, to, 1000, 5, 12, &mut asks);
            continue;
        }
        match asks.remove(0) {
            Ask::Serve { at_ns, server, generation } => {
                fabric.serve(at_ns, server, generation, &mut asks);
            }
            Ask::Arrive { at_ns, payload } => fabric.arrive(at_ns, payload, &mut asks),
            Ask::Deliver { at_ns, transfer } => delivered.push((at_ns, transfer)),
        }
    }
    assert_eq!(lost, [11]);
    assert_eq!(delivered, [(MS + 5, 10), (2 * MS + 600_005, 12)]);
}

#[test]
fn extreme_sizes_and_rates_do_not_overflow() {
    let net = network(&[1, u64::MAX, 0], &[u64::MAX, 0, 1], no_links);
    let late = u64::MAX - 2;
    let sent = [message(0, 0, 1, 1 << 50), message(1, 1, 0, 1 << 24), message(late, 1, 2, 1)];
    let done = run(net, &sent).delivered_ns;
    assert_eq!(done[0], u64::MAX, "beyond the end of time");
    assert!(done[1] < MS, "{}", done[1]);
    assert_eq!(done[2], u64::MAX, "beyond the end of time");
}

#[test]
fn many_parties_take_few_events_a_message() {
    let n = 150;
    let net = network(&[GBIT; 150], &[GBIT; 150], no_links);
    let sent =
        all_to_all(n, 1024, |from, to| 20 * MS + ((from * 7 + to * 13) % 1000) as u64 * 10_000);
    let outcome = run(net, &sent);
    assert_eq!(outcome.order.len(), n * (n - 1));
    let per_message = outcome.events as f64 / sent.len() as f64;
    assert!(per_message < 5.0, "{per_message} events a message");
}
