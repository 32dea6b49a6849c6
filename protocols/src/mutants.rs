//! Flaws that tests put into protocols, one at a time, to see which of them a battery notices.
//!
//! A mutant is a step done wrongly: left out, checked by nobody, masked too narrowly. The step asks
//! `is` where it stands. Without the feature `mutants` that is the constant `false`, so only test
//! builds can do a step wrongly. With it there is one switch for the whole process, as runs of a
//! battery are spread over threads.
//!
//! Each protocol lists its mutants beside its known attacks; those of shared engines are listed by
//! every protocol that runs their code. What two run alike is listed by one where runs are long:
//! silent transfers by `gmw` and, against malicious parties, by `tinyot`; commitments of `wrk` by
//! `tinyot`.

#[cfg(feature = "mutants")]
pub(crate) use switch::is;
#[cfg(feature = "mutants")]
pub use switch::{Kind, Mutant, corpus, with};

/// Whether a step is to be done as this mutant does it.
#[cfg(not(feature = "mutants"))]
#[inline(always)]
pub(crate) const fn is(_: &str) -> bool {
    false
}

/// Bits of a statistical mask, beyond those that it hides.
#[inline]
pub(crate) fn sigma(claimed: u32) -> u32 {
    let narrow = [("masks/sigma-4", 4), ("masks/sigma-8", 8), ("masks/sigma-12", 12)];
    let narrow = narrow.into_iter().find(|(name, _)| is(name));
    narrow.map_or(claimed, |(_, bits)| claimed.min(bits))
}

#[cfg(feature = "mutants")]
mod switch {
    use std::fmt;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{Mutex, PoisonError};

    use crate::{
        additive, bmr, coin_toss, dn07, gmw, oblivious_transfer, rep3, rep3_ps, semi, shamir, spdz,
        tinyot, wrk, yao, yao_covert, yao_cut_and_choose,
    };

    /// What kind of flaw a mutant is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Kind {
        /// A step is left out.
        Dropped,
        /// A check is not made, or nobody heeds what it finds.
        Unchecked,
        /// Steps come in another order: shown first, checked later.
        Order,
        /// A challenge or coefficient that can be known, or that is the same for all.
        Challenge,
        /// A mask, coefficient or key that is drawn from too few values.
        Narrow,
        /// A mask, coefficient or key that is no secret.
        Unmasked,
        /// Randomness that is used again.
        Reused,
        /// A message that goes to one who should not have it.
        Overheard,
        /// What is not bound to identity, session or content.
        Unbound,
    }

    impl fmt::Display for Kind {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                Kind::Dropped => "step dropped",
                Kind::Unchecked => "check skipped",
                Kind::Order => "order swapped",
                Kind::Challenge => "challenge known",
                Kind::Narrow => "drawn too narrowly",
                Kind::Unmasked => "mask removed",
                Kind::Reused => "randomness reused",
                Kind::Overheard => "told to too many",
                Kind::Unbound => "not bound",
            })
        }
    }

    /// One flaw.
    #[derive(Clone, Copy, Debug)]
    pub struct Mutant {
        /// Name of the switch; unique in the crate.
        pub name: &'static str,
        /// What kind of flaw it is.
        pub kind: Kind,
        /// The step that it changes.
        pub step: &'static str,
        /// What is done instead.
        pub what: &'static str,
    }

    impl Mutant {
        pub(crate) const fn new(
            name: &'static str,
            kind: Kind,
            step: &'static str,
            what: &'static str,
        ) -> Self {
            Mutant { name, kind, step, what }
        }
    }

    /// The mutants of every protocol of this crate, those of shared engines among them.
    #[must_use]
    pub fn corpus() -> Vec<(&'static str, Vec<Mutant>)> {
        vec![
            ("additive", additive::mutants::all()),
            ("bmr", bmr::mutants::all()),
            ("coin_toss", coin_toss::mutants::all()),
            ("dn07", dn07::mutants::all()),
            ("gmw", gmw::mutants::all()),
            ("oblivious_transfer", oblivious_transfer::mutants::all()),
            ("rep3", rep3::mutants::all()),
            ("rep3_ps", rep3_ps::mutants::all()),
            ("semi", semi::mutants::all()),
            ("shamir", shamir::mutants::all()),
            ("spdz", spdz::mutants::all()),
            ("tinyot", tinyot::mutants::all()),
            ("wrk", wrk::mutants::all()),
            ("yao", yao::mutants::all()),
            ("yao_covert", yao_covert::mutants::all()),
            ("yao_cut_and_choose", yao_cut_and_choose::mutants::all()),
        ]
    }

    /// Who holds the switch: one at a time.
    static HOLDER: Mutex<()> = Mutex::new(());
    /// The mutant that is on, by its hash; 0 if none is.
    static ACTIVE: AtomicU64 = AtomicU64::new(0);
    /// Whether a step was done as it says.
    static REACHED: AtomicBool = AtomicBool::new(false);

    /// Runs something with this mutant switched on in the whole process, or with none; also returns
    /// whether any step asked for it. Others who want the switch wait.
    pub fn with<T>(name: Option<&str>, run: impl FnOnce() -> T) -> (T, bool) {
        let _holder = HOLDER.lock().unwrap_or_else(PoisonError::into_inner);
        REACHED.store(false, Ordering::SeqCst);
        ACTIVE.store(name.map_or(0, hash), Ordering::SeqCst);
        let off = Off;
        let done = run();
        drop(off);
        (done, REACHED.load(Ordering::SeqCst))
    }

    /// Switches everything off, also where a run panics.
    struct Off;

    impl Drop for Off {
        fn drop(&mut self) {
            ACTIVE.store(0, Ordering::SeqCst);
        }
    }

    /// Whether a step is to be done as this mutant does it.
    #[inline]
    pub(crate) fn is(name: &str) -> bool {
        let active = ACTIVE.load(Ordering::Relaxed);
        if active == 0 || active != hash(name) {
            return false;
        }
        REACHED.store(true, Ordering::Relaxed);
        true
    }

    /// FNV-1a: steps of inner loops compare numbers, not names.
    const fn hash(name: &str) -> u64 {
        let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325_u64, 0);
        let bytes = name.as_bytes();
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        hash
    }
}
