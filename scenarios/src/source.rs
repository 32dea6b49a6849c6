//! The texts that a plan was made from, and where in them a key path stands.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Location, shorten};
use crate::mistake::{Mistake, Spot};
use crate::path::KeyPath;
use crate::yaml::{self, Part};

/// The texts that a plan was made from: the scenario file first, then what it refers to.
#[derive(Clone, Debug, Default)]
pub struct Source {
    files: Vec<TextFile>,
}

/// A text with the name under which it is shown.
#[derive(Clone, Debug)]
struct TextFile {
    name: String,
    text: Arc<str>,
    /// Whether mistakes in it quote it, see [`crate::files::Files::may_quote`].
    is_quoted: bool,
}

/// A message without what stands between backticks, which may come from the file.
fn without_quotations(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let kept = parts.map(|(at, part)| if at % 2 == 0 { part } else { "..." });
    kept.collect::<Vec<_>>().join("`")
}

/// Why a line is not shown.
const NOT_QUOTED: &str = "its text is not shown, because the file is not beside the scenario or \
    below, or is hidden";

/// Index of the scenario file.
pub(crate) const MAIN: usize = 0;

/// A place that a later mistake can be reported at.
#[derive(Clone, Debug)]
pub struct Place {
    spot: Spot,
    context: Arc<Context>,
}

impl Place {
    pub(crate) fn new(path: KeyPath, context: &Arc<Context>) -> Self {
        Place { spot: Spot::Key(path, Part::Value), context: Arc::clone(context) }
    }

    /// A place in a file that is no YAML.
    pub(crate) fn in_text(&self, file: usize, span: Range<usize>) -> Self {
        Place { spot: Spot::Text(file, span), context: Arc::clone(&self.context) }
    }

    /// The place of a value below this one.
    ///
    /// A step is a key, or the decimal number of a list's entry.
    #[must_use]
    pub fn below(&self, steps: &[impl AsRef<str>]) -> Self {
        let spot = match &self.spot {
            Spot::Key(path, part) => Spot::Key(step_down(path, steps), *part),
            text => text.clone(),
        };
        Place { spot, context: Arc::clone(&self.context) }
    }
}

/// A path, then keys or positions.
pub(crate) fn step_down(path: &KeyPath, steps: &[impl AsRef<str>]) -> KeyPath {
    steps.iter().map(AsRef::as_ref).fold(path.clone(), |path, step| match step.parse() {
        Ok(index) => path.index(index),
        Err(_) => path.key(step),
    })
}

/// How the tree that a path addresses came out of several texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    mounts: Vec<Mount>,
    substitutions: Vec<Substitution>,
}

/// A file whose top stands at a path, below what the scenario file says there itself.
#[derive(Clone, Debug)]
struct Mount {
    at: KeyPath,
    file: usize,
}

/// A value that replaced what the file says.
#[derive(Clone, Debug)]
struct Substitution {
    at: KeyPath,
    origin: Origin,
}

/// Where a replacing value stands.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// On the command line; the text of the override.
    Override(usize),
    /// In the sweep of the scenario file.
    Sweep { key: String, index: usize },
}

impl Context {
    pub(crate) fn mount(&mut self, at: &KeyPath, file: usize) {
        self.mounts.push(Mount { at: at.clone(), file });
    }

    pub(crate) fn substitute(&mut self, at: &KeyPath, origin: Origin) {
        self.mounts.retain(|mount| mount.at.below(at).is_none());
        self.substitutions.retain(|earlier| earlier.at.below(at).is_none());
        self.substitutions.push(Substitution { at: at.clone(), origin });
    }

    /// The override that a path's value comes from, if one does.
    fn overridden(&self, path: &KeyPath) -> Option<usize> {
        self.substitutions.iter().rev().find_map(|found| match found.origin {
            Origin::Override(file) if path.below(&found.at).is_some() => Some(file),
            _ => None,
        })
    }
}

impl Source {
    /// Adds a text and gives its index; one of the same name is taken again.
    pub(crate) fn add(&mut self, name: &str, text: &str) -> usize {
        if let Some(known) = self.position(name) {
            return known;
        }
        self.add_unnamed(name, text)
    }

    /// Adds a text that shares its name with others.
    pub(crate) fn add_unnamed(&mut self, name: &str, text: &str) -> usize {
        self.files.push(TextFile { name: name.to_owned(), text: text.into(), is_quoted: true });
        self.files.len() - 1
    }

