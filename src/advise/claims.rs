//! What a protocol promises against what a deployment requires.

use mpclab_scenarios::Required;
use mpclab_sim::vocabulary::{
    AbortKind, AdversaryKind, Claims, OutputGuarantee, RoleClaim, SecurityLevel, Synchrony,
};

/// Why these claims do not meet what is required among `n` computing parties; `bound_ns` is the
/// bound on delays that the deployment's network keeps, `has_ideals` whether the protocol runs
/// beside ideal functionalities, whatever it says of its set-up. Empty if they do.
pub(super) fn shortfalls(
    (claims, roles, has_ideals): (&Claims, &[RoleClaim], bool),
    required: &Required,
    level: SecurityLevel,
    n: usize,
    bound_ns: Option<u64>,
) -> Vec<String> {
    let mut why = Vec::new();
    if !withstands(claims.adversary, required.adversary) {
        let (claimed, wanted) = (claims.adversary.to_string(), required.adversary.to_string());
        why.push(format!("it withstands {claimed} adversaries, the threat is {wanted}"));
    }
    if required.adaptive {
        why.push("its claims hold for parties that are corrupted before the run".to_owned());
    }
    let most = RoleClaim::whoever(roles, claims.threshold.max_corrupted(n));
    if most < required.corruptions {
        let wanted = required.corruptions;
        why.push(format!("it withstands {most} of {n} corrupted, the threat is {wanted}"));
    }
    if claims.output < required.output {
        let (claimed, wanted) = (output(claims.output), output(required.output));
        why.push(format!("it promises {claimed}, required is {wanted}"));
    }
    let may_abort = claims.output != OutputGuarantee::Guaranteed;
    if may_abort && required.abort == AbortKind::Unanimous && claims.abort == AbortKind::Selective {
        why.push("only some may learn of an abort, all have to".to_owned());
    }
    for (kind, has, wanted) in [
        ("statistical", claims.security.statistical(), level.statistical),
        ("computational", claims.security.computational(), level.computational),
    ] {
        if let Some(has) = has.filter(|has| *has < wanted) {
            why.push(format!("it reaches {has} bits of {kind} security, required are {wanted}"));
        }
    }
    if (has_ideals || claims.setup.is_unpriced()) && !required.accepts_unpriced {
        why.push(
            "it needs a dealer or correlated randomness that has no price \
             (`unpriced_setup: accept` lists it apart)"
                .to_owned(),
        );
    }
    match (claims.network, bound_ns) {
        (Synchrony::Synchronous { .. }, None) => {
            why.push("it needs a bound on delays, and `synchrony` gives none".to_owned());
        }
        (Synchrony::Synchronous { delta_ns }, Some(bound_ns)) if bound_ns > delta_ns => {
            why.push(format!("it needs delays below {delta_ns} ns, the bound is {bound_ns} ns"));
        }
        _ => {}
    }
    why
}

const NEGLIGIBLE: f64 = 1e-9;

fn withstands(claimed: AdversaryKind, required: AdversaryKind) -> bool {
    match (claimed, required) {
        (AdversaryKind::Malicious, _) | (_, AdversaryKind::SemiHonest) => true,
        // A claim of one half is less by what statistical security leaves.
        (AdversaryKind::Covert(claimed), AdversaryKind::Covert(required)) => {
            claimed + NEGLIGIBLE >= required
        }
        _ => false,
    }
}

/// What honest parties get, in words.
pub(super) fn output(guarantee: OutputGuarantee) -> &'static str {
    match guarantee {
        OutputGuarantee::Abort => "the output or an abort",
        OutputGuarantee::IdentifiableAbort => "the output or an abort that names a cheater",
        OutputGuarantee::Fairness => "fairness",
        OutputGuarantee::Guaranteed => "guaranteed output",
    }
}

/// Who learns of an abort, in words.
pub(super) fn abort(kind: AbortKind) -> &'static str {
    match kind {
        AbortKind::Selective => "selective",
        AbortKind::Unanimous => "unanimous",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpclab_sim::vocabulary::{Security, Setup, Threshold};

    const CLAIMS: Claims = Claims {
        adversary: AdversaryKind::Malicious,
        threshold: Threshold::BelowHalf,
        output: OutputGuarantee::Abort,
        abort: AbortKind::Selective,
        security: Security::Statistical { sigma: 40 },
        setup: Setup::None,
        network: Synchrony::Eventual,
    };

    const REQUIRED: Required = Required {
        adversary: AdversaryKind::Malicious,
        corruptions: 2,
        adaptive: false,
        output: OutputGuarantee::Abort,
        abort: AbortKind::Selective,
        accepts_unpriced: false,
        deadline: None,
        budget_nusd: None,
    };

    fn why(claims: Claims, required: &Required, n: usize) -> Vec<String> {
        shortfalls((&claims, &[], false), required, SecurityLevel::default(), n, None)
    }

    #[test]
    fn claims_that_meet_all_have_no_shortfall() {
        assert_eq!(why(CLAIMS, &REQUIRED, 5), Vec::<String>::new());
    }

    #[test]
    fn each_requirement_alone_can_rule_out() {
        let one = |claims, required: Required, n| {
            let found = why(claims, &required, n);
            assert_eq!(found.len(), 1, "{found:?}");
            found[0].clone()
        };
        let weaker = Claims { adversary: AdversaryKind::Covert(0.5), ..CLAIMS };
        assert!(one(weaker, REQUIRED, 5).contains("covert (0.5)"));
        assert_eq!(one(CLAIMS, REQUIRED, 4), "it withstands 1 of 4 corrupted, the threat is 2");
        let fair = Required { output: OutputGuarantee::Fairness, ..REQUIRED };
        assert!(one(CLAIMS, fair, 5).contains("required is fairness"));
        let unanimous = Required { abort: AbortKind::Unanimous, ..REQUIRED };
        assert!(one(CLAIMS, unanimous, 5).contains("abort"));
        assert!(one(CLAIMS, Required { adaptive: true, ..REQUIRED }, 5).contains("before"));
        let sigma = Claims { security: Security::Statistical { sigma: 30 }, ..CLAIMS };
        assert!(one(sigma, REQUIRED, 5).contains("30 bits"));
        let both = Claims { security: Security::Both { sigma: 40, kappa: 80 }, ..CLAIMS };
        assert!(one(both, REQUIRED, 5).contains("80 bits of computational"));
        let dealer = Claims { setup: Setup::TrustedDealer, ..CLAIMS };
        assert!(one(dealer, REQUIRED, 5).contains("no price"));
        let bound = Claims { network: Synchrony::Synchronous { delta_ns: 5 }, ..CLAIMS };
        assert!(one(bound, REQUIRED, 5).contains("synchrony"));
        let required = Required { accepts_unpriced: true, ..REQUIRED };
        assert!(why(dealer, &required, 5).is_empty(), "it may be accepted");
        let hidden = shortfalls((&CLAIMS, &[], true), &REQUIRED, SecurityLevel::default(), 5, None);
        assert!(hidden.len() == 1 && hidden[0].contains("no price"), "{hidden:?}");
    }
}
