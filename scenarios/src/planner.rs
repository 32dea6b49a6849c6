//! From a scenario file to a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_yaml::Value;

use crate::attacks;
use crate::catalogue::Catalogue;
use crate::cells::{Cells, SweepPoint};
use crate::diagnostic::Diagnostic;
use crate::files::Files;
use crate::form;
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::{self, KeyPath};
use crate::plan::{Cell, Expectation, Plan, Undecided, Unsupported};
use crate::resolve::attack;
use crate::resolve::expect::{self, Known};
use crate::resolved;
use crate::size::{self, MAX_REPETITIONS};
use crate::source::{Context, MAIN, Place, Source};
use crate::sweep::{self, Dimension};
use crate::wire::attack::AttackWire;
use crate::wire::{ExpectWire, ScenarioWire, UnsupportedWord};
use crate::yaml::{self, MAX_YAML_BYTES};

/// Mistakes that are reported at once.
const MAX_MISTAKES: usize = 20;

/// Combinations of swept values with mistakes before the rest is not looked at.
const MAX_WRONG_POINTS: usize = 16;

/// Reads, validates and resolves a scenario file.
///
/// Each override is a key path and a value in YAML, and replaces what the file says there.
/// Nothing but the file and what it refers to is read; nothing is written.
///
/// # Errors
/// The user's mistakes, those that could be found at once, each with its place.
pub fn plan(
    path: &Path,
    overrides: &[(String, String)],
    catalogue: &dyn Catalogue,
) -> Result<Plan, Vec<Diagnostic>> {
    plan_from(Files::Disk, path, overrides, catalogue)
}

/// Reads, validates and resolves a scenario that is text in memory, as [`plan`] does a file.
///
/// `path` and the files that its text refers to, relative to its folder, are looked up among
/// `texts`. The disk is not touched.
///
/// # Errors
/// As [`plan`].
pub fn plan_texts(
    texts: &BTreeMap<PathBuf, String>,
    path: &Path,
    overrides: &[(String, String)],
    catalogue: &dyn Catalogue,
) -> Result<Plan, Vec<Diagnostic>> {
    plan_from(Files::Memory(texts), path, overrides, catalogue)
}

fn plan_from(
    files: Files<'_>,
    path: &Path,
    overrides: &[(String, String)],
    catalogue: &dyn Catalogue,
) -> Result<Plan, Vec<Diagnostic>> {
    let Opened { tree, context, loader, mut report } = open(files, path, overrides, "scenario")?;
    finish(tree, context, loader, &mut report, path, catalogue)
}

/// A file whose references are inlined and whose overrides are applied.
pub(crate) struct Opened<'a> {
    pub(crate) tree: Value,
    pub(crate) context: Context,
    pub(crate) loader: Loader<'a>,
    pub(crate) report: Report,
}

/// Reads a file of this kind.
pub(crate) fn open<'a>(
    files: Files<'a>,
    path: &Path,
    overrides: &[(String, String)],
    kind: &str,
) -> Result<Opened<'a>, Vec<Diagnostic>> {
    let shown = path.display().to_string();
    let text = files.read(path, MAX_YAML_BYTES).map_err(|why| {
        vec![Diagnostic::without_place(format!("cannot read the {kind} file `{shown}`: {why}"))]
    })?;
    let mut source = Source::default();
    source.add(&shown, &text);
    let mut report = Report::default();
    let mut context = Context::default();
    let mut tree = match yaml::parse(&text) {
        Ok(tree) => tree,
        Err(wrong) => {
            let mistake = Mistake::in_text(MAIN, wrong.span, wrong.message, wrong.label);
            return Err(vec![source.diagnose(mistake, &context)]);
        }
    };
    let mut loader = Loader::new(source, files, path);
    let mut mistakes = Vec::new();
    loader.inline(&mut tree, None, &mut context, &mut mistakes);
    report.add(&loader.source, mistakes.drain(..), &context);
    for (key, value) in overrides {
        let one = sweep::override_one(&mut tree, &mut loader, &mut context, key, value);
        report.add(&loader.source, one, &context);
    }
    Ok(Opened { tree, context, loader, report })
}

