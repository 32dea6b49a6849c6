use mpclab_scenarios::{ComputeChoice, Expected, InputSource, Unsupported};
use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::network::{Distribution, Framing};
use mpclab_sim::vocabulary::{Guarantee, PartyId, Roles};
use serde_json::json;

use crate::catalogue::{plan_text, plan_with, try_plan};

const LEAST: &str = "about: least\nfunction: {name: sum}\nparties: 3\nprotocols: [shamir]\n";

fn least(more: &str) -> String {
    format!("{LEAST}network: ideal\n{more}")
}

fn on(network: &str) -> String {
    format!("{LEAST}network: {network}\n")
}

#[test]
fn the_least_file_has_defaults() {
    let plan = plan_text(&least(""));
    assert_eq!((&plan.name[..], &plan.about[..]), ("scenario", "least"));
    assert_eq!((plan.repetitions, plan.seed, plan.unsupported), (1, 1, Unsupported::Refuse));
    let [cell] = &plan.cells[..] else { panic!("one cell, not {}", plan.cells.len()) };
    assert_eq!(cell.roles, Roles::all(3));
    assert_eq!(cell.protocol.label, "shamir");
    assert_eq!(cell.protocol.params, json!({"threshold": null, "field": "m61"}));
    assert_eq!(cell.security.computational, 128);
    assert_eq!(cell.security.statistical, 40);
    assert!(matches!(cell.function.inputs, InputSource::Random));
    let ComputeChoice::Profile(profile) = &cell.compute else { panic!("a profile is the default") };
    assert_eq!((&profile.name[..], profile.cores), ("reference", 1));
    assert_eq!(cell.network.min_latency_ns(), 1_000);
    assert_eq!(cell.network.nodes(), 3);
}

#[test]
fn clients_follow_the_computing_parties() {
    let text = least("").replace("parties: 3", "parties: {compute: 3, input: 5, output: input}");
    let clients: Vec<_> = (3..8).map(PartyId).collect();
    let roles = &plan_text(&text).cells[0].roles;
    assert_eq!(*roles, Roles { compute: 3, input: clients.clone(), output: clients });

    let everyone = plan_text(&text.replace(", output: input", "")).cells[0].roles.clone();
    assert_eq!(everyone.output, PartyId::all(8).collect::<Vec<_>>());
}

#[test]
fn roles_are_named_by_nodes_and_consumers_follow_the_clients() {
    let roles = |parties: &str| {
        let text = least("").replace("parties: 3", &format!("parties: {parties}"));
        plan_text(&text).cells[0].roles.clone()
    };
    let nodes = |list: &[u32]| list.iter().copied().map(PartyId).collect::<Vec<_>>();
    assert_eq!(
        roles("{ compute: 3, input: 2, output: 2 }"),
        Roles { compute: 3, input: nodes(&[3, 4]), output: nodes(&[5, 6]) }
    );
    assert_eq!(
        roles("{ compute: 3, input: [2, 0], output: [1] }"),
        Roles { compute: 3, input: nodes(&[0, 2]), output: nodes(&[1]) }
    );
}

#[test]
fn a_protocol_may_have_parties_of_its_own() {
    let protocols = "[shamir, {name: rep3, parties: {compute: 3, input: 5}}]";
    let text = least("").replace("parties: 3", "parties: 5").replace("[shamir]", protocols);
    let plan = plan_text(&text);
    let nodes: Vec<_> = plan.cells.iter().map(|cell| cell.network.nodes()).collect();
    assert_eq!(nodes, [5, 8]);
    assert_eq!(plan.cells[0].roles.input.len(), plan.cells[1].roles.input.len());
}

#[test]
fn a_round_trip_is_halved_and_a_latency_is_not() {
    let floor = |network: &str| {
        let link =
            plan_text(&on(network)).cells[0].network.links.get(PartyId(0), PartyId(1)).clone();
        (link.latency.floor_ns, link.latency.random)
    };
    assert_eq!(floor("{rtt: 40ms}"), (20_000_000, vec![]));
    assert_eq!(floor("{latency: 40ms}"), (40_000_000, vec![]));
    assert_eq!(floor("{latency: 0ms}"), (1, vec![]));
    let lognormal = Distribution::LogNormal { median_ns: 10_000_000, sigma: 0.3 };
    let random = floor("{rtt: {floor: 1ms, lognormal: {median: 20ms, sigma: 0.3}}}");
    assert_eq!(random, (500_000, vec![lognormal]));
    let uniform = Distribution::Uniform { width_ns: 1_000_000 };
    let jitter = floor("{latency: 5ms, jitter: {uniform: {min: 1ms, max: 2ms}}}");
    assert_eq!(jitter, (6_000_000, vec![uniform]));
    let samples = Distribution::Empirical { samples_ns: vec![2_000_000, 0, 500_000] };
    assert_eq!(floor("{latency: {empirical: [3ms, 1, 1.5]}}"), (1_000_000, vec![samples]));
}

