//! argv -> command -> exit code.

use std::process::ExitCode;

/// Less CPU for each request than the system's allocator, with many small and short-lived buffers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Huge pages would more than double what an idle gate holds in memory, for nothing that can be measured. Kernels
    // that do not know the wish go on without it.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    portcullis::cli::main()
}
