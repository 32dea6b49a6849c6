use mpclab_scenarios::{NETWORKS, PRICES, PROFILES, Usage};
use mpclab_sim::vocabulary::PartyId;

use crate::catalogue::plan_text;

fn planned(network: &str) -> mpclab_scenarios::Cell {
    let text = format!(
        "about: x\nfunction: {{name: sum}}\nparties: 12\nprotocols: [shamir]\nnetwork: {network}\n"
    );
    plan_text(&text).cells[0].clone()
}

#[test]
fn every_network_preset_plans_and_says_where_it_comes_from() {
    for preset in NETWORKS {
        assert_eq!(planned(preset.name).network_name, preset.name);
        assert!(preset.about().len() > 40, "{} says too little", preset.name);
    }
}

#[test]
fn every_profile_preset_plans() {
    for preset in PROFILES {
        let text = format!(
            "about: x\nfunction: {{name: sum}}\nparties: 2\nprotocols: [shamir]\n\
             network: ideal\ncompute: {}\n",
            preset.name
        );
        assert_eq!(plan_text(&text).cells.len(), 1);
        assert!(preset.about().len() > 40, "{} says too little", preset.name);
    }
}

#[test]
fn regional_latencies_are_half_the_table() {
    let latency = |network: &str, from, to| {
        planned(network).network.links.get(PartyId(from), PartyId(to)).latency.floor_ns
    };
    // us-east-1 to sa-east-1, and between two nodes of us-east-1 (10 regions, 12 nodes).
    assert_eq!(latency("aws10", 0, 4), 56_500_000);
    assert_eq!(latency("aws10", 0, 10), 150_000);
    // The tables are not symmetric: us-west-2 and eu-central-1.
    assert_eq!((latency("aws10", 2, 6), latency("aws10", 6, 2)), (78_750_000, 78_800_000));
    assert_eq!(latency("gcp10", 9, 0), 77_650_000);
    assert_eq!(latency("gcp10", 1, 11), 150_000);
}

#[test]
fn local_networks_are_what_their_names_say() {
    let lan = planned("lan").network;
    assert_eq!((lan.min_latency_ns(), lan.uplink_bps[0]), (500_000, Some(1_000_000_000)));
    let wan = planned("wan").network;
    assert_eq!((wan.min_latency_ns(), wan.downlink_bps[0]), (50_000_000, Some(100_000_000)));
    let mobile = planned("mobile").network;
    assert!(mobile.uplink_bps[0] < mobile.downlink_bps[0]);
    assert!(!planned("ideal").network.has_capacities());
}

#[test]
fn price_presets_cover_every_network_preset_and_say_that_they_are_secondary() {
    for preset in PRICES {
        for network in NETWORKS {
            let cell = planned(&format!("{}\nprices: {}", network.name, preset.name));
            let tariff = cell.prices.expect("priced");
            assert!(tariff.origin.starts_with(preset.name), "{}", tariff.origin);
            let hour = [0, 0, 3_600_000_000_000];
            let bills = tariff.bill(&Usage { phase_ns: hour, sent: Vec::new() });
            assert!(bills.len() == 12 && bills.iter().all(|bill| bill.machine_nusd[2] > 0));
        }
        assert!(preset.about().contains("secondary"));
    }
}

#[test]
fn traffic_is_priced_by_the_regions_of_a_networks_nodes() {
    let gb = |from, to| {
        let tariff = planned("aws10\nprices: aws").prices.unwrap();
        let sent = vec![(PartyId(from), PartyId(to), [0, 0, 1_000_000_000])];
        let bills = tariff.bill(&Usage { phase_ns: [0; 3], sent });
        [from, to].map(|node| bills[node as usize].egress_nusd[2] / 1_000_000)
    };
    // Node 10 is in the region of node 0, node 2 in another of the US, node 4 in South America.
    assert_eq!((gb(0, 10), gb(0, 2), gb(0, 4)), ([10, 10], [20, 0], [80, 0]));
}

#[test]
fn without_prices_nothing_is_priced_and_no_identity_changes() {
    let (none, priced) = (planned("lan\nprices: none"), planned("lan\nprices: aws"));
    assert!(none.prices.is_none());
    assert_eq!(none.identity(), planned("lan").identity());
    assert_ne!(none.identity(), priced.identity());
}