#[test]
fn capacities_framing_and_loss() {
    let text = on("{uplink: 10Mbit/s, downlink: unlimited, link: 1.5Gbit/s, loss: 0.1%, \
                   framing: {mss: 1000, header: 40}, overrides: [{party: 2, downlink: 5kbit/s}]}");
    let network = plan_text(&text).cells[0].network.clone();
    assert_eq!(network.uplink_bps, [Some(10_000_000); 3]);
    assert_eq!(network.downlink_bps, [None, None, Some(5_000)]);
    let link = network.links.get(PartyId(0), PartyId(2));
    assert_eq!((link.capacity_bps, link.loss_ppm), (Some(1_500_000_000), 1_000));
    assert_eq!(network.framing, Framing::Segments { mss: 1000, header: 40 });
    let plain = plan_text(&on("{latency: 1ms}")).cells[0].network.clone();
    assert!(plain.uplink_bps.is_empty() && plain.downlink_bps.is_empty());
    assert_eq!(plain.framing, Framing::None);
}

#[test]
fn overrides_change_one_direction_or_both() {
    let latency = |network: &str, from: u32, to: u32| {
        let plan = plan_text(&on(network));
        plan.cells[0].network.links.get(PartyId(from), PartyId(to)).latency.floor_ns
    };
    let one = "{latency: 1ms, overrides: [{from: 0, to: 1, latency: 5ms}]}";
    assert_eq!((latency(one, 0, 1), latency(one, 1, 0)), (5_000_000, 1_000_000));
    let both = "{latency: 1ms, overrides: [{from: 0, to: 1, rtt: 5ms, symmetric: true}]}";
    assert_eq!((latency(both, 0, 1), latency(both, 1, 0)), (2_500_000, 2_500_000));
    assert_eq!(latency(both, 1, 2), 1_000_000);
    let last = "{latency: 1ms, overrides: [{from: 0, to: 1, latency: 5ms}, \
                {from: 0, to: 1, latency: 6ms}]}";
    assert_eq!(latency(last, 0, 1), 6_000_000);
}

#[test]
fn regions_are_placed_by_list_or_round_robin() {
    let network = |placement: &str| {
        let regions = "{names: [a, b], rtt: [[0.5, 10], [20ms, 1ms]]}";
        let plan = plan_text(&on(&format!("{{regions: {regions}{placement}}}")));
        let links = plan.cells[0].network.links.clone();
        move |from, to| links.get(PartyId(from), PartyId(to)).latency.floor_ns
    };
    let around = network("");
    assert_eq!((around(0, 1), around(1, 0), around(0, 2)), (5_000_000, 10_000_000, 250_000));
    let listed = network(", placement: [b, b, a]");
    assert_eq!((listed(0, 1), listed(0, 2), listed(2, 0)), (500_000, 10_000_000, 5_000_000));
}

#[test]
fn a_preset_is_changed_key_by_key() {
    let plan = plan_text(&on("{preset: wan, rtt: 40ms, jitter: {exponential: {mean: 1ms}}}"));
    let cell = &plan.cells[0];
    assert_eq!(cell.network_name, "wan*");
    assert_eq!(cell.network.links.get(PartyId(0), PartyId(1)).latency.floor_ns, 20_000_000);
    assert_eq!(cell.network.uplink_bps, [Some(100_000_000); 3]);
    assert_eq!(plan_text(&on("wan")).cells[0].network_name, "wan");
    assert_eq!(plan_text(&on("{preset: wan, name: mine}")).cells[0].network_name, "mine");
    // A one-way latency takes the place of the preset's round trip.
    let one_way = plan_text(&on("{preset: wan, latency: 40ms}"));
    assert_eq!(one_way.cells[0].network.min_latency_ns(), 40_000_000);
}

