//! A user's mistake, addressed by key path; [`crate::Source`] finds its place in the text.

use std::ops::Range;

use crate::path::KeyPath;
use crate::yaml::Part;

/// Something in a scenario file that cannot be.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    pub(crate) at: Spot,
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) help: Vec<String>,
}

/// Where a mistake is.
#[derive(Clone, Debug)]
pub(crate) enum Spot {
    /// At a key of the tree.
    Key(KeyPath, Part),
    /// In a file, in bytes.
    Text(usize, Range<usize>),
}

impl Mistake {
    /// A mistake in the value at `path`.
    pub(crate) fn new(
        path: &KeyPath,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let at = Spot::Key(path.clone(), Part::Value);
        Mistake { at, message: message.into(), label: label.into(), help: Vec::new() }
    }

    /// A mistake in a file's text.
    pub(crate) fn in_text(
        file: usize,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let at = Spot::Text(file, span);
        Mistake { at, message: message.into(), label: label.into(), help: Vec::new() }
    }

    /// The key is shown instead of the value.
    pub(crate) fn on_key(mut self) -> Self {
        if let Spot::Key(_, part) = &mut self.at {
            *part = Part::Key;
        }
        self
    }

    /// Adds a line of help.
    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds what is allowed, and what was probably meant.
    pub(crate) fn known(mut self, given: &str, what: &str, known: &[impl AsRef<str>]) -> Self {
        self.help.extend(suggestions(given, what, known));
        self
    }
}

/// Lines that say what was probably meant, and what is allowed.
pub(crate) fn suggestions(given: &str, what: &str, known: &[impl AsRef<str>]) -> Vec<String> {
    let mut lines = Vec::new();
    let near = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name.as_ref()), name.as_ref()))
        .filter(|(distance, name)| *distance <= (name.chars().count().max(3) / 3).max(1))
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, name)) = near {
        lines.push(format!("did you mean `{name}`?"));
    }
    match known {
        [] => lines.push(format!("there are no {what} here")),
        _ => {
            let names: Vec<_> = known.iter().map(AsRef::as_ref).collect();
            lines.push(format!("{what}: {}", names.join(", ")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::suggestions;

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["shamir", "rep3", "additive"];
        assert_eq!(suggestions("shamri", "protocols", &known)[0], "did you mean `shamir`?");
        assert_eq!(suggestions("rep", "protocols", &known)[0], "did you mean `rep3`?");
        let far = suggestions("gmw", "protocols", &known);
        assert_eq!(far, ["protocols: shamir, rep3, additive"]);
    }
}
