//! What the reader of scripts and their interpreter find wrong, in the words of the manual.

use rhai::{EvalAltResult, LexError, ParseErrorType};

use super::engine::{
    MAX_CALLS, MAX_FUNCTIONS, MAX_LIST, MAX_MAP, MAX_NESTING, MAX_OPERATIONS, MAX_TEXT,
    MAX_VARIABLES,
};

/// Why a text is no script, and what may help.
pub(super) fn syntax(error: &ParseErrorType) -> (String, Option<&'static str>) {
    use ParseErrorType as P;
    let plain = |text: String| (text, None);
    match error {
        P::BadInput(error) => plain(bad_input(error)),
        P::UnexpectedEOF => plain("the program ends in the middle of something".to_owned()),
        P::UnknownOperator(sign) => plain(format!("`{sign}` has no meaning here")),
        P::MissingToken(token, _) if token == ";" => (
            "a `;` has to come before this".to_owned(),
            Some("a statement ends with `;`; an operator may be missing as well"),
        ),
        P::MissingToken(token, _) if token == "," => {
            plain("a `,` or a closing bracket has to come before this".to_owned())
        }
        P::MissingToken(token, _) => plain(format!("a `{token}` has to come before this")),
        P::MissingSymbol(_) => plain("a sign is missing before this".to_owned()),
        P::ExprExpected(_) => plain("a value is missing here".to_owned()),
        P::MalformedIndexExpr(_) => {
            plain("a position is an integer, or a range such as `0..3`".to_owned())
        }
        P::MismatchedType(wanted, got) => {
            plain(format!("this is {}; needed is {}", a_type(got), a_type(wanted)))
        }
        P::DuplicatedProperty(name) => plain(format!("this map has `{name}` already")),
        P::DuplicatedVariable(name) | P::VariableExists(name) => {
            plain(format!("there is a variable `{name}` already"))
        }
        P::VariableUndefined(name) => plain(format!("there is no variable `{name}`")),
        P::Reserved(sign) if !sign.starts_with(char::is_alphabetic) => {
            plain(format!("`{sign}` has no meaning here"))
        }
        P::Reserved(word) | P::ForbiddenVariable(word) => {
            plain(format!("`{word}` is a word of the language that programs have no use for"))
        }
        P::PropertyExpected => plain("the name of a property is missing here".to_owned()),
        P::VariableExpected => plain("the name of a variable is missing here".to_owned()),
        P::FnDuplicatedDefinition(name, count) => {
            plain(format!("there is a function `{name}` of {count} arguments already"))
        }
        P::FnDuplicatedParam(name, argument) => {
            plain(format!("`{name}` has two arguments `{argument}`"))
        }
        P::FnMissingName | P::FnMissingParams(_) | P::FnMissingBody(_) => {
            plain("a function is written `fn name(a, b) { a + b }`".to_owned())
        }
        P::WrongFnDefinition => plain("a function can't be within another or a block".to_owned()),
        P::AssignmentToConstant(name) => constant(name),
        P::AssignmentToInvalidLHS(_) => plain("nothing can be assigned to this".to_owned()),
        P::ExprTooDeep => plain(format!("this is nested more than {MAX_NESTING} deep")),
        P::TooManyFunctions => plain(format!("there are more than {MAX_FUNCTIONS} functions")),
        P::LiteralTooLarge(what, most) => plain(too_large(what, *most)),
        P::LoopBreak => plain("`break` and `continue` belong into a loop".to_owned()),
        P::WrongSwitchIntegerCase | P::WrongSwitchDefaultCase | P::WrongSwitchCaseCondition => {
            plain("a `switch` has numbers first, ranges next and `_` last".to_owned())
        }
        P::WrongDocComment => {
            plain("`///` begins the comment of a function; others begin with `//`".to_owned())
        }
        P::ModuleUndefined(_) | P::WrongExport => plain("there are no modules".to_owned()),
        _ => plain("this can't be read".to_owned()),
    }
}

fn bad_input(error: &LexError) -> String {
    match error {
        LexError::UnexpectedInput(what) | LexError::ImproperSymbol(what, _) => {
            format!("`{what}` has no meaning here")
        }
        LexError::UnterminatedString => "this text has no closing quote".to_owned(),
        LexError::MalformedEscapeSequence(what) => {
            format!("`{what}` is no escape; there are \\n, \\t, \\r, \\\", \\\\, \\x41 and \\u0041")
        }
        LexError::MalformedNumber(what) => {
            format!("`{what}` is no number; integers have 64 bits with sign")
        }
        LexError::MalformedChar(_) => "a text stands in double quotes".to_owned(),
        LexError::MalformedIdentifier(what) => {
            format!("`{what}` is no name: letters, digits and `_`, no digit first")
        }
        _ => "this can't be read".to_owned(),
    }
}

fn constant(name: &str) -> (String, Option<&'static str>) {
    let what = if name.is_empty() { "this".to_owned() } else { format!("`{name}`") };
    (format!("{what} is a constant and keeps its value"), Some("`let` makes a variable"))
}

/// What grew too large: `what` is how the interpreter calls it, `most` a limit if it told one.
fn too_large(what: &str, most: usize) -> String {
    let lower = what.to_lowercase();
    match () {
        () if lower.contains("string") => format!("a text has at most {MAX_TEXT} characters"),
        () if lower.contains("map") => format!("a map has at most {MAX_MAP} entries"),
        () if lower.contains("array") => format!("a list has at most {MAX_LIST} values"),
        () => format!("this is larger than {most}"),
    }
}

