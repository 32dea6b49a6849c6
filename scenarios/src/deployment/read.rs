//! From a deployment file to a deployment, and from that to a plan.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::wire::{
    ConsideredWire, DeadlineWire, DeploymentWire, GuaranteeWire, LoadWire, RankWord, ThreatWire,
    UnpricedWord,
};
use super::{Candidate, Deployment, RankBy, Required, requirements};
use crate::catalogue::{Catalogue, Kind};
use crate::diagnostic::Diagnostic;
use crate::files::Files;
use crate::form;
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::{self, KeyPath};
use crate::plan::Plan;
use crate::planner::{self, Opened, Report};
use crate::resolve::parties;
use crate::source::Context;
use crate::wire::{Alt, Count, Money, PartiesWire, Time};

/// Keys that a deployment has and a scenario has not, or has in another form.
const OWN: [&str; 8] =
    ["threat", "guarantee", "unpriced_setup", "deadline", "budget", "rank_by", "protocols", "load"];

/// Keys that every deployment gives a value.
const REQUIRED: [&str; 5] = ["about", "function", "parties", "network", "threat"];

/// Runs of each candidate unless the file says otherwise: enough for an interval of the median,
/// and for a 95th percentile that is not the maximum.
const REPETITIONS: u64 = 20;

pub(super) fn deployment(
    path: &Path,
    overrides: &[(String, String)],
    catalogue: &dyn Catalogue,
) -> Result<Deployment, Vec<Diagnostic>> {
    let Opened { mut tree, context, mut loader, mut report } =
        planner::open(Files::Disk, path, overrides, "deployment")?;
    report.add(&loader.source, planner::missing_keys(&tree, &REQUIRED), &context);
    let form = form::read::<DeploymentWire>(&tree, &KeyPath::root());
    let form = form.map_err(|mistake| report.add(&loader.source, [mistake], &context)).ok();
    let mut mistakes = Vec::new();
    let rank_by = form.as_ref().and_then(|form| form.rank_by);
    for (key, is_asked) in [
        ("rank_by", matches!(rank_by, Some(RankWord::Money))),
        ("budget", is_given(&tree, "budget")),
    ] {
        if is_asked && !is_given(&tree, "prices") {
            let message = format!("`{key}` needs `prices`");
            let mistake = Mistake::new(&KeyPath::root().key(key), message, "nothing has a price");
            mistakes.push(mistake.help("for example prices: aws"));
        }
    }
    let (protocols, required, load) = {
        let mut own = Own { tree: &tree, loader: &mut loader, mistakes: &mut mistakes };
        let unpriced = form.as_ref().and_then(|form| form.unpriced_setup);
        (own.protocols(catalogue), own.required(unpriced), own.load())
    };
    report.add(&loader.source, mistakes, &context);
    if let Some(map) = tree.as_mapping_mut() {
        OWN.iter().for_each(|key| drop(map.shift_remove(*key)));
        let repetitions = map.entry(Value::from("repetitions")).or_insert(Value::Null);
        if repetitions.is_null() {
            *repetitions = Value::from(REPETITIONS);
        }
    }
    let (Some(form), Some(required), true) = (form, required, report.is_empty()) else {
        return Err(report.take());
    };
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let deployment = Deployment {
        name: name.unwrap_or_default(),
        about: form.about.trim().to_owned(),
        required,
        rank_by: match form.rank_by {
            None | Some(RankWord::Time) => RankBy::Time,
            Some(RankWord::Bytes) => RankBy::Bytes,
            Some(RankWord::Money) => RankBy::Money,
        },
        protocols,
        load,
        tree,
        context,
        source: loader.source,
        path: path.to_owned(),
    };
    Ok(deployment)
}

fn is_given(tree: &Value, key: &str) -> bool {
    tree.get(key).is_some_and(|value| !value.is_null() && value.as_str() != Some("none"))
}

/// Reads the keys that only a deployment has.
struct Own<'a, 'b> {
    tree: &'a Value,
    loader: &'a mut Loader<'b>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Own<'_, '_> {
    fn part<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.tree.get(key).filter(|value| !value.is_null())?;
        let read = form::read(value, &KeyPath::root().key(key));
        self.keep(read)
    }

