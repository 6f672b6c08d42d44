//! `portcullis redact lookup`.

use std::process::ExitCode;

use clap::Args;

/// Print the pseudonyms of one person's datum under every key, and record that somebody asked.
#[derive(Args, Debug)]
pub(super) struct Lookup {}

impl Lookup {
    pub(super) fn run(self) -> ExitCode {
        let Self {} = self;
        ExitCode::FAILURE
    }
}
