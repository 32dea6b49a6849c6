use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{PrimeField, slices};
use crate::engine::cost::{Flow, Step};

/// The party that opens for all, where values are opened by a star.
pub const KING: PartyId = PartyId(0);

/// How values are opened to all of `n` computing parties, by so many whose shares suffice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OpeningName {
    /// Shares go to the first party, who tells all what the value is: `openers - 1 + n - 1` elements,
    /// two rounds.
    Star,
    /// Shares go to everyone: `openers (n - 1)` elements, one round.
    #[default]
    Direct,
}

impl OpeningName {
    /// What opening so many bytes costs.
    pub(crate) fn flow(self, n: usize, openers: usize, element: u64) -> Flow {
        let flow = |elements: usize, step| Flow::new(elements as u64 * element, step, 1);
        match self {
            OpeningName::Direct => flow(openers * (n - 1), Step::First(openers)),
            OpeningName::Star => {
                let told = flow(n - 1, Step::FromOne(KING));
                flow(openers - 1, Step::ToOne(openers, KING)).then(told)
            }
        }
    }

    /// Whether it is what is taken where nothing is said.
    pub(crate) fn is_default(&self) -> bool {
        *self == OpeningName::default()
    }

    /// Opens additive shares that nobody needs any more, of all computing parties to all of them:
    /// their vector becomes that of the values.
    ///
    /// # Errors
    /// If one of them says something that is no share.
    pub(crate) async fn open<F: PrimeField>(
        self,
        ctx: &Ctx,
        roles: &Roles,
        mut shares: Vec<F>,
    ) -> Result<Vec<F>, Abort> {
        let (len, all) = (shares.len(), roles.computing());
        match self {
            OpeningName::Direct => ctx.send_to(all.clone(), &shares),
            OpeningName::Star if ctx.id() != KING => {
                ctx.send(KING, &shares);
                return ctx.recv(KING, len).await;
            }
            OpeningName::Star => {}
        }
        for (_, share) in ctx.gather_from::<Vec<F>>(all.clone(), len).await? {
            slices::add_assign(&mut shares, &share);
        }
        if self == OpeningName::Star {
            ctx.send_to(all, &shares);
        }
        Ok(shares)
    }
}
