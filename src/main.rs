//! The command `mpclab`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mpclab::cli::main(mpclab::registry())
}
