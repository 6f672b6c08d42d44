//! `alarms[].when.canary`

use super::super::decode::Decoder;
use crate::policy::settings::When;
use crate::policy::yaml::Entry;

/// Decodes `canary:`.
pub(super) fn canary(d: &mut Decoder<'_>, entry: &Entry) -> Option<When> {
    let path = d.existing(&entry.value, "alarms.when.canary", "`portcullis canary add` makes one")?;
    Some(When::Canary(path))
}
