//! Data to stdout, talk to stderr.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use mpclab_files::{Folder, one_line, visible};
use mpclab_scenarios::Diagnostic;

use super::Exit;

/// Widest line of a table where the terminal does not say.
const DEFAULT_WIDTH: usize = 100;

/// Prints data. What it quotes of files is shown, not obeyed by a terminal.
pub(super) fn print(text: &str) -> Exit {
    match super::to_stdout(&visible(text)) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => mistake(&format!("stdout: {error}")),
        _ => Exit::Ok,
    }
}

/// Says what the user, or the file system, did wrong.
pub(super) fn mistake(text: &str) -> Exit {
    say(&format!("error: {text}"));
    Exit::Mistake
}

/// Says that what this program times is not what a release build would take.
pub(super) fn built_in_haste() {
    let level = env!("MPCLAB_OPT_LEVEL");
    if matches!(level, "0" | "1") {
        say(&format!(
            "this program was compiled in haste (opt-level {level}): what it times takes longer than \
             in a release build"
        ));
    }
}

/// Shows mistakes in files.
pub(super) fn diagnostics(mistakes: &[Diagnostic]) -> Exit {
    for mistake in mistakes {
        diagnostic(mistake);
        write("");
    }
    Exit::Mistake
}

/// Shows one mistake, over several lines; what it quotes is made harmless where it is rendered.
pub(super) fn diagnostic(mistake: &Diagnostic) {
    write(&mistake.render(true));
}

/// Says something in passing, on one line: what it quotes of files cannot make another.
pub(super) fn say(text: &str) {
    write(&one_line(text));
}

/// Colour is stripped where it is not wanted.
fn write(text: &str) {
    // A listener that went away ends nothing: the exit code still tells.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Where results go unless the user says: a name from a file is one folder below `mpclab-out`.
pub(super) fn default_out(name: &str) -> PathBuf {
    PathBuf::from("mpclab-out").join(mpclab_files::component(name))
}

/// Whether results can be written to a folder, before the work.
pub(super) fn check_folder(out: &Path) -> Result<(), Exit> {
    Folder::lock(out).map(drop).map_err(|error| mistake(&error.to_string()))
}

/// Whether a file can be written, before the work.
pub(super) fn check_target(file: &Path) -> Result<(), Exit> {
    mpclab_files::check_target(file)
        .map_err(|why| mistake(&format!("cannot write {}: {why}", file.display())))
}

/// Columns that a table on stdout may take.
pub(super) fn width() -> usize {
    if std::io::stdout().is_terminal() {
        let (_, columns) = console::Term::stdout().size();
        return usize::from(columns).max(40);
    }
    DEFAULT_WIDTH
}
