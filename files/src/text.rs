//! Text out of files, for terminals and shells.

use std::path::Path;

/// Whether a terminal or a reader of lines might obey a character instead of showing it: controls,
/// line breaks of other scripts, marks that turn the direction of text or have no width.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with a mark in place of each character that a terminal might obey; lines stay lines.
#[must_use]
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        c if is_obeyed(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}

/// The text on one line, with a mark in place of each character that a terminal might obey and of
/// each line break.
#[must_use]
pub fn one_line(text: &str) -> String {
    let shown = |c: char| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().map(shown).collect()
}

/// A word as a POSIX shell reads it back; one line, whatever it holds.
///
/// Control characters are written as `$'\n'`, which shells of 2024's POSIX know; no crate that is in
/// use here writes them so.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if !word.chars().any(is_obeyed) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let mut text = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => text.extend(['\\', c]),
            '\n' => text += "\\n",
            c if is_obeyed(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    text += &format!("\\{byte:03o}");
                }
            }
            c => text.push(c),
        }
    }
    text + "'"
}

/// A text as a field of a CSV file that a spreadsheet may open: one that it would read as a formula
/// starts with an apostrophe, which makes it text there. Numbers stay numbers.
#[must_use]
pub fn cell(text: &str) -> String {
    let is_formula = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && text.parse::<f64>().is_err() {
        return format!("'{text}");
    }
    text.to_owned()
}

/// Whether a path has a component that is hidden.
pub(crate) fn has_hidden(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_marked() {
        let text = "a\u{1b}[31m\u{9b}\r\u{202e}\u{2028}é\n\tb";
        assert_eq!(visible(text), "a\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}\u{fffd}é\n\tb");
        assert_eq!(one_line("a\nFAILED\u{85}b"), "a\u{fffd}FAILED\u{fffd}b");
        assert_eq!(one_line("plain 入札 é"), "plain 入札 é");
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, shown) in [
            ("network.rtt=20ms", "network.rtt=20ms"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
            ("a\nb'", "$'a\\nb\\''"),
            ("\u{1b}", "$'\\033'"),
            ("*.yaml; rm x", "'*.yaml; rm x'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }

    /// The control: a real shell reads them back.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_quoted_words_back() {
        for word in ["a'b\"c", "$HOME `id` \\", "x;y|z&", "é ü", "!x", "a\nb\u{1b}'\\é"] {
            let command = format!("printf %s {}", quoted(word));
            let Ok(output) = std::process::Command::new("bash").args(["-c", &command]).output()
            else {
                return;
            };
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }

    #[test]
    fn formulas_are_text_and_numbers_stay_numbers() {
        for (text, shown) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+cmd", "'+cmd"),
            ("-x", "'-x"),
            ("@a", "'@a"),
            ("\t=1", "'\t=1"),
            (" =1+1", "' =1+1"),
            ("-5", "-5"),
            ("+1.5e3", "+1.5e3"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
