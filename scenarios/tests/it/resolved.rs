use mpclab_scenarios::{ComputeChoice, Plan};
use mpclab_sim::compute::Price;

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
    write(
        "machine.yaml",
        "cores: 4\nops: {field.mul: 0.77ns, net.send: {call: 1.5us, unit: 3ps}}\n",
    );
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
    assert_eq!(keys(&again), keys(&plan));
    assert_eq!(again.resolved, plan_text(&again.resolved).resolved, "resolving again adds nothing");
    for reference in ["csv", "machine.yaml", "\n  preset:", "- preset:"] {
        assert!(!plan.resolved.contains(reference), "{reference} in\n{}", plan.resolved);
    }
}

#[test]
fn swept_parts_go_by_the_same_values_when_resolved() {
    let plan = plan_text(
        "about: x\nfunction: {name: sum}\nparties: 3\nprotocols: [shamir]\nnetwork: lan\n\
         sweep:\n  parties: [3, {compute: 4}]\n  protocols: [[shamir], [{name: rep3}]]\n  \
         network: [{preset: lan, loss: 1%}, {preset: lan, loss: 2%}, wan]\n  \
         compute: [none, ~]\n\
         expect: [{correctness: held, when: {parties: 3, compute: ~}},\n  \
         {correctness: held, when: {network: {preset: lan, loss: 2%}}}]\n",
    );
    assert_eq!(plan.cells.len(), 2 * 2 * 3 * 2);
    let again = plan_text(&plan.resolved);
    let swept = |plan: &Plan| plan.cells.iter().map(|cell| cell.sweep.clone()).collect::<Vec<_>>();
    assert_eq!(swept(&again), swept(&plan));
    assert_eq!(identities(&again), identities(&plan));
    let concerned = |plan: &Plan, at: usize| -> Vec<usize> {
        let cells = plan.cells.iter().filter(|cell| plan.expect[at].concerns(cell));
        cells.map(|cell| cell.index).collect()
    };
    for at in 0..2 {
        assert_eq!(concerned(&again, at), concerned(&plan, at));
        assert!(!concerned(&plan, at).is_empty());
    }
    assert!(!plan.resolved.contains("- preset:"), "{}", plan.resolved);
}

#[test]
fn a_price_is_for_a_unit_or_for_a_call_and_a_unit() {
    let with = |price: &str| {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("machine.yaml", &format!("cores: 1\nops:\n  field.mul: {price}\n"));
        write(
            "scenario.yaml",
            "about: prices\nfunction: {name: sum}\nparties: 3\nprotocols: [shamir]\n\
             network: lan\ncompute: machine.yaml\nseed: 1\n",
        );
        plan_file(&folder.path().join("scenario.yaml"), &[])
    };
    let price = |text: &str| {
        let plan = with(text).unwrap_or_else(|message| panic!("{message}"));
        let ComputeChoice::Profile(profile) = &plan.cells[0].compute else { panic!() };
        profile.prices["field.mul"]
    };
    assert_eq!(price("0.77ns"), Price { call_ps: 0, unit_ps: 770 });
    assert_eq!(price("{ call: 1.5us, unit: 3ps }"), Price { call_ps: 1_500_000, unit_ps: 3 });
    for (bad, says) in [
        ("{ call: 1us }", "`unit`"),
        ("{ call: 1us, unit: 1ns, more: 1 }", "`more`"),
        ("{ call: 1, unit: 1ns }", "a duration with its unit"),
    ] {
        let Err(message) = with(bad) else { panic!("{bad} is taken") };
        assert!(message.contains("machine.yaml:3:") && message.contains(says), "{message}");
    }
}
