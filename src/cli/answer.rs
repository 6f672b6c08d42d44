//! A command's result on standard output.

use std::io::{self, Write as _};
use std::process::ExitCode;

/// Prints a command's result and gives its exit code, or 2 if the result could not be written: half of a result on a full
/// disk must not count as one. Whoever closes our output early, as `head` does, has seen what they wanted.
pub(super) fn answer(text: &str, code: ExitCode) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != io::ErrorKind::BrokenPipe => {
            // Where standard error is closed too, the exit code is left to tell.
            let _ = writeln!(io::stderr(), "portcullis: standard output cannot be written: {fault}");
            ExitCode::from(2)
        }
        _ => code,
    }
}
