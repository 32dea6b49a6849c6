use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, Secret};
use zeroize::Zeroize;

use crate::algebra::{PrimeField, slices};

/// A party's additive share of the MAC key; erased when it is dropped.
///
/// It is erased as soon as a check fails: what a cheater learns from a second check with one key
/// would help it to forge (Rushing at SPDZ, IACR ePrint 2025/789). Whoever uses it then has a bug.
pub(super) struct MacKey<F: PrimeField> {
    share: Option<F>,
    /// Alive as long as the share is, for whoever checks that it was erased.
    alive: Option<Secret>,
}

impl<F: PrimeField> MacKey<F> {
    /// No key: the dealer's has not come yet.
    pub(super) fn none() -> Self {
        MacKey { share: None, alive: None }
    }

    pub(super) fn new(share: F) -> Self {
        MacKey { share: Some(share), alive: None }
    }

    /// Whoever aborts while it is still there breaks an invariant.
    pub(super) fn watched(mut self, ctx: &Ctx) -> Self {
        self.alive = Some(ctx.secret("MAC key"));
        self
    }

    /// Shares of the MACs of public values: this share times each.
    ///
    /// # Errors
    /// `Bug` if there is no key, or no longer.
    pub(super) fn times(&self, values: &[F]) -> Result<Vec<F>, Abort> {
        self.with(|share| slices::scale(values, share))
    }

    /// What follows from the share.
    ///
    /// # Errors
    /// `Bug` if there is no key, or no longer.
    pub(super) fn with<T>(&self, follows: impl FnOnce(F) -> T) -> Result<T, Abort> {
        match self.share {
            Some(share) => Ok(follows(share)),
            None => Err(Abort::Bug("the MAC key is used without being there".to_owned())),
        }
    }

    /// Overwrites the key, for good.
    pub(super) fn erase(&mut self) {
        self.share.zeroize();
        self.alive = None;
    }
}

impl<F: PrimeField> Drop for MacKey<F> {
    fn drop(&mut self) {
        self.erase();
    }
}