/// Makes the plan of a scenario's tree; `report` holds what was found wrong before.
pub(crate) fn finish(
    tree: Value,
    context: Context,
    mut loader: Loader<'_>,
    report: &mut Report,
    path: &Path,
    catalogue: &dyn Catalogue,
) -> Result<Plan, Vec<Diagnostic>> {
    report.add(&loader.source, missing_keys(&tree, &REQUIRED), &context);
    let form = form::read::<ScenarioWire>(&tree, &KeyPath::root());
    let top = form.and_then(|form| Top::resolve(&form));
    let top = top.map_err(|mistake| report.add(&loader.source, [mistake], &context)).ok();
    if !tree.is_mapping() {
        return Err(report.take());
    }
    let dimensions = match sweep::dimensions(&tree) {
        Ok(dimensions) => dimensions,
        Err(mistakes) => {
            report.add(&loader.source, mistakes, &context);
            return Err(report.take());
        }
    };
    if let Some(mistake) = size::too_many(&tree, &dimensions) {
        report.add(&loader.source, [mistake], &context);
        return Err(report.take());
    }
    let cells = all_cells(&tree, &dimensions, &context, &mut loader, catalogue, report);
    let expect = expectations(&tree, &cells, &dimensions, &context, &loader.source, report);
    let undecided = undecided(&tree, &cells, &context, &loader.source, report);
    let (Some(top), true) = (top, report.is_empty()) else {
        return Err(report.take());
    };
    debug_assert!(!cells.is_empty(), "a file without mistakes has cells");
    let shown = path.display().to_string();
    let resolved = resolved::text(tree, &shown, &dimensions, cells.first(), &mut loader, catalogue);
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Ok(Plan {
        name: name.unwrap_or_default(),
        about: top.about,
        cells,
        repetitions: top.repetitions,
        seed: top.seed,
        unsupported: top.unsupported,
        expect,
        undecided,
        resolved,
        source: loader.source,
    })
}

/// Keys that every scenario gives a value.
const REQUIRED: [&str; 5] = ["about", "function", "parties", "protocols", "network"];

/// Says which of these keys have no value.
pub(crate) fn missing_keys(tree: &Value, required: &[&str]) -> Vec<Mistake> {
    let root = KeyPath::root();
    let missing = required.iter().filter_map(|key| match tree.as_mapping()?.get(*key) {
        None => {
            let label = format!("`{key}` is missing here");
            Some(Mistake::new(&root, format!("missing key `{key}`"), label))
        }
        Some(Value::Null) => {
            let message = format!("`{key}` needs a value");
            Some(Mistake::new(&root.key(*key), message, "there is none"))
        }
        Some(_) => None,
    });
    missing.collect()
}

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    pub(crate) fn add(
        &mut self,
        source: &Source,
        mistakes: impl IntoIterator<Item = Mistake>,
        context: &Context,
    ) {
        for mistake in mistakes {
            if self.diagnostics.len() == MAX_MISTAKES {
                return;
            }
            // Cells of a sweep meet the same mistake again.
            let diagnostic = source.diagnose(mistake, context);
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Gives what was found, and forgets it.
    pub(crate) fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics)
    }

    fn is_full(&self) -> bool {
        self.diagnostics.len() == MAX_MISTAKES
    }
}

/// What holds for the scenario as a whole.
struct Top {
    about: String,
    repetitions: u32,
    seed: u64,
    unsupported: Unsupported,
}

impl Top {
    fn resolve(wire: &ScenarioWire) -> Result<Top, Mistake> {
        let root = KeyPath::root();
        if wire.about.trim().is_empty() {
            let message = "`about` must say what the scenario asks";
            return Err(Mistake::new(&root.key("about"), message, "empty"));
        }
        let repetitions = wire.repetitions.unwrap_or(1);
        if !(1..=MAX_REPETITIONS).contains(&repetitions) {
            let message = format!("`repetitions` must be 1 to {MAX_REPETITIONS}");
            return Err(Mistake::new(&root.key("repetitions"), message, "out of range"));
        }
        let unsupported = match wire.unsupported {
            None | Some(UnsupportedWord::Refuse) => Unsupported::Refuse,
            Some(UnsupportedWord::Skip) => Unsupported::Skip,
        };
        Ok(Top {
            about: wire.about.trim().to_owned(),
            repetitions: repetitions as u32,
            seed: wire.seed.unwrap_or(1),
            unsupported,
        })
    }
}

