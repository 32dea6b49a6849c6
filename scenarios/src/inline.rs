//! Short forms to long ones, and references to what they refer to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use crate::files::Files;
use crate::mistake::{Mistake, Spot};
use crate::path::KeyPath;
use crate::presets::{NETWORKS, PRICES, PROFILES, Preset};
use crate::source::{Context, Source};
use crate::yaml::{self, MAX_YAML_BYTES, Part};

/// Files that refer to files that refer to files.
const MAX_CHAIN: usize = 8;

/// What computing costs unless the file says otherwise.
pub(crate) const DEFAULT_PROFILE: &str = "reference";

/// Keys of a network that say how long messages need.
const LATENCY_KEYS: [&str; 3] = ["latency", "rtt", "regions"];

/// Reads the files that a scenario refers to, each once.
pub(crate) struct Loader<'a> {
    pub(crate) source: Source,
    pub(crate) files: Files<'a>,
    /// Folder that relative paths start from.
    folder: PathBuf,
    trees: BTreeMap<usize, Value>,
}

/// A reference that leads nowhere, or a file that cannot be read.
type Refused = Box<Mistake>;

impl<'a> Loader<'a> {
    pub(crate) fn new(source: Source, files: Files<'a>, scenario: &Path) -> Self {
        let folder = scenario.parent().unwrap_or(Path::new("")).to_owned();
        Loader { source, files, folder, trees: BTreeMap::new() }
    }

    /// The path of a file that a scenario names, as it is shown and opened.
    pub(crate) fn resolve(&self, reference: &str) -> PathBuf {
        self.folder.join(reference)
    }

    /// Adds the text of a file that a scenario names.
    pub(crate) fn add(&mut self, path: &Path, text: &str) -> usize {
        let file = self.source.add(&path.display().to_string(), text);
        if !self.files.may_quote(&self.folder, path) {
            self.source.never_quote(file);
        }
        file
    }

    /// The tree of a preset or file that stands at `at`.
    fn tree(
        &mut self,
        reference: &str,
        folder: &Path,
        (what, presets): (&str, &[Preset]),
        at: &KeyPath,
    ) -> Result<(usize, Value), Refused> {
        let is_path =
            reference.contains('/') || reference.ends_with(".yaml") || reference.ends_with(".yml");
        let file = if is_path {
            let path = folder.join(reference);
            let shown = path.display().to_string();
            match self.source.position(&shown) {
                Some(file) => file,
                None => {
                    let text = self.files.read(&path, MAX_YAML_BYTES).map_err(|why| {
                        let message = format!("cannot read the {what} file `{shown}`");
                        Box::new(Mistake::new(at, message, why))
                    })?;
                    self.add(&path, &text)
                }
            }
        } else {
            let Some(preset) = presets.iter().find(|preset| preset.name == reference) else {
                let names: Vec<_> = presets.iter().map(|preset| preset.name).collect();
                let mistake = Mistake::new(at, format!("unknown {what} `{reference}`"), "unknown")
                    .known(reference, &format!("{what}s"), &names)
                    .help("a file's name ends with .yaml; its path is relative to this file");
                return Err(Box::new(mistake));
            };
            self.source.add(&format!("<{what} {}>", preset.name), preset.text)
        };
        if let Some(tree) = self.trees.get(&file) {
            return Ok((file, tree.clone()));
        }
        let text = self.source.text(file);
        let tree = yaml::parse(&text).map_err(|wrong| {
            Box::new(Mistake::in_text(file, wrong.span, wrong.message, wrong.label))
        })?;
        if !tree.is_mapping() {
            let first = 0..text.find('\n').unwrap_or(text.len());
            let message = format!("a {what} file must be a map");
            let label = format!("found {}", crate::path::kind_of(&tree));
            return Err(Box::new(Mistake::in_text(file, first, message, label)));
        }
        self.trees.insert(file, tree.clone());
        Ok((file, tree))
    }

    /// Makes the long form of one top-level key, or of all; mistakes are added.
    pub(crate) fn inline(
        &mut self,
        tree: &mut Value,
        only: Option<&str>,
        context: &mut Context,
        mistakes: &mut Vec<Mistake>,
    ) {
        let Some(top) = tree.as_mapping_mut() else { return };
        let wanted = |key: &str| only.is_none_or(|only| only == key);
        let root = KeyPath::root();
        if let Some(parties) = top.get_mut("parties").filter(|_| wanted("parties")) {
            lengthen(parties, "compute", Value::is_number);
        }
        if let Some(protocols) = top.get_mut("protocols").filter(|_| wanted("protocols")) {
            for protocol in protocols.as_sequence_mut().into_iter().flatten() {
                lengthen(protocol, "name", Value::is_string);
                if let Some(parties) = protocol.get_mut("parties") {
                    lengthen(parties, "compute", Value::is_number);
                }
            }
        }
        if let Some(network) = top.get_mut("network").filter(|_| wanted("network")) {
            let at = root.key("network");
            mistakes.extend(self.inline_network(network, &at, context).err().map(|m| *m));
        }
        if wanted("compute") {
            let compute = top.entry(Value::from("compute")).or_insert(Value::Null);
            if compute.is_null() {
                *compute = Value::from(DEFAULT_PROFILE);
            }
            let at = root.key("compute");
            let words: &[&str] = &["none", "measured"];
            let presets = ("profile", PROFILES);
            let wrong = self.inline_reference(compute, &at, context, presets, words).err();
            mistakes.extend(wrong.map(|mistake| *mistake));
        }
        if let Some(prices) = top.get_mut("prices").filter(|_| wanted("prices")) {
            let at = root.key("prices");
            let presets = ("price", PRICES);
            let wrong = self.inline_reference(prices, &at, context, presets, &["none"]).err();
            mistakes.extend(wrong.map(|mistake| *mistake));
        }
    }

