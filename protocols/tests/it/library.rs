//! Every function of the library, with parameters and inputs, without being named.
//!
//! What is listed by name below are edges beyond what every function gets.

use std::sync::Arc;

use mpclab_protocols::functions::{Function, FunctionVisitor, Task, visit_all};
use mpclab_protocols::program::{InputDecl, Inputs};
use mpclab_protocols::protocol::Job;
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::{PartyId, Roles};
use serde_json::{Value, json};

use crate::harness::job;
use crate::registry::Variant;

/// A function with its parameters, and inputs for it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) params: String,
    pub(crate) task: Task,
    pub(crate) inputs: Vec<Vec<Inputs>>,
}

/// Parameters of every function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// So narrow that statistical masks of 8 bits fit in the smaller field.
    Small,
    /// As wide as a scenario has them by default, with fewer values.
    Default,
}

impl Size {
    pub(crate) const ALL: [Size; 2] = [Size::Small, Size::Default];

    /// The statistical security parameter.
    pub(crate) fn sigma(self) -> u32 {
        match self {
            Size::Small => 8,
            Size::Default => 40,
        }
    }

    /// What is set in the parameters of any function that has such a key.
    fn overlay(self) -> Value {
        match self {
            Size::Small => json!({
                "bits": 8, "length": 2, "rows": 2, "bins": 3, "width": 2, "frac": 3, "precision": 9,
                "output_frac": 4, "open": true,
            }),
            Size::Default => json!({ "length": 2, "rows": 2 }),
        }
    }
}

/// Parameters beyond [`Size::overlay`]: where a function has an edge, or is too wide with it.
fn edges(function: &str, size: Size) -> Vec<Value> {
    match (function, size) {
        ("inner_product", Size::Small) => vec![json!({ "length": 5 })],
        ("max", Size::Small) => {
            vec![json!({ "bits": 2, "length": 1 }), json!({ "argmax": true })]
        }
        ("max", Size::Default) => {
            vec![json!({ "length": 1 }), json!({ "argmax": true }), json!({ "bits": 101 })]
        }
        ("millionaires", Size::Default) => {
            vec![json!({}), json!({ "bits": 65 }), json!({ "bits": 124 })]
        }
        ("second_price_auction", Size::Default) => vec![json!({}), json!({ "bits": 124 })],
        ("millionaires", Size::Small) => vec![json!({ "bits": 1 })],
        ("product", Size::Small) => vec![json!({ "bits": 3 })],
        ("sum", Size::Small) => vec![json!({ "length": 3 })],
        ("coin_toss", Size::Small) => vec![json!({ "bits": 5 })],
        ("oblivious_transfer", Size::Small) => vec![json!({}), json!({ "choices": 3 })],
        ("oblivious_transfer", Size::Default) => vec![json!({ "bits": 40, "choices": 5 })],
        ("linear_regression", Size::Small) => vec![json!({ "bits": 4, "frac": 1 })],
        ("divide" | "reciprocal" | "square_root", Size::Small) => vec![json!({ "bits": 4 })],
        ("divide", Size::Default) => {
            vec![json!({ "length": 1 }), json!({ "length": 1, "truncation": "exact" })]
        }
        ("reciprocal" | "square_root", Size::Default) => vec![json!({ "length": 1 })],
        ("mean_variance", Size::Default) => {
            vec![json!({}), json!({ "length": 1, "decimals": 2 })]
        }
        _ => vec![json!({})],
    }
}

/// All functions for so many input parties.
pub(crate) fn cases(size: Size, parties: usize) -> Vec<Case> {
    let mut cases = Cases { size, parties, cases: Vec::new() };
    visit_all(&mut cases);
    cases.cases
}

struct Cases {
    size: Size,
    parties: usize,
    cases: Vec<Case>,
}

impl FunctionVisitor for Cases {
    fn visit<F: Function>(&mut self) {
        for edge in edges(F::NAME, self.size) {
            let mut params = serde_json::to_value(F::Params::default()).expect("JSON");
            let known = params.as_object_mut().expect("parameters are a map");
            for changes in [self.size.overlay(), edge] {
                for (key, value) in changes.as_object().expect("a map") {
                    known.entry(key).and_modify(|old| *old = value.clone());
                }
            }
            self.cases.extend(case::<F>(params, self.parties));
        }
    }
}

/// None if it is no function of so many parties.
fn case<F: Function>(json: Value, parties: usize) -> Option<Case> {
    let name = F::NAME;
    let params: F::Params =
        serde_json::from_value(json.clone()).unwrap_or_else(|why| panic!("{name} {json}: {why}"));
    let task = F::build(&params, parties).ok()?;
    let random = |repetition| -> Vec<Inputs> {
        let seed = RunSeed::new(1, repetition);
        let of = |k| F::generate(&params, k, parties, &mut seed.rng("input", PartyId::from(k)));
        (0..parties).map(of).collect()
    };
    let inputs = [random(0), random(1)].into_iter().chain(extremes(&task, parties)).collect();
    Some(Case { name, params: json.to_string(), task, inputs })
}

/// Every combination of ends of the ranges that tells parties or rows apart.
fn extremes(task: &Task, parties: usize) -> Vec<Vec<Inputs>> {
    let fill = |end: fn(&InputDecl, usize) -> i128| -> Vec<Inputs> {
        let column = |decl: &InputDecl| {
            (decl.name.to_string(), (0..decl.len).map(|row| end(decl, row)).collect::<Vec<i128>>())
        };
        (0..parties).map(|k| task.inputs_of(k).iter().map(column).collect()).collect()
    };
    vec![
        fill(|decl, _| decl.range.lo),
        fill(|decl, _| decl.range.hi),
        fill(|decl, _| if decl.party % 2 == 0 { decl.range.lo } else { decl.range.hi }),
        fill(|decl, row| if (decl.party + row) % 2 == 1 { decl.range.lo } else { decl.range.hi }),
    ]
}

/// Fewest computing parties, three if possible, among whom a protocol with these parameters does
/// anything at all.
pub(crate) fn parties_of(variant: &Variant) -> usize {
    let Variant { entry, params } = variant;
    let does = |n: &usize| {
        let roles = Roles::all(*n);
        let mut cases = cases(Size::Small, *n).into_iter();
        cases.any(|case| variant.bind(&case.job(&roles, Size::Small)).is_ok())
    };
    let mut counts = [entry.typical()].into_iter().chain(entry.counts());
    counts.find(does).unwrap_or_else(|| panic!("{} {params} does nothing", entry.name))
}

impl Case {
    /// The job among these roles.
    pub(crate) fn job(&self, roles: &Roles, size: Size) -> Arc<Job> {
        let job = job(self.task.clone(), roles.clone(), size.sigma());
        Arc::new(Job { function: self.name.to_owned(), ..(*job).clone() })
    }
}

#[test]
fn every_function_has_cases_of_both_sizes() {
    struct Names(Vec<&'static str>);
    impl FunctionVisitor for Names {
        fn visit<F: Function>(&mut self) {
            self.0.push(F::NAME);
        }
    }
    let mut names = Names(Vec::new());
    visit_all(&mut names);
    for size in Size::ALL {
        let of: Vec<Case> = [2, 3].into_iter().flat_map(|parties| cases(size, parties)).collect();
        for name in &names.0 {
            assert!(of.iter().any(|case| case.name == *name), "{name} has none of {size:?}");
        }
    }
}
