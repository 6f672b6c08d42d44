//! argv -> command -> exit code.

use std::process::ExitCode;

/// Less CPU for each request than the system's allocator, with many small and short-lived buffers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    portcullis::cli::main()
}
