use std::ops::Range;

use mpclab_scenarios::Diagnostic;
use rhai::{EvalAltResult, ParseError, Position};

use super::engine::FUNCTIONS;
use super::words;

/// Why a script gives no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, a sentence.
    pub message: String,
    /// What stands under the offending text.
    pub label: String,
    /// What may help, a line each.
    pub help: Vec<String>,
    /// Line and column in the script, from 1; none if it is about the script as a whole.
    pub place: Option<(usize, usize)>,
    /// The parameter that is wrong, if it is not the script.
    pub param: Option<String>,
}

impl Failure {
    /// Something that is wrong with the script as a whole.
    pub(super) fn whole(message: &str) -> Self {
        Failure {
            message: "this program can't be built".to_owned(),
            label: message.to_owned(),
            help: Vec::new(),
            place: None,
            param: None,
        }
    }

    /// A parameter that the scenario has to give otherwise.
    pub(super) fn param(name: &str, message: &str) -> Self {
        Failure { param: Some(name.to_owned()), ..Failure::whole(message) }
    }

    /// Text that is no script.
    pub(super) fn syntax(error: &ParseError) -> Self {
        let place = place_of(error.position());
        let message = "this is no program that can be read".to_owned();
        let (label, help) = words::syntax(error.err_type());
        let help = help.into_iter().map(str::to_owned).collect();
        Failure { message, place, help, ..Failure::whole(&label) }
    }

    /// A script that ended with an error.
    pub(super) fn run(error: &EvalAltResult) -> Self {
        let mut calls = Vec::new();
        let mut inner = error;
        let mut last = error.position();
        while let EvalAltResult::ErrorInFunctionCall(name, _, cause, at) = inner {
            calls.push(format!("in `{name}`, called at line {}", at.line().unwrap_or(0)));
            inner = cause;
            if !cause.position().is_none() {
                last = cause.position();
            }
        }
        let (label, help) = explain(inner);
        // The innermost call first, and not a page of them.
        calls.reverse();
        calls.truncate(3);
        let help = help.into_iter().chain(calls).collect();
        Failure { help, place: place_of(last), ..Failure::whole(&label) }
    }

    /// The mistake as it is shown, in the text of the file that has it.
    #[must_use]
    pub fn diagnostic(&self, file: &str, text: &str) -> Diagnostic {
        let span = self.place.map_or(0..0, |(line, column)| token(text, line, column));
        let label = match &self.param {
            Some(name) => format!("parameter `{name}` {}", self.label),
            None => self.label.clone(),
        };
        let mistake = Diagnostic::in_text(file, text, span, &self.message, label);
        self.help.iter().fold(mistake, |mistake, line| mistake.with_help(line))
    }
}

fn place_of(position: Position) -> Option<(usize, usize)> {
    Some((position.line()?, position.position().unwrap_or(1).max(1)))
}

/// What went wrong, and what may help.
fn explain(error: &EvalAltResult) -> (String, Vec<String>) {
    use EvalAltResult as E;
    match error {
        E::ErrorMismatchDataType(wanted, got, _)
            if wanted == "bool" && words::a_type(got) == "a secret" =>
        {
            (
                "a secret can't decide what the program does".to_owned(),
                vec![
                    "`select(condition, a, b)` picks a value by a secret bit".to_owned(),
                    "`a & b`, `a | b`, `!a` are for secret bits; `&&` and `||` can't be".to_owned(),
                ],
            )
        }
        E::ErrorFunctionNotFound(signature, _) => no_function(signature),
        E::ErrorVariableNotFound(name, _) => {
            let help = "functions see their arguments, `parties` and `params`, no other variables";
            (format!("there is no variable `{name}`"), vec![help.to_owned()])
        }
        other => match words::runtime(other) {
            Some((label, help)) => (label, help.into_iter().map(str::to_owned).collect()),
            None => ("the program can't go on from here".to_owned(), Vec::new()),
        },
    }
}

/// A function or an operator that does not take what it was given.
fn no_function(signature: &str) -> (String, Vec<String>) {
    let (name, given) = words::call(signature);
    let given = match &given[..] {
        [] => "nothing".to_owned(),
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        all => all.concat(),
    };
    if let Some((_, form)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
        return (format!("`{name}` does not take {given}"), vec![format!("there is {form}")]);
    }
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        let help = "operators take secrets, numbers and lists of both";
        return (format!("`{name}` does not take {given}"), vec![help.to_owned()]);
    }
    let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
    let help = Diagnostic::without_place("").with_known(name, "functions", &known).help;
    (format!("there is no function `{name}` that takes {given}"), help)
}

/// The bytes of the word or sign at a place.
fn token(text: &str, line: usize, column: usize) -> Range<usize> {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(line - 1).map(str::len).sum();
    let line = lines.next().unwrap_or_default().trim_end();
    let at = line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at);
    let rest = &line[at..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    before + at..before + at + word.max(first)
}