    fn keep<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        result.map_err(|mistake| self.mistakes.push(mistake)).ok()
    }

    fn protocols(&mut self, catalogue: &dyn Catalogue) -> Vec<String> {
        let at = KeyPath::root().key("protocols");
        let named: Vec<Alt<String, ConsideredWire>> = self.part("protocols").unwrap_or_default();
        let names = named.into_iter().map(|entry| match entry {
            Alt::Short(name) => name,
            Alt::Long(entry) => entry.name,
        });
        let names: Vec<String> = names.collect();
        let known = catalogue.names(Kind::Protocol);
        for (index, name) in names.iter().enumerate() {
            if !known.contains(name) {
                let message = format!("unknown protocol `{name}`");
                let mistake = Mistake::new(&at.index(index), message, "unknown");
                self.mistakes.push(mistake.known(name, "protocols", &known));
            }
        }
        names
    }

    fn required(&mut self, unpriced: Option<UnpricedWord>) -> Option<Required> {
        let root = KeyPath::root();
        let deadline = self.part::<Alt<Time, DeadlineWire>>("deadline");
        let deadline = deadline.map(|wire| requirements::deadline(&wire, &root.key("deadline")));
        let deadline = deadline.and_then(|deadline| self.keep(deadline));
        let budget_nusd = self.part::<Money>("budget").map(|Money(nusd)| nusd);
        let guarantee: Option<GuaranteeWire> = self.part("guarantee");
        let (output, abort) = requirements::guarantee(guarantee.as_ref());
        let threat: ThreatWire = self.part("threat")?;
        // What is wrong with the parties is told when they are planned.
        let wire = form::read::<Alt<Count, PartiesWire>>(
            self.tree.get("parties").unwrap_or(&Value::Null),
            &root.key("parties"),
        );
        let roles = wire.and_then(|wire| parties::resolve(&wire, &root.key("parties")));
        let roles = self.keep(roles)?;
        let threat = requirements::threat(&threat, &root.key("threat"), roles.compute);
        let (adversary, corruptions, adaptive) = self.keep(threat)?;
        let accepts_unpriced = matches!(unpriced, Some(UnpricedWord::Accept));
        Some(Required {
            adversary,
            corruptions,
            adaptive,
            output,
            abort,
            accepts_unpriced,
            deadline,
            budget_nusd,
        })
    }

    fn load(&mut self) -> Option<super::Load> {
        let wire: LoadWire = self.part("load")?;
        let load = requirements::load(&wire, &KeyPath::root().key("load"), self.loader);
        self.keep(load)
    }
}

pub(super) fn plan(
    deployment: &Deployment,
    candidates: &[Candidate],
    more: usize,
    catalogue: &dyn Catalogue,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut tree = deployment.tree.clone();
    let mut report = Report::default();
    let loader = Loader::new(deployment.source.clone(), Files::Disk, &deployment.path);
    if more > 0 {
        grow(&mut tree, more);
    }
    if let Some(map) = tree.as_mapping_mut() {
        let protocols = candidates.iter().map(entry).collect();
        map.insert(Value::from("protocols"), Value::Sequence(protocols));
        map.insert(Value::from("unsupported"), Value::from("skip"));
    }
    let context: Context = deployment.context.clone();
    planner::finish(tree, context, loader, &mut report, &deployment.path, catalogue)
}

fn entry(candidate: &Candidate) -> Value {
    let mut entry = Mapping::new();
    entry.insert(Value::from("name"), Value::from(candidate.protocol.as_str()));
    if let Ok(params) = serde_yaml::to_value(&candidate.params)
        && !params.is_null()
    {
        entry.insert(Value::from("params"), params);
    }
    Value::Mapping(entry)
}

/// Adds input parties, see [`Deployment::plan`].
fn grow(tree: &mut Value, more: usize) {
    let root = KeyPath::root();
    let count = |tree: &Value, key: &str| {
        let found = path::get(tree, &root.key("parties").key(key)).and_then(Value::as_u64);
        found.map(|count| count as usize)
    };
    let (compute, clients) = (count(tree, "compute"), count(tree, "input"));
    let (key, has) = match clients {
        Some(clients) => ("input", clients),
        None => ("compute", compute.unwrap_or(0)),
    };
    let before = clients.map_or(0, |_| compute.unwrap_or(0));
    let placement = root.key("network").key("placement");
    if let Some(Value::Sequence(regions)) = path::get(tree, &placement).cloned() {
        let mut regions = regions;
        for joiner in 0..more {
            let like = regions.get(before + joiner % has.max(1)).cloned();
            regions.extend(like);
        }
        put(tree, &placement, Value::Sequence(regions));
    }
    put(tree, &root.key("parties").key(key), Value::from((has + more) as u64));
    let inputs = root.key("function").key("inputs");
    if path::get(tree, &inputs).is_some() {
        put(tree, &inputs, Value::from("random"));
    }
}

/// Puts a value where there is a way.
fn put(tree: &mut Value, at: &KeyPath, value: Value) {
    let done = path::set(tree, at, value);
    debug_assert!(done.is_ok(), "{at} can be set");
}