    /// Mistakes in a file name its lines, and do not quote them.
    pub(crate) fn never_quote(&mut self, file: usize) {
        if let Some(file) = self.files.get_mut(file) {
            file.is_quoted = false;
        }
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.files.iter().position(|file| file.name == name)
    }

    pub(crate) fn text(&self, file: usize) -> Arc<str> {
        self.files.get(file).map_or_else(|| "".into(), |file| Arc::clone(&file.text))
    }

    pub(crate) fn name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.name)
    }

    /// A mistake that was found after planning: `message` is a sentence, `label` stands under the
    /// offending text.
    #[must_use]
    pub fn error(
        &self,
        place: &Place,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        let mut mistake = Mistake::new(&KeyPath::root(), message, label);
        mistake.at = place.spot.clone();
        self.diagnose(mistake, &place.context)
    }

    /// Finds a mistake's place.
    pub(crate) fn diagnose(&self, mistake: Mistake, context: &Context) -> Diagnostic {
        let (file, span) = match mistake.at {
            Spot::Text(file, span) => (file, span),
            Spot::Key(path, part) => self.find(&path, part, context),
        };
        let location = Location::new(self.name(file), &self.text(file), span);
        if self.files.get(file).is_some_and(|file| !file.is_quoted) {
            let Location { line, column, .. } = location;
            let message = shorten(without_quotations(&mistake.message));
            let place = format!("{}:{line}:{column}", self.name(file));
            return Diagnostic::without_place(format!("{place}: {message}")).with_help(NOT_QUOTED);
        }
        Diagnostic {
            message: shorten(mistake.message),
            label: shorten(mistake.label),
            help: mistake.help.into_iter().map(shorten).collect(),
            location: Some(location),
        }
    }

    /// The nearest text to a path: what replaced it, what the scenario file says, what a file that
    /// it refers to says, or else where the nearest value above it stands.
    fn find(&self, path: &KeyPath, part: Part, context: &Context) -> (usize, Range<usize>) {
        let replaced = context
            .substitutions
            .iter()
            .rev()
            .find_map(|found| path.below(&found.at).map(|rest| (found, rest)));
        let main = self.text(MAIN);
        if let Some((Substitution { at: _, origin: Origin::Sweep { key, index } }, rest)) =
            &replaced
        {
            let swept = KeyPath::root().key("sweep").key(key).index(*index);
            if let Some(file) = context.overridden(&swept) {
                let text = self.text(file);
                return (file, text.find('=').map_or(0, |at| at + 1)..text.len());
            }
            // A key that is wrong as a whole stands in the sweep's key, not in its value.
            let is_wrong_key = part == Part::Key && rest.steps().is_empty();
            let exact = if is_wrong_key { swept.parent() } else { swept.join(rest) };
            let found = yaml::locate(&main, &exact, part)
                .map(|span| (MAIN, span))
                .or_else(|| self.find_mounted(path, part, context));
            let whole = || yaml::locate(&main, &swept, Part::Value).map(|span| (MAIN, span));
            return found.or_else(whole).unwrap_or((MAIN, 0..0));
        }
        if let Some((Substitution { at: _, origin: Origin::Override(file) }, rest)) = &replaced {
            let mounted = match rest.steps() {
                [] => None,
                _ => self.find_mounted(path, part, context),
            };
            let text = self.text(*file);
            let value = text.find('=').map_or(0, |at| at + 1);
            let whole =
                if part == Part::Key { 0..value.saturating_sub(1) } else { value..text.len() };
            return mounted.unwrap_or((*file, whole));
        }
        let exact = yaml::locate(&main, path, part).map(|span| (MAIN, span));
        if let Some(found) = exact.or_else(|| self.find_mounted(path, part, context)) {
            return found;
        }
        let mut above = path.clone();
        while !above.steps().is_empty() {
            above = above.parent();
            if let Some(span) = yaml::locate(&main, &above, Part::Value) {
                return (MAIN, span);
            }
        }
        (MAIN, 0..main.find('\n').unwrap_or(main.len()))
    }

    fn find_mounted(
        &self,
        path: &KeyPath,
        part: Part,
        context: &Context,
    ) -> Option<(usize, Range<usize>)> {
        context.mounts.iter().find_map(|mount| {
            let rest = path.below(&mount.at)?;
            if rest.steps().is_empty() {
                return None;
            }
            yaml::locate(&self.text(mount.file), &rest, part).map(|span| (mount.file, span))
        })
    }
}