    fn inline_network(
        &mut self,
        network: &mut Value,
        at: &KeyPath,
        context: &mut Context,
    ) -> Result<(), Refused> {
        lengthen(network, "preset", Value::is_string);
        let Some(map) = network.as_mapping_mut() else { return Ok(()) };
        let says_more = |key: &Value| !matches!(key.as_str(), Some("preset" | "name" | "about"));
        let changed = map.keys().any(says_more);
        let mut name = map.get("name").cloned();
        let preset_at = at.key("preset");
        let mut folder = self.folder.clone();
        let mut inner = None;
        for depth in 0.. {
            let Some(Value::String(reference)) = map.get("preset").cloned() else { break };
            let found = if depth == MAX_CHAIN {
                let message = "network files refer to each other too deeply";
                Err(Box::new(Mistake::new(&preset_at, message, "one too many")))
            } else {
                self.tree(&reference, &folder, ("network", NETWORKS), &preset_at)
            };
            let (file, base) = found.map_err(|mistake| match inner {
                Some(inner) => self.within(inner, mistake),
                None => mistake,
            })?;
            map.remove("preset");
            inner = Some(file);
            let path = folder.join(&reference);
            folder = path.parent().unwrap_or(Path::new("")).to_owned();
            context.mount(at, file);
            let own = base.get("name").and_then(Value::as_str).map(str::to_owned);
            let base_name = own.unwrap_or_else(|| stem(&reference));
            let marked = if changed { format!("{base_name}*") } else { base_name };
            name.get_or_insert(Value::String(marked));
            merge(map, base);
        }
        if let Some(name) = name {
            map.insert(Value::from("name"), name);
        }
        Ok(())
    }

    /// Places a mistake about `preset` in the file that says it.
    fn within(&self, file: usize, mut mistake: Refused) -> Refused {
        if let Spot::Key(..) = mistake.at {
            let preset = KeyPath::root().key("preset");
            let span = yaml::locate(&self.source.text(file), &preset, Part::Value);
            mistake.at = Spot::Text(file, span.unwrap_or(0..0));
        }
        mistake
    }

    /// Puts a preset or file in the place of its name; words that are no names stay.
    fn inline_reference(
        &mut self,
        value: &mut Value,
        at: &KeyPath,
        context: &mut Context,
        presets: (&str, &[Preset]),
        words: &[&str],
    ) -> Result<(), Refused> {
        let Some(reference) = value.as_str().map(str::to_owned) else { return Ok(()) };
        if words.contains(&&reference[..]) {
            return Ok(());
        }
        let folder = self.folder.clone();
        let (file, mut tree) = self.tree(&reference, &folder, presets, at)?;
        if let Some(map) = tree.as_mapping_mut() {
            map.entry(Value::from("name")).or_insert_with(|| Value::from(stem(&reference)));
        }
        context.mount(at, file);
        *value = tree;
        Ok(())
    }
}

/// A map with one key around a value of the short form.
fn lengthen(value: &mut Value, key: &str, is_short: fn(&Value) -> bool) {
    if is_short(value) {
        let mut map = Mapping::new();
        map.insert(Value::from(key), std::mem::take(value));
        *value = Value::Mapping(map);
    }
}

/// Adds what a base has and the map does not say itself.
fn merge(map: &mut Mapping, base: Value) {
    let replaces = LATENCY_KEYS.iter().any(|key| map.contains_key(*key));
    for (key, value) in base.as_mapping().into_iter().flatten() {
        let name = key.as_str().unwrap_or_default();
        // Regions stay, so that a latency beside them is refused instead of silently winning.
        let dropped = replaces && matches!(name, "latency" | "rtt");
        if !map.contains_key(key) && !dropped {
            map.insert(key.clone(), value.clone());
        }
    }
}

/// A preset's name, or a file's name without its ending.
fn stem(reference: &str) -> String {
    let stem = Path::new(reference).file_stem();
    stem.map_or_else(|| reference.to_owned(), |stem| stem.to_string_lossy().into_owned())
}