#[test]
fn a_sweep_is_a_grid_whose_last_key_is_fastest() {
    let text = least("sweep: {parties.compute: [3, 5], network: [lan, {name: far, rtt: 1s}]}\n")
        .replace("[shamir]", "[shamir, additive]");
    let plan = plan_text(&text);
    let rows: Vec<_> = plan
        .cells
        .iter()
        .map(|cell| {
            assert_eq!(cell.sweep[0].0, "parties.compute");
            let (parties, network) = (cell.sweep[0].1.clone(), cell.sweep[1].1.clone());
            assert_eq!(cell.roles.compute as u64, parties.as_u64().unwrap());
            assert_eq!(cell.network_name, network.as_str().unwrap());
            format!("{parties} {} {}", cell.network_name, cell.protocol.label)
        })
        .collect();
    assert_eq!(
        rows,
        [
            "3 lan shamir",
            "3 lan additive",
            "3 far shamir",
            "3 far additive",
            "5 lan shamir",
            "5 lan additive",
            "5 far shamir",
            "5 far additive",
        ]
    );
    assert!(plan.cells.iter().enumerate().all(|(index, cell)| cell.index == index));
}

#[test]
fn a_sweep_reaches_parameters_presets_and_what_the_file_leaves_out() {
    let text = least(
        "sweep: {function.params.bits: [8, 16], 'protocols[0].params.threshold': [1], \
         network.rtt: [1ms, 3ms], security.statistical: [40]}\n",
    )
    .replace("name: sum", "name: auction")
    .replace("network: ideal", "network: wan");
    let plan = plan_text(&text);
    assert_eq!(plan.cells.len(), 4);
    let last = &plan.cells[3];
    assert_eq!(last.function.params, json!({"bits": 16}));
    assert_eq!(last.protocol.params["threshold"], json!(1));
    assert_eq!(last.network.min_latency_ns(), 1_500_000);
}

#[test]
fn overrides_replace_what_the_file_says() {
    let text = least("seed: 4\nsweep: {network.latency: [1ms]}\n");
    let sets = [("seed", "5"), ("protocols", "[rep3]"), ("sweep.network.latency", "[1ms, 2ms]")];
    let plan = plan_with(&text, &sets);
    assert_eq!((plan.seed, plan.cells.len()), (5, 2));
    assert_eq!(plan.cells[0].protocol.name, "rep3");
    let plan = plan_with(&least(""), &[("network", "lan"), ("network.loss", "0.5")]);
    assert_eq!(plan.cells[0].network.links.get(PartyId(0), PartyId(1)).loss_ppm, 500_000);
    assert_eq!(plan.cells[0].network_name, "lan");
    let plan = plan_with(&least(""), &[("parties.compute", "4")]);
    assert_eq!(plan.cells[0].roles.compute, 4);
}

#[test]
fn labels_say_what_sets_protocols_apart() {
    let protocols = "[shamir, {name: shamir, params: {threshold: 1}}, \
                     {name: rep3, label: three}]";
    let plan = plan_text(&least("").replace("[shamir]", protocols));
    let labels: Vec<_> = plan.cells.iter().map(|cell| &cell.protocol.label[..]).collect();
    assert_eq!(labels, ["shamir threshold=null", "shamir threshold=1", "three"]);
}

#[test]
fn given_values_are_kept_as_written() {
    let text = least("").replace(
        "{name: sum}",
        "{name: sum, inputs: {values: [{bid: 12, w: [1, -2.50]}, {bid: '1.10', w: 3}, \
         {bid: 340282366920938463463374607431768211455, w: 0.1}]}}",
    );
    let plan = plan_text(&text);
    let InputSource::Given(given) = &plan.cells[0].function.inputs else { panic!("given") };
    let values = |party: usize, column: &str| given.parties[party][column].values.clone();
    assert_eq!(values(0, "bid"), ["12"]);
    assert_eq!(values(0, "w"), ["1", "-2.5"]);
    assert!(given.parties[0]["w"].is_list && !given.parties[1]["w"].is_list);
    assert_eq!(values(1, "bid"), ["1.10"]);
    assert_eq!(values(2, "bid"), ["340282366920938463463374607431768211455"]);
}

