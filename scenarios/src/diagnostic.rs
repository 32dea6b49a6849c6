//! A mistake as the user sees it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use mpclab_files::{one_line, visible};

use crate::mistake::suggestions;

/// A user's mistake with its place, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What stands under the offending text.
    pub label: String,
    /// What is allowed, what was probably meant; a line each.
    pub help: Vec<String>,
    /// Where; `None` if no file could be read.
    pub location: Option<Location>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// The line's text, without control characters.
    text: String,
    /// Whether `text` is all of the line.
    is_whole: bool,
    /// The offending part of `text`, bytes.
    span: Range<usize>,
}

/// Characters of a message that are shown: it may quote megabytes.
const SHOWN_CHARS: usize = 400;

/// Cuts off what nobody would read.
pub(crate) fn shorten(text: String) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

/// Characters of a line that are kept around the offending part.
const KEPT_CHARS: usize = 60;

impl Location {
    /// The place of a byte range in a text; what goes beyond its first line is cut off.
    pub(crate) fn new(file: &str, text: &str, span: Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[..line_start].matches('\n').count() + 1;
        let column = text[line_start..start].chars().count() + 1;
        // A line of megabytes is shown in part.
        let before = text[line_start..start].char_indices().rev().nth(KEPT_CHARS - 1);
        let from = match before {
            Some((at, _)) if column > 2 * KEPT_CHARS => line_start + at,
            _ => line_start,
        };
        let mut after = text[start..line_end].char_indices();
        let to = after.nth(4 * KEPT_CHARS).map_or(line_end, |(at, _)| start + at);
        let shown = text[from..to].trim_end();
        let end = span.end.clamp(start, to) - from;
        let visible_len = |end: usize| visible(&shown[..end.min(shown.len())]).len();
        Location {
            file: file.to_owned(),
            line,
            column,
            is_whole: (from, to) == (line_start, line_end),
            span: visible_len(start - from)..visible_len(end),
            text: visible(shown),
        }
    }
}

impl Diagnostic {
    /// A mistake that has no place in a file.
    #[must_use]
    pub fn without_place(message: impl Into<String>) -> Self {
        Diagnostic {
            message: message.into(),
            label: String::new(),
            help: Vec::new(),
            location: None,
        }
    }

    /// A mistake in a text of its own, at a range of bytes.
    #[must_use]
    pub fn in_text(
        file: &str,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Diagnostic {
            message: shorten(message.into()),
            label: shorten(label.into()),
            help: Vec::new(),
            location: Some(Location::new(file, text, span)),
        }
    }

    /// Adds a line of help.
    #[must_use]
    pub fn with_help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds what is allowed instead of `given`, and what was probably meant; `what` is a plural.
    #[must_use]
    pub fn with_known(mut self, given: &str, what: &str, known: &[impl AsRef<str>]) -> Self {
        self.help.extend(suggestions(given, what, known));
        self
    }

    /// The mistake with the offending line, in the style of rustc; several lines, no last newline.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let (message, label) = (one_line(&self.message), one_line(&self.label));
        let help: Vec<_> = self.help.iter().map(|line| one_line(line)).collect();
        let file = self.location.as_ref().map(|location| one_line(&location.file));
        let file = file.unwrap_or_default();
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut group = match &self.location {
            Some(location) => {
                let mark = AnnotationKind::Primary.span(location.span.clone());
                let snippet = Snippet::source(&location.text)
                    .line_start(location.line)
                    .annotation(mark.label(&label));
                let group = Level::ERROR.primary_title(&message);
                if location.is_whole {
                    group.element(snippet.path(&file))
                } else {
                    let origin = Origin::path(&file).line(location.line);
                    group.element(origin.char_column(location.column)).element(snippet)
                }
            }
            None => annotate_snippets::Group::with_title(Level::ERROR.primary_title(&message)),
        };
        for line in &help {
            group = group.element(Level::HELP.message(line));
        }
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_megabytes_is_shown_in_part() {
        let text = format!("a: 1\nb: {}x{}\n", "é".repeat(1 << 20), "é".repeat(1 << 20));
        let at = text.find('x').unwrap();
        let location = Location::new("f.yaml", &text, at..at + 1);
        assert_eq!((location.line, location.column), (2, 4 + (1 << 20)));
        assert_eq!(&location.text[location.span.clone()], "x");
        assert!(location.text.len() < 1000);
    }

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        let text = "a: \u{1b}[31m\u{9b}x\n";
        let at = text.find('x').unwrap();
        let location = Some(Location::new("f\u{7}.yaml", text, at..at + 1));
        let (message, label) = ("\u{1b}[2J".to_owned(), "\u{9d}\nerror: forged".to_owned());
        let help = vec!["\u{8}".to_owned()];
        let shown = Diagnostic { message, label, help, location }.render(false);
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(!shown.lines().any(|line| line.starts_with("error: forged")), "{shown}");
        let marked = shown.lines().find(|line| line.contains('^')).unwrap();
        let line = shown.lines().find(|line| line.contains("a: ")).unwrap();
        let column = |line: &str, c| line.chars().position(|found| found == c);
        assert_eq!(column(marked, '^'), column(line, 'x'), "{shown}");
    }
}