/// The cells of all combinations of swept values.
fn all_cells(
    tree: &Value,
    dimensions: &[Dimension],
    context: &Context,
    loader: &mut Loader<'_>,
    catalogue: &dyn Catalogue,
    report: &mut Report,
) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut wrong_points = 0;
    let mut maker = Cells::new(catalogue);
    let bare = without_lists(tree);
    let repetitions = size::repetitions(tree);
    for picks in sweep::grid(dimensions) {
        let (mut tree, mut context) = (bare.clone(), context.clone());
        let mut mistakes = Vec::new();
        for (dimension, pick) in dimensions.iter().zip(&picks) {
            mistakes.extend(dimension.apply(*pick, &mut tree, &mut context, loader));
        }
        let point = SweepPoint {
            tree: &tree,
            context: Arc::new(context),
            sweep: sweep::shown(dimensions, &picks),
        };
        match maker.at_point(&point, cells.len(), loader) {
            Ok(found) => cells.extend(found),
            Err(found) => mistakes.extend(found),
        }
        // Known attacks are counted when they are known.
        let too_many = size::too_many_runs(cells.len() as u64, repetitions);
        if let Some(mistake) = too_many {
            report.add(&loader.source, [mistake], &point.context);
            return cells;
        }
        wrong_points += usize::from(!mistakes.is_empty());
        report.add(&loader.source, mistakes, &point.context);
        if report.is_full() || wrong_points == MAX_WRONG_POINTS {
            break;
        }
    }
    report.add(&loader.source, attacks::repeated(&cells), context);
    cells
}

/// The scenario without what no cell reads: as long as the sweep, and copied for each of its
/// points.
fn without_lists(tree: &Value) -> Value {
    let mut bare = tree.clone();
    if let Some(map) = bare.as_mapping_mut() {
        ["sweep", "expect", "attack"].iter().for_each(|key| drop(map.shift_remove(*key)));
    }
    bare
}

fn expectations(
    tree: &Value,
    cells: &[Cell],
    dimensions: &[Dimension],
    context: &Context,
    source: &Source,
    report: &mut Report,
) -> Vec<Expectation> {
    let at = KeyPath::root().key("expect");
    let list = match tree.get("expect") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Sequence(list)) => list,
        Some(other) => {
            let label = format!("found {}", path::kind_of(other));
            report.add(source, [Mistake::new(&at, "`expect` must be a list", label)], context);
            return Vec::new();
        }
    };
    let protocols = named(cells);
    let mut sweep = sweep::shown_values(dimensions);
    attacks::expand_values(&mut sweep, cells);
    let known = Known { protocols, sweep: &sweep };
    let shared = Arc::new(context.clone());
    let mut found = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let at = at.index(index);
        let place = Place::new(at.clone(), &shared);
        let one = form::read::<ExpectWire>(value, &at);
        match one.and_then(|wire| expect::resolve(&wire, &at, &known, place)) {
            Ok(expectation) => found.push(expectation),
            // Without cells their protocols are unknown, and what is wrong with them comes first.
            Err(_) if cells.is_empty() => {}
            Err(mistake) => report.add(source, [mistake], context),
        }
    }
    found
}

/// Labels and names of all protocols.
fn named(cells: &[Cell]) -> Vec<String> {
    let mut known = BTreeSet::new();
    let names = cells.iter().flat_map(|cell| [&cell.protocol.label, &cell.protocol.name]);
    names.filter(|name| known.insert(*name)).cloned().collect()
}

/// What a strict battery of attacks may leave undecided.
fn undecided(
    tree: &Value,
    cells: &[Cell],
    context: &Context,
    source: &Source,
    report: &mut Report,
) -> Vec<Undecided> {
    let at = KeyPath::root().key("attack");
    let Some(value) = tree.get("attack").filter(|value| !value.is_null()) else {
        return Vec::new();
    };
    let wire = form::read::<AttackWire>(value, &at);
    match wire.and_then(|wire| attack::resolve(wire, &at, &named(cells))) {
        Ok(undecided) => undecided,
        // Without cells their protocols are unknown, and what is wrong with them comes first.
        Err(_) if cells.is_empty() => Vec::new(),
        Err(mistake) => {
            report.add(source, [mistake], context);
            Vec::new()
        }
    }
}
