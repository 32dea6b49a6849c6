//! Data to stdout, talk to stderr.

use std::io::{ErrorKind, IsTerminal, Write};

use mpclab_scenarios::Diagnostic;

use super::Exit;

/// Widest line of a table where the terminal does not say.
const DEFAULT_WIDTH: usize = 100;

/// Prints data.
pub(super) fn print(text: &str) -> Exit {
    match super::to_stdout(text) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => mistake(&format!("stdout: {error}")),
        _ => Exit::Ok,
    }
}

/// Says what the user, or the file system, did wrong.
pub(super) fn mistake(text: &str) -> Exit {
    say(&format!("error: {text}"));
    Exit::Mistake
}

/// Shows mistakes in files.
pub(super) fn diagnostics(mistakes: &[Diagnostic]) -> Exit {
    for mistake in mistakes {
        say(&format!("{}\n", mistake.render(true)));
    }
    Exit::Mistake
}

/// Says something in passing; colour is stripped where it is not wanted.
pub(super) fn say(text: &str) {
    // A listener that went away ends nothing: the exit code still tells.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Columns that a table on stdout may take.
pub(super) fn width() -> usize {
    if std::io::stdout().is_terminal() {
        let (_, columns) = console::Term::stdout().size();
        return usize::from(columns).max(40);
    }
    DEFAULT_WIDTH
}
