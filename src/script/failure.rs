use std::ops::Range;

use mpclab_scenarios::Diagnostic;
use rhai::{EvalAltResult, ParseError, Position};

use super::engine::FUNCTIONS;

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
        Failure { message, place, ..Failure::whole(&error.err_type().to_string()) }
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
        let mistake = Diagnostic::in_text(file, text, span, &self.message, &self.label);
        self.help.iter().fold(mistake, |mistake, line| mistake.with_help(line))
    }
}

fn place_of(position: Position) -> Option<(usize, usize)> {
    Some((position.line()?, position.position().unwrap_or(1).max(1)))
}

/// What went wrong, and what may help.
fn explain(error: &EvalAltResult) -> (String, Vec<String>) {
    use EvalAltResult as E;
    let plain = |text: &str| (text.to_owned(), Vec::new());
    match error {
        E::ErrorRuntime(token, _) => plain(&token.to_string()),
        E::ErrorMismatchDataType(wanted, got, _)
            if wanted == "bool" && type_name(got) == "secret" =>
        {
            (
                "a secret can't decide what the program does".to_owned(),
                vec![
                    "`select(condition, a, b)` picks a value by a secret bit".to_owned(),
                    "`a & b`, `a | b`, `!a` are for secret bits; `&&` and `||` can't be".to_owned(),
                ],
            )
        }
        E::ErrorMismatchDataType(wanted, got, _) => {
            plain(&format!("this is {}; needed is {}", type_name(got), type_name(wanted)))
        }
        E::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split([' ', '(']).next().unwrap_or_default();
            let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            if let Some(known) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
                let label = format!("`{signature}` does not exist");
                return (label, vec![format!("there is {}", known.1)]);
            }
            let help = Diagnostic::without_place("").with_known(name, "functions", &known).help;
            (format!("there is no function `{signature}`"), help)
        }
        E::ErrorVariableNotFound(name, _) => {
            let help = "functions see their arguments, `parties` and `params`, no other variables";
            (format!("there is no variable `{name}`"), vec![help.to_owned()])
        }
        E::ErrorTooManyOperations(_) => plain(&format!(
            "the program takes more than {} steps to build",
            super::engine::MAX_OPERATIONS
        )),
        E::ErrorStackOverflow(_) => plain("functions call each other too deeply"),
        E::ErrorTooManyVariables(_) => plain("too many variables"),
        E::ErrorDataTooLarge(what, _) => plain(&format!("{what} grows beyond what is allowed")),
        E::ErrorArithmetic(what, _) => plain(what),
        other => {
            let text = other.to_string();
            let end = text.rfind(" (line ").unwrap_or(text.len());
            plain(&text[..end])
        }
    }
}

/// A type as scripts know it.
fn type_name(of: &str) -> String {
    of.rsplit("::").next().unwrap_or(of).to_lowercase()
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
