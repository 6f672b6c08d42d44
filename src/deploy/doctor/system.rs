//! The kernel: open files, randomness, what it can confine.

use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::deploy::sandbox;
use crate::policy::Policy;
use crate::policy::settings::Confinement;

/// Files beside those of connections: the spool's, the policy's, sinks, key sets.
const OTHERS: u64 = 256;
/// A connection from the client, and one to the app.
const EACH: u64 = 2;

pub(super) fn look(policy: &Policy) -> Vec<Finding> {
    vec![
        open_files(policy, getrlimit(Resource::Nofile).maximum),
        random(),
        confinement(policy.sandbox, sandbox::kernel()),
    ]
}

/// The gate raises the soft limit by itself; the hard one is what counts.
fn open_files(policy: &Policy, hard: Option<u64>) -> Finding {
    const CHECK: &str = "open files";
    let wanted = policy.gate.connections.max as u64 * EACH + OTHERS;
    match hard {
        Some(limit) if limit < wanted => Finding::wrong(
            CHECK,
            format!("{limit} may be open, and `gate.connections.max` needs {wanted}"),
            format!("`LimitNOFILE={wanted}` in the unit, or a lower `gate.connections.max`"),
        ),
        Some(limit) => Finding::well(CHECK, format!("{limit} may be open, {wanted} are needed at most")),
        None => Finding::well(CHECK, "as many as wanted may be open"),
    }
}

fn random() -> Finding {
    let mut bytes = [0; 32];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) if bytes != [0; 32] => Finding::well("random", "the system gives random bytes"),
        _ => Finding::wrong(
            "random",
            "the system gives no random bytes",
            "wait until it has booted, or give it a source",
        ),
    }
}

fn confinement(wanted: Confinement, kernel: sandbox::Kernel) -> Finding {
    const CHECK: &str = "sandbox";
    if wanted == Confinement::Off {
        return Finding::wrong(CHECK, "`sandbox: off`", "leave the key out");
    }
    let parts = [("files", kernel.files), ("TCP ports", kernel.ports), ("signals", kernel.signals)];
    let list =
        |has: bool| parts.iter().filter(|(_, can)| *can == has).map(|(part, _)| *part).collect::<Vec<_>>().join(", ");
    match (kernel.files, list(false)) {
        (true, lacks) if lacks.is_empty() => Finding::well(CHECK, format!("the kernel can confine {}", list(true))),
        (true, lacks) => {
            let what = format!("the kernel can confine {}, and not {lacks}", list(true));
            Finding::unknown(CHECK, what, "Linux 6.7 confines ports, 6.12 signals")
        }
        (false, _) => Finding::wrong(
            CHECK,
            "the kernel has no Landlock: files and ports are not confined",
            "Linux 5.13 or later, with `landlock` in the kernel's parameter `lsm=`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::doctor::State;
    use crate::policy::testing;

    #[test]
    fn a_low_limit_is_wrong_and_says_which_is_right() {
        let policy = testing::policy(Vec::new());
        let wanted = policy.gate.connections.max as u64 * 2 + 256;
        let low = open_files(&policy, Some(wanted - 1));
        assert_eq!(low.state, State::Wrong);
        assert!(low.advice.is_some_and(|advice| advice.contains(&format!("LimitNOFILE={wanted}"))));
        assert_eq!(open_files(&policy, Some(wanted)).state, State::Well);
        assert_eq!(open_files(&policy, None).state, State::Well);
    }

    #[test]
    fn what_the_kernel_lacks_is_named() {
        let kernel = |files, ports, signals| sandbox::Kernel { files, ports, signals };
        let state = |kernel| confinement(Confinement::BestEffort, kernel).state;
        assert_eq!(state(kernel(true, true, true)), State::Well);
        assert_eq!(state(kernel(true, true, false)), State::Unknown);
        assert_eq!(state(kernel(false, false, false)), State::Wrong);
        assert_eq!(confinement(Confinement::Off, kernel(true, true, true)).state, State::Wrong);
    }
}
