//! `portcullis explain CODE`: what a code means, with an example of wrong and right.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::cli::answer;
use crate::policy::fault::{Code, example};

/// Prints it. 0, or 2 for a code that is none.
pub(super) fn explain(id: &str) -> ExitCode {
    let page = if id == "list" { Some(list()) } else { Code::from_id(id).map(page) };
    let Some(page) = page else {
        eprintln!("there is no code `{}`; `portcullis explain list` has them all", id.escape_default());
        return ExitCode::from(2);
    };
    answer(&page, ExitCode::SUCCESS)
}

fn list() -> String {
    let lines: Vec<_> = Code::ALL.iter().map(|code| format!("{}  {}", code.id(), code.explanation())).collect();
    lines.join("\n") + "\n"
}

fn page(code: Code) -> String {
    let mut page = format!("{}  {}\n", code.id(), code.explanation());
    if let Some(example) = example(code) {
        for (title, text) in [("Wrong", example.wrong), ("Right", example.right)] {
            let text = text.lines().map(|line| format!("    {}\n", line.strip_prefix("$ ").unwrap_or(line)));
            // Writing to a String cannot fail.
            let _ = write!(page, "\n{title}:\n\n{}", text.collect::<String>());
        }
    }
    page
}
