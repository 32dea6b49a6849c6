//! Known attacks: errors in products, in what is sacrificed for them, and in every step that checks
//! them. Only errors that fit the challenge pass, and it is drawn when they are fixed.

use mpclab_sim::adversary::{Decision, Departing, ElementChange};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Algebra;
use rand::Rng;

use super::verify::low_bits;
use crate::attack::{
    Attack, Expected, Plan, Setting, add_one, add_one_at, input_substitution, last_mover_abort,
    last_products, out_of_range_input,
};
use crate::engine;
use crate::program;
use crate::protocol::Job;

const RESHARES: [&str; 2] = ["online/mul[*", "online/dot[*"];
const LINDELL_NOF: &str = "Lindell, Nof, CCS 2017, functionality 3.4 (replicated_inconsistent)";
const REVEAL: &str = "private-attribution/ipa, reveal tests (replicated_reveal_mismatch)";

pub(super) fn all() -> Vec<Attack> {
    let caught =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::Caught);
    vec![
        caught(
            "product-error",
            "shifts a product, and not what is sacrificed for it",
            "Genkin et al., STOC 2014 (additive_mult_error); Araki et al., IEEE S&P 2017 \
             (replicated_inconsistent)",
            Plan::rules(RESHARES.map(|scope| (scope, add_one_at(0)))),
        ),
        caught(
            "sacrifice-error",
            "shifts what is sacrificed, and not the product",
            LINDELL_NOF,
            Plan::adaptive(false, |setting| {
                errors(setting, Errors { product: 0, sacrifice: Some(1) })
            }),
        ),
        guessed_challenge(),
        caught(
            "constant-errors",
            "shifts all that it reshares by the same",
            LINDELL_NOF,
            Plan::rules(RESHARES.map(|scope| (scope, add_one()))),
        ),
        caught(
            "coin-error",
            "opens another string to the challenge than its key gives, after it has seen the others",
            "Blum, CRYPTO 1981; Lindell, Nof, CCS 2017 (equivocate)",
            Plan::rule("*/coin", add_one()).rushing(),
        ),
        caught(
            "opening-mismatch",
            "opens its part of rho with an error; the other holder's hash does not fit",
            REVEAL,
            Plan::rule("*/rho", add_one()),
        ),
        caught(
            "false-accusation",
            "says that the checked values are not zero",
            "Lindell, Nof, CCS 2017 (crash_at_round_r)",
            Plan::rule("*/zero", add_one()),
        ),
        caught(
            "reveal-mismatch",
            "opens its part of the outputs with an error; the other holder's hash does not fit",
            REVEAL,
            Plan::rule("online/output*/open", add_one()),
        ),
        caught(
            "wrong-key",
            "hands out another key than it uses, so that zero sharings do not add up to zero",
            "Araki et al., CCS 2016, section 2.2 (replicated_inconsistent)",
            Plan::rule("setup", add_one()),
        ),
        input_substitution(),
        out_of_range_input(Expected::Caught),
        last_mover_abort(),
    ]
}

/// The best attack there is: it succeeds for one challenge.
pub(super) fn guessed_challenge() -> Attack {
    Attack::new(
        "guessed-challenge",
        "shifts the last product by 1, and what is sacrificed for it by a guess of the challenge",
        LINDELL_NOF,
        Plan::adaptive(false, |setting| errors(setting, Errors { product: 1, sacrifice: None })),
        Expected::Caught,
    )
}

/// Errors in the first product of the last batch.
#[derive(Clone, Copy)]
struct Errors {
    product: u128,
    /// `None`: a guess of the challenge.
    sacrifice: Option<u128>,
}

/// Half of what is reshared is products, the other half is sacrificed. Where the product is an
/// output, its share goes into the opening with the same error: the other holder's hash fits then.
fn errors(
    setting: &Setting,
    errors: Errors,
) -> impl FnMut(&Departing<'_>) -> Option<(Decision, String)> + Send + use<> {
    let scope = scope_of_last(&setting.job);
    let corrupted = setting.corrupted.clone();
    let sigma = setting.job.security.statistical;
    let mut rng = setting.seed.rng("guess", PartyId(0));
    let mut guess = [0; 16];
    rng.fill_bytes(&mut guess);
    let guess = u128::from_le_bytes(guess);
    move |message| {
        let is_own = corrupted.contains(&message.from);
        let field = message.fields.first().filter(|field| is_own && field.count > 0)?;
        let guess = match field.algebra {
            Algebra::Prime(p) => guess % p,
            Algebra::Ring { .. } => low_bits(guess, sigma),
            Algebra::Bytes | Algebra::Bits => return None,
        };
        let sacrifice = errors.sacrifice.unwrap_or(guess);
        let mut body = message.body.to_vec();
        let mut add = |index, by| ElementChange::Add(by).apply(field, &mut body, index, &mut rng);
        let what = if scope.as_deref() == Some(message.scope) {
            add(0, errors.product);
            add(field.count / 2, sacrifice);
            format!("adds {} to a product and {sacrifice} to its sacrifice", errors.product)
        } else if message.scope == "online/output/open" && errors.product != 0 {
            add(0, errors.product);
            format!("opens the product with {} more", errors.product)
        } else {
            return None;
        };
        Some((Decision::Replace(body), what))
    }
}

/// Scope of the last batch of products.
fn scope_of_last(job: &Job) -> Option<String> {
    let at = last_products(job)?;
    let kind = program::to_numbers(job.program().ok()?).ok()?.schedule().batches.get(at)?.kind;
    Some(format!("online/{}[{at}]", engine::scope_name(kind)))
}
