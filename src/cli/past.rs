//! Records of the past, as commands that read them are told of them.

use std::path::PathBuf;

use clap::Args;

use crate::report::{Counts, Records, SourceFault};

/// Where they are.
#[derive(Args, Debug)]
pub(super) struct Past {
    /// Past records: a file of JSON lines, a directory that a file sink writes to, or an audit spool
    #[arg(long, value_name = "FILE|DIR")]
    records: PathBuf,
    /// The key file of an audit spool, if the records are one
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Past {
    /// What a report makes of them; what is wrong, for people, also where there are none.
    pub(super) fn report<R>(
        &self,
        make: impl FnOnce(&Records) -> Result<R, SourceFault>,
        counts: impl FnOnce(&R) -> &Counts,
    ) -> Result<R, String> {
        let records = Records::find(&self.records, self.key.as_deref()).map_err(|fault| fault.to_string())?;
        let report = make(&records).map_err(|fault| fault.to_string())?;
        if counts(&report).records == 0 {
            return Err(format!("{}: no records of a gate in it", self.records.display()));
        }
        Ok(report)
    }
}
