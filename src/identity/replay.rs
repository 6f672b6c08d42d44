//! Proofs that were seen. Each is good once; the memory of them is bounded, and full is a refusal, not a forgetting.

use std::collections::HashSet;

use parking_lot::Mutex;

use super::IdentityRefusal;

/// Proofs of one generation: some 3 MiB, and a thousand requests a second for as long as a generation lasts.
const MAX_PROOFS: usize = 100_000;

/// Proofs that were seen lately. Shared by the workers, and older than any policy: a reload forgets nothing.
#[derive(Default)]
pub(super) struct Replays(Mutex<Seen>);

/// Two generations: a proof is remembered for at least as long as one of them lasts.
#[derive(Default)]
struct Seen {
    began: u64,
    current: Generation,
    previous: Generation,
    /// No proof that was made at this second or before can be told from one that was forgotten.
    forgotten: u64,
}

#[derive(Default)]
struct Generation {
    proofs: HashSet<[u8; 32]>,
    newest: u64,
}

impl Replays {
    /// Takes a proof by its digest, made at `made`, if it is seen for the first time. `span` is how many seconds a proof
    /// can be good, clocks' differences included.
    pub fn take(&self, proof: [u8; 32], made: u64, now: u64, span: u64) -> Result<(), IdentityRefusal> {
        let mut seen = self.0.lock();
        seen.turn(now, span);
        if made <= seen.forgotten {
            // The clock was set back: this proof may be one that was used, and forgotten since.
            return Err(IdentityRefusal::DpopTime);
        }
        if seen.current.proofs.contains(&proof) || seen.previous.proofs.contains(&proof) {
            return Err(IdentityRefusal::DpopReplayed);
        }
        if seen.current.proofs.len() >= MAX_PROOFS {
            return Err(IdentityRefusal::DpopReplaysFull);
        }
        seen.current.proofs.insert(proof);
        seen.current.newest = seen.current.newest.max(made);
        Ok(())
    }
}

impl Seen {
    /// Begins another generation once the current one has lasted for `span`.
    fn turn(&mut self, now: u64, span: u64) {
        if now < self.began.saturating_add(span) {
            return;
        }
        let old = std::mem::replace(&mut self.previous, std::mem::take(&mut self.current));
        self.forgotten = self.forgotten.max(old.newest);
        if now >= self.began.saturating_add(2 * span) {
            // Nothing came for a whole generation: what is left is as old.
            self.forgotten = self.forgotten.max(std::mem::take(&mut self.previous).newest);
        }
        self.began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: u64 = 90;

    fn proof(number: usize) -> [u8; 32] {
        let mut proof = [0; 32];
        proof[..8].copy_from_slice(&number.to_le_bytes());
        proof
    }

    #[test]
    fn a_proof_is_good_once_for_as_long_as_it_could_be_good() {
        let replays = Replays::default();
        for start in [1_000_000, 1_000_089, 1_000_200] {
            assert_eq!(replays.take(proof(1 + start), start as u64, start as u64, SPAN), Ok(()));
            for later in [0, 1, 45, 89] {
                let again = replays.take(proof(1 + start), start as u64, start as u64 + later, SPAN);
                assert_eq!(again, Err(IdentityRefusal::DpopReplayed), "{start} and {later}");
            }
        }
    }

    #[test]
    fn a_clock_set_back_does_not_bring_forgotten_proofs_to_life() {
        let replays = Replays::default();
        assert_eq!(replays.take(proof(1), 1000, 1000, SPAN), Ok(()));
        assert_eq!(replays.take(proof(2), 1500, 1500, SPAN), Ok(()));
        assert_eq!(replays.take(proof(1), 1000, 1000, SPAN), Err(IdentityRefusal::DpopTime));
        assert_eq!(replays.take(proof(3), 1001, 1001, SPAN), Ok(()), "made after everything that was forgotten");
    }

    #[test]
    fn a_full_memory_refuses_and_recovers() {
        let replays = Replays::default();
        for number in 0..MAX_PROOFS {
            assert_eq!(replays.take(proof(number), 1000, 1000, SPAN), Ok(()));
        }
        assert_eq!(replays.take(proof(MAX_PROOFS), 1000, 1000, SPAN), Err(IdentityRefusal::DpopReplaysFull));
        assert_eq!(replays.take(proof(7), 1000, 1000, SPAN), Err(IdentityRefusal::DpopReplayed));
        assert_eq!(replays.take(proof(MAX_PROOFS), 1090, 1090, SPAN), Ok(()));
    }
}
