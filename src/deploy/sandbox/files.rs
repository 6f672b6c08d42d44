//! Landlock: files below some directories, some TCP ports, no signals to others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus, NetPort,
    PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope,
};

use crate::deploy::Needs;

/// The newest rights that were looked at: what a kernel has beyond them is not asked for, so that a new kernel cannot
/// take away what this build relies on.
const KNOWN: ABI = ABI::V7;

/// What holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    pub files: bool,
    pub ports: bool,
    pub signals: bool,
}

/// What the running kernel's Landlock can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kernel {
    /// Files (Linux 5.13).
    pub files: bool,
    /// TCP ports (6.7).
    pub ports: bool,
    /// Signals (6.12).
    pub signals: bool,
}

/// What the running kernel can do.
pub(super) fn kernel() -> Kernel {
    let can = |ruleset: Result<Ruleset, RulesetError>| ruleset.and_then(Ruleset::create).is_ok();
    let hard = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    Kernel {
        files: can(hard().handle_access(AccessFs::from_all(ABI::V1))),
        ports: can(hard().handle_access(AccessNet::from_all(ABI::V4))),
        signals: can(hard().scope(Scope::Signal)),
    }
}

/// Restricts the calling thread and those that it starts.
pub(super) fn restrict(needs: &Needs) -> Held {
    let kernel = kernel();
    if !kernel.files {
        return Held::default();
    }
    let restricted = rules(needs).and_then(RulesetCreated::restrict_self);
    let held = matches!(
        restricted,
        Ok(RestrictionStatus {
            ruleset: RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced,
            landlock: LandlockStatus::Available { .. },
            ..
        })
    );
    Held { files: held, ports: held && kernel.ports, signals: held && kernel.signals }
}

fn rules(needs: &Needs) -> Result<RulesetCreated, RulesetError> {
    let mut net = BitFlags::from(AccessNet::BindTcp);
    if needs.ports.is_some() {
        net |= AccessNet::ConnectTcp;
    }
    let mut scopes = BitFlags::from(Scope::Signal);
    // A service manager may listen on a socket without a path; it is outside, and must hear from the gate.
    if std::env::var_os("NOTIFY_SOCKET").is_none_or(|path| path.as_encoded_bytes().first() != Some(&b'@')) {
        scopes |= Scope::AbstractUnixSocket;
    }
    let mut rules =
        Ruleset::default().handle_access(AccessFs::from_all(KNOWN))?.handle_access(net)?.scope(scopes)?.create()?;
    // Links, devices and pipes are made by nobody here; files are not run, and stay in their directory.
    let write = AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::Truncate;
    rules = below(rules, &needs.read, AccessFs::ReadFile | AccessFs::ReadDir)?;
    rules = below(rules, &needs.write, write)?;
    rules = below(rules, &needs.sockets, AccessFs::MakeSock.into())?;
    for port in needs.ports.iter().flatten() {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    Ok(rules)
}

/// What is not there needs no right; whoever needs it says that it is missing.
fn below(
    mut rules: RulesetCreated,
    paths: &BTreeSet<PathBuf>,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    for path in paths {
        let Ok(opened) = PathFd::new(path) else { continue };
        rules = rules.add_rule(PathBeneath::new(opened, fitting(path, access)))?;
    }
    Ok(rules)
}

/// A file has no rights of directories.
fn fitting(path: &Path, access: BitFlags<AccessFs>) -> BitFlags<AccessFs> {
    if path.is_dir() { access } else { access & AccessFs::from_file(KNOWN) }
}
