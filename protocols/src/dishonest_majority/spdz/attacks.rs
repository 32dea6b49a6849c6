//! Known attacks on openings, MACs, commitments and the dealer's triples.
//!
//! What would use a MAC key twice (`mac_key_reuse_after_abort`) is a matter of state: the key is
//! erased when a check fails (`key`), and whoever uses it then has a bug. A corrupted dealer is out
//! of scope; here a corrupted party claims to have got something else from it.

use mpclab_sim::adversary::{Action, Decision, Departing, ElementChange};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Algebra;
use rand::Rng;

use crate::attack::{
    Attack, Expected, Plan, Setting, add_one, input_substitution, last_mover_abort, last_products,
    out_of_range_input, wrong_output_share,
};

const PRODUCTS: [&str; 2] = ["online/mul[*", "online/dot[*"];

pub(super) fn all() -> Vec<Attack> {
    let caught =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::Caught);
    vec![
        caught(
            "mac-tamper-open",
            "opens the differences of a multiplication with an error, and leaves their MACs",
            "Damgard, Pastro, Smart, Zakarias, CRYPTO 2012 (mac_tamper_open)",
            Plan::rules(PRODUCTS.map(|scope| (scope, add_one()))),
        ),
        forged_mac(),
        caught(
            "bad-triple",
            "goes on with a share of a triple that is wrong by 1, and leaves its MAC",
            "Damgard et al., CRYPTO 2012; Keller, Orsini, Scholl, CCS 2016 (bad_triple)",
            Plan::adaptive(false, |setting| shifted_triple(setting, Some(0))),
        ),
        caught(
            "reused-triple",
            "goes on with its shares of a triple that was used before",
            "Beaver, CRYPTO 1991 (reused_triple)",
            Plan::adaptive(false, reused_triple),
        ),
        caught(
            "commitment-copy",
            "repeats another party's commitments in a MAC check, and later their openings",
            "aicis/fresco issue 432 (commitment_copy, input_copy)",
            Plan::rules(
                ["*/coins/commit", "*/coins/open", "*/sigma/commit", "*/sigma/open"]
                    .map(|scope| (scope, Action::Echo)),
            )
            .rushing(),
        ),
        caught(
            "coin-error",
            "opens another seed of the coefficients than it has committed to, after all others",
            "Blum, CRYPTO 1981; Damgard et al., ESORICS 2013 (equivocate)",
            Plan::rule("*/coins/open", add_one()).rushing(),
        ),
        caught(
            "stalled-check",
            "tampers with an opening, learns the honest sigmas of the check that would fail, and \
             never ends it: the key that they tell is worth nothing unless another check goes on",
            "Rushing at SPDZ, IACR ePrint 2025/789 (mac_check_interleave)",
            Plan::rules([
                (PRODUCTS[0], add_one()),
                (PRODUCTS[1], add_one()),
                ("*/before/sigma/open", Action::Drop),
            ])
            .rushing(),
        ),
        caught(
            "input-equivocation",
            "broadcasts to each honest party another offset of its input",
            "Bracha, Information and Computation 1987; Goldwasser, Lindell, J. Cryptology 2005 \
             (equivocate, inconsistent_deal)",
            Plan::rule("online/input", Action::Equivocate),
        )
        .on_honest(2),
        wrong_output_share("online/output", Expected::Caught),
        input_substitution(),
        out_of_range_input(Expected::Withstood),
        last_mover_abort(),
    ]
}

/// The best attack there is: it succeeds for one key, or one coefficient.
pub(super) fn forged_mac() -> Attack {
    Attack::new(
        "mac-forge-guess",
        "shifts its share of the last product by 1, and its MAC's by a guess of the key",
        "Damgard, Pastro, Smart, Zakarias, CRYPTO 2012 (mac_forge_guess)",
        Plan::adaptive(false, |setting| shifted_triple(setting, None)),
        Expected::Caught,
    )
}

/// One corrupted party takes `c + 1` for its share of the product of the last batch's first triple,
/// and shifts its MAC by this, or by a guess of the key.
fn shifted_triple(
    setting: &Setting,
    shift_of_mac: Option<u128>,
) -> impl FnMut(&Departing<'_>) -> Option<(Decision, String)> + Send + use<> {
    let scope = last_products(&setting.job).map(|at| format!("offline/batch[{at}]"));
    let cheater = setting.corrupted.first().copied();
    let mut rng = setting.seed.rng("guess", PartyId(0));
    move |message| {
        let field = message.fields.first().filter(|field| field.count > C)?;
        if scope.as_deref() != Some(message.scope) || cheater != Some(message.to) {
            return None;
        }
        let Algebra::Prime(p) = field.algebra else { return None };
        let mut wide = [0; 16];
        rng.fill_bytes(&mut wide);
        let guess = u128::from_le_bytes(wide) % p;
        let by = shift_of_mac.unwrap_or(guess);
        let mut body = message.body.to_vec();
        // Values come first, then their MACs.
        for (index, by) in [(C, 1), (field.count / 2 + C, by)] {
            ElementChange::Add(by).apply(field, &mut body, index, &mut rng);
        }
        Some((Decision::Replace(body), format!("takes c + 1 for c, and {by} more for its MAC")))
    }
}

/// Place of `c` in a triple.
const C: usize = 2;

/// What came for an earlier batch goes in the place of what comes for one of the same size.
fn reused_triple(
    setting: &Setting,
) -> impl FnMut(&Departing<'_>) -> Option<(Decision, String)> + Send + use<> {
    let cheater = setting.corrupted.first().copied();
    let mut earlier: Option<Vec<u8>> = None;
    move |message| {
        let is_triple = message.scope.starts_with("offline/batch[") && cheater == Some(message.to);
        let body = message.body.to_vec();
        match &earlier {
            _ if !is_triple => None,
            Some(used) if used.len() == body.len() => {
                Some((Decision::Replace(used.clone()), "takes a triple once more".to_owned()))
            }
            _ => {
                earlier = Some(body);
                None
            }
        }
    }
}
