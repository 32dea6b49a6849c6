use mpclab_scenarios::{NETWORKS, PROFILES};
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
