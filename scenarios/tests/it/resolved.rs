use mpclab_scenarios::Plan;

use crate::catalogue::{plan_file, plan_text};

fn identities(plan: &Plan) -> Vec<serde_json::Value> {
    plan.cells.iter().map(|cell| cell.identity()).collect()
}

#[test]
fn the_resolved_file_means_the_same_and_refers_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("bids.csv", "bid,party\n12,1\n7.50,0\n3,2\n");
    write("net.yaml", "preset: wan\nrtt: 30ms\nregions:\n");
    write("machine.yaml", "cores: 4\nops: {field.mul: 0.77ns}\n");
    write(
        "scenario.yaml",
        "about: all references\nfunction: {name: auction, inputs: {csv: bids.csv}}\nparties: 3\n\
         protocols: [shamir, {name: rep3, label: three}]\nnetwork: net.yaml\n\
         compute: machine.yaml\nsweep: {network: [./net.yaml, lan], compute.cores: [1, 2]}\n\
         expect: [{correctness: held, when: {network: lan}}]\n",
    );
    let overrides = [("function.params.bits", "16"), ("seed", "77")];
    let plan = match plan_file(&folder.path().join("scenario.yaml"), &overrides) {
        Ok(plan) => plan,
        Err(message) => panic!("{message}"),
    };
    assert_eq!(plan.cells.len(), 8);
    let again = plan_text(&plan.resolved);
    assert_eq!(identities(&again), identities(&plan));
    assert_eq!(again.seed, 77);
    let keys = |plan: &Plan| -> Vec<_> {
        let cells = plan.cells.iter();
        cells.map(|cell| (cell.sweep.clone(), cell.protocol.label.clone())).collect()
    };
    let swept = |plan: &Plan| -> Vec<_> {
        keys(plan).into_iter().map(|(sweep, label)| (sweep[1].clone(), label)).collect()
    };
    assert_eq!(swept(&again), swept(&plan));
    assert_eq!(again.resolved, plan_text(&again.resolved).resolved, "resolving again adds nothing");
    for reference in ["csv", "- ./net.yaml", "machine.yaml", "\n  preset:"] {
        assert!(!plan.resolved.contains(reference), "{reference} in\n{}", plan.resolved);
    }
}
