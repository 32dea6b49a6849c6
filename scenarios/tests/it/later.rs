//! Mistakes that are found after planning are shown where they stand.

use mpclab_scenarios::{InputSource, Plan};

use crate::catalogue::{plan_file, plan_text, plan_with};

const BASE: &str = "about: x\nfunction: {name: auction, params: {bits: 8}}\nparties: 3\n\
                    protocols: [shamir, {name: rep3, parties: 4}]\nnetwork: lan\n";

/// Line, column and the marked text of a mistake at the place that `at` picks in a cell.
fn shown(
    plan: &Plan,
    cell: usize,
    at: impl Fn(&mpclab_scenarios::At) -> mpclab_scenarios::Place,
) -> String {
    let diagnostic = plan.source.error(&at(&plan.cells[cell].at), "wrong", "here");
    let location = diagnostic.location.as_ref().expect("a place");
    let rendered = diagnostic.render(false);
    let marks = rendered.lines().find(|line| line.contains('^')).expect("a mark");
    let width = marks.matches('^').count();
    let file = location.file.rsplit('/').next().unwrap();
    format!("{file}:{}:{}+{width}", location.line, location.column)
}

#[test]
fn each_part_of_a_cell_has_its_place() {
    let plan = plan_text(BASE);
    assert_eq!(shown(&plan, 0, |at| at.function.clone()), "scenario.yaml:2:18+7");
    let bits = shown(&plan, 0, |at| at.function_params.below(&["bits"]));
    assert_eq!(bits, "scenario.yaml:2:42+1");
    assert_eq!(shown(&plan, 0, |at| at.protocol.clone()), "scenario.yaml:4:13+6");
    assert_eq!(shown(&plan, 1, |at| at.protocol.clone()), "scenario.yaml:4:28+4");
    assert_eq!(shown(&plan, 0, |at| at.parties.clone()), "scenario.yaml:3:10+1");
    assert_eq!(shown(&plan, 1, |at| at.parties.clone()), "scenario.yaml:4:43+1");
    assert_eq!(shown(&plan, 0, |at| at.network.clone()), "scenario.yaml:5:10+3");
    // What the file leaves out is shown at what is around it.
    let threshold = shown(&plan, 0, |at| at.protocol_params.below(&["threshold"]));
    assert_eq!(threshold, "scenario.yaml:4:13+6");
}

#[test]
fn swept_values_and_overrides_are_shown_where_they_are_given() {
    let sweep = format!("{BASE}sweep:\n  function.params.bits: [8, 16]\n");
    let plan = plan_text(&sweep);
    let bits = |cell| shown(&plan, cell, |at| at.function_params.below(&["bits"]));
    assert_eq!((&bits(0)[..], &bits(2)[..]), ("scenario.yaml:7:26+1", "scenario.yaml:7:29+2"));
    let plan = plan_with(BASE, &[("function.params.bits", "16")]);
    let bits = shown(&plan, 0, |at| at.function_params.below(&["bits"]));
    assert_eq!(bits, "<override>:1:22+2");
}

#[test]
fn given_inputs_are_shown_where_they_are_given() {
    let inputs = "{name: sum, inputs: {values: [{a: [1, 22], b: 3}, {a: 4, b: 5}, {a: 6, b: 7}]}}";
    let function = "{name: auction, params: {bits: 8}}";
    let protocols = ("[shamir, {name: rep3, parties: 4}]", "[shamir]");
    let plan = plan_text(&BASE.replace(function, inputs).replace(protocols.0, protocols.1));
    let InputSource::Given(given) = plan.cells[0].function.inputs.clone() else { panic!("given") };
    let place = |party, column, index| {
        shown(&plan, 0, |at| given.place(&plan.source, &at.inputs, party, column, index))
    };
    assert_eq!(place(0, "a", 1), "scenario.yaml:2:49+2");
    assert_eq!(place(2, "b", 0), "scenario.yaml:2:85+1");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("bids.csv", "party,bid\n2,5\n0,100\n1,7\n0, 2000\n");
    let csv = "{name: sum, inputs: {csv: bids.csv}}";
    write("scenario.yaml", &BASE.replace(function, csv).replace(protocols.0, protocols.1));
    let plan = plan_file(&folder.path().join("scenario.yaml"), &[]).unwrap();
    let InputSource::Given(given) = plan.cells[0].function.inputs.clone() else { panic!("given") };
    assert_eq!(given.parties[0]["bid"].values, ["100", "2000"]);
    let place = shown(&plan, 0, |at| given.place(&plan.source, &at.inputs, 0, "bid", 1));
    assert_eq!(place, "bids.csv:5:4+4");
}
