//! The command `mpclab`.

use std::process::ExitCode;

/// Vectors of shares and messages come and go in sizes for which the system's allocator asks for new
/// pages each time: a battery of attacks took a sixth less time with this one. Runs on the largest
/// vectors may take longer, unless pages are kept (`docs/limits.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mpclab::cli::main(mpclab::registry())
}