#[test]
fn faults_limits_and_the_rest() {
    let plan = plan_text(&least(
        "faults: [{crash: {party: 2, at: 150ms, kind: process}}, \
         {pause: {party: 0, at: 1ms, for: 2ms}}, {restart: {party: 1, at: 1s, after: 1ms}}]\n\
         compute: none\nsecurity: {statistical: 64}\nsynchrony: 200ms\nunsupported: skip\n\
         limits: {virtual_time: 1min, events: 1000}\nrepetitions: 20\n\
         expect: [{correctness: held}, {metric: online.rounds, max: 60, protocol: shamir}, \
         {metric: total.time_ns, min: 1ms, max: 2s}, {metric: online.bytes, equals: 1.5KiB}]\n",
    ));
    let cell = &plan.cells[0];
    let kinds = [
        (2, 150_000_000, FaultKind::Crash(CrashKind::Process)),
        (0, 1_000_000, FaultKind::Pause { until_ns: 3_000_000 }),
        (1, 1_000_000_000, FaultKind::Restart { up_at_ns: 1_001_000_000 }),
    ];
    let faults = kinds.map(|(party, at_ns, kind)| Fault { party: PartyId(party), at_ns, kind });
    assert_eq!(cell.faults, faults);
    assert_eq!(cell.compute, ComputeChoice::None);
    assert_eq!((cell.security.computational, cell.security.statistical), (128, 64));
    assert_eq!(cell.synchrony_ns, Some(200_000_000));
    assert_eq!(cell.limits.virtual_time_ns, Some(60_000_000_000));
    assert_eq!(cell.limits.events, Some(1000));
    assert_eq!((plan.repetitions, plan.unsupported), (20, Unsupported::Skip));
    let bounds: Vec<_> = plan
        .expect
        .iter()
        .filter_map(|expectation| match expectation.expected {
            Expected::Metric { bounds, .. } => Some((bounds.min, bounds.max)),
            Expected::Verdict { .. } => None,
        })
        .collect();
    let wanted =
        [(None, Some(60)), (Some(1_000_000), Some(2_000_000_000)), (Some(1536), Some(1536))];
    assert_eq!(bounds, wanted);
    assert!(plan.expect.iter().all(|expectation| expectation.concerns(cell)));
}

#[test]
fn expectations_concern_their_protocol_and_their_values() {
    let text = least(
        "sweep: {network: [lan, wan]}\nexpect: \
         [{agreement: held, protocol: rep3}, {correctness: held, when: {network: wan}}]\n",
    )
    .replace("[shamir]", "[shamir, rep3]");
    let plan = plan_text(&text);
    let concerned = |index: usize| -> Vec<usize> {
        let cells = plan.cells.iter().filter(|cell| plan.expect[index].concerns(cell));
        cells.map(|cell| cell.index).collect()
    };
    assert_eq!(concerned(0), [1, 3]);
    assert_eq!(concerned(1), [2, 3]);
}

#[test]
fn undecided_claims_are_named_with_their_reason() {
    let undecided = "attack: {inconclusive: [{guarantee: abort_kind, because: ' no state fixes it '}, \
                     {guarantee: privacy, protocol: shamir, attack: echo, because: small}]}\n";
    let plan = plan_text(&least(undecided));
    let [any, one] = &plan.undecided[..] else { panic!("{:?}", plan.undecided) };
    assert_eq!((any.guarantee, &*any.because), (Guarantee::AbortKind, "no state fixes it"));
    assert_eq!((&any.protocol, &any.attack), (&None, &None));
    assert_eq!((one.protocol.as_deref(), one.attack.as_deref()), (Some("shamir"), Some("echo")));
    // Runs do not look at it.
    assert_eq!(plan.cells[0].identity(), plan_text(&least("")).cells[0].identity());
}

#[test]
fn an_identity_is_of_meaning_not_of_spelling() {
    let identity = |text: &str| plan_text(text).cells[0].identity();
    let base = identity(&on("{rtt: 40ms}"));
    assert_eq!(base, identity(&on("{latency: 20ms, name: other}")));
    assert_eq!(base, identity(&on("{rtt: 40000us}").replace("least", "something else")));
    let spelled = on("{rtt: 40ms}").replace("[shamir]", "[{name: shamir, params: {field: m61}}]");
    assert_eq!(base, identity(&spelled));
    assert_eq!(base, identity(&(on("{rtt: 40ms}") + "seed: 9\nrepetitions: 7\n")));
    let others = [
        on("{rtt: 41ms}"),
        on("{rtt: 40ms, loss: 1%}"),
        on("{rtt: 40ms, overrides: [{from: 1, to: 2, latency: 1ms}]}"),
        on("{rtt: 40ms}").replace("parties: 3", "parties: 4"),
        on("{rtt: 40ms}").replace("shamir", "rep3"),
        on("{rtt: 40ms}") + "compute: none\n",
        on("{rtt: 40ms}") + "synchrony: 1s\n",
        on("{rtt: 40ms}") + "security: {statistical: 41}\n",
        on("{rtt: 40ms}") + "limits: {events: 5}\n",
        on("{rtt: 40ms}") + "faults: [{crash: {party: 0, at: 0s, kind: host}}]\n",
    ];
    for other in others {
        assert_ne!(base, identity(&other), "{other}");
    }
}

#[test]
fn an_empty_optional_key_is_an_absent_one() {
    let plan = plan_text(&least("faults:\nsweep:\nexpect:\nsecurity:\ncompute:\nseed:\n"));
    assert_eq!(plan.cells.len(), 1);
    assert!(try_plan(&least("about:\n"), &[]).is_err());
}
