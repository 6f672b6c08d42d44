//! `portcullis schema`: what a policy may hold, for editors, validators and readers.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::policy::shape;

/// Print the JSON Schema of a policy, or its reference.
///
/// An editor that speaks the YAML language server's protocol completes and explains keys with this line at the top of a
/// policy: `# yaml-language-server: $schema=schema.json`.
#[derive(Args, Debug)]
pub struct Schema {
    /// JSON Schema (2020-12), or the reference of all keys.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
    /// The schema of files of cases, which `portcullis test` reads.
    #[arg(long)]
    pub cases: bool,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A JSON Schema.
    Json,
    /// The reference, of policies and cases.
    Markdown,
}

impl Schema {
    /// Prints it.
    pub fn run(self) -> ExitCode {
        let text = match self.format {
            Format::Json => format!("{:#}\n", shape::schema(self.cases)),
            Format::Markdown => shape::reference(),
        };
        super::answer(&text, ExitCode::SUCCESS)
    }
}