/// Why a script ended, and what may help; none for errors that are told elsewhere.
pub(super) fn runtime(error: &EvalAltResult) -> Option<(String, Option<&'static str>)> {
    use EvalAltResult as E;
    let plain = |text: String| Some((text, None));
    match error {
        E::ErrorParsing(error, _) => Some(syntax(error)),
        E::ErrorRuntime(token, _) if token.is_unit() => {
            plain("the program was ended by `throw`, which says no reason".to_owned())
        }
        E::ErrorRuntime(token, _) => plain(token.to_string()),
        E::ErrorMismatchDataType(wanted, got, _) | E::ErrorMismatchOutputType(wanted, got, _) => {
            plain(format!("this is {}; needed is {}", a_type(got), a_type(wanted)))
        }
        E::ErrorVariableExists(name, _) => plain(format!("there is a variable `{name}` already")),
        E::ErrorForbiddenVariable(name, _) => plain(format!("`{name}` can't be a variable")),
        E::ErrorPropertyNotFound(name, _) => plain(format!("this map has no `{name}`")),
        E::ErrorIndexNotFound(at, _) => plain(format!("there is no element {at}")),
        E::ErrorModuleNotFound(..) => plain("there are no modules".to_owned()),
        E::ErrorUnboundThis(_) => plain("`this` has no meaning here".to_owned()),
        E::ErrorIndexingType(of, _) => plain(no_elements(of)),
        E::ErrorArrayBounds(len, at, _) => {
            plain(format!("there is no element {at} among {len}, counted from 0"))
        }
        E::ErrorStringBounds(len, at, _) => {
            plain(format!("there is no character {at} among {len}, counted from 0"))
        }
        E::ErrorBitFieldBounds(len, at, _) => {
            plain(format!("there is no bit {at} among {len}, counted from 0"))
        }
        E::ErrorFor(_) => Some((
            "`for` needs a list or a range such as `0..3`".to_owned(),
            Some("`x.split()` is the list of the elements of a secret"),
        )),
        E::ErrorNonPureMethodCallOnConstant(..) => Some(constant("")),
        E::ErrorAssignmentToConstant(name, _) => Some(constant(name)),
        E::ErrorDotExpr(what, _) => {
            let name = what.split('\'').nth(1).unwrap_or_default();
            plain(format!("there is no property `{name}`"))
        }
        E::ErrorArithmetic(what, _) => plain(arithmetic(what)),
        E::ErrorTooManyOperations(_) => {
            plain(format!("the program takes more than {MAX_OPERATIONS} steps to build"))
        }
        E::ErrorStackOverflow(_) => {
            plain(format!("functions call each other too deeply: more than {MAX_CALLS} at once"))
        }
        E::ErrorTooManyVariables(_) => {
            plain(format!("there are more than {MAX_VARIABLES} variables at once"))
        }
        E::ErrorDataTooLarge(what, _) => plain(too_large(what, MAX_LIST)),
        _ => None,
    }
}

/// `secret [string]`, for example: what was indexed, and by what.
fn no_elements(of: &str) -> String {
    match of.split_once(" [") {
        Some((of, by)) => {
            format!("{} has no element at {}", a_type(of), a_type(by.trim_end_matches(']')))
        }
        None => format!("{} has no elements", a_type(of)),
    }
}

fn arithmetic(what: &str) -> String {
    let lower = what.to_lowercase();
    let of = what.split_once(": ").map_or(String::new(), |(_, of)| format!(": {of}"));
    match () {
        () if lower.contains("by zero") => format!("a division by zero{of}"),
        () if lower.contains("overflow") => format!("the result is no 64-bit integer{of}"),
        () if lower.contains("negative power") => format!("the exponent is negative{of}"),
        () => lower,
    }
}

/// A call as it was tried, such as `sum (i64)`: the name, and what it was given.
pub(super) fn call(signature: &str) -> (&str, Vec<String>) {
    let (name, given) = signature.split_once(" (").unwrap_or((signature, ""));
    let given = given.trim_end_matches(')');
    let given = given.split(", ").filter(|of| !of.is_empty()).map(a_type).collect();
    (name, given)
}

/// A type as the manual calls it, with its article.
pub(super) fn a_type(of: &str) -> String {
    // Of several names of one type, as of texts, the first.
    let of = of.split(" | ").next().unwrap_or(of);
    let name = of.rsplit("::").next().unwrap_or(of).trim_start_matches('&').to_lowercase();
    match &name[..] {
        "i64" | "int" | "integer" => "an integer".to_owned(),
        "f64" | "float" => "a float".to_owned(),
        "bool" => "`true` or `false`".to_owned(),
        "string" | "immutablestring" | "str" | "char" => "a text".to_owned(),
        "array" => "a list".to_owned(),
        "map" => "a map".to_owned(),
        "params" => "`params`".to_owned(),
        "kind" => "a kind of input".to_owned(),
        "()" => "nothing".to_owned(),
        // What the parser expects has an article.
        "a boolean expression" => "`true` or `false`".to_owned(),
        "an iterable value" => "a list or a range such as `0..3`".to_owned(),
        name if name.starts_with("a ") || name.starts_with("an ") => name.to_owned(),
        name if name.starts_with("range") => "a range".to_owned(),
        name if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        name => format!("a {name}"),
    }
}
