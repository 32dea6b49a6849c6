//! A made-up battery with every kind of cell.

use mpclab_reports::battery::{
    ActPlace, Battery, Counts, Evidence, Family, GridCell, Judgement, PrivacyRow, ProtocolRow,
    SCHEMA, SoundnessCurve, SoundnessPoint,
};
use mpclab_sim::vocabulary::{
    AbortKind, AdversaryKind, Claims, Guarantee, Observed, OutputGuarantee, PartyId, Security,
    Setup, Synchrony, Threshold,
};

const SEMI_HONEST: Claims = Claims {
    adversary: AdversaryKind::SemiHonest,
    threshold: Threshold::Exact(1),
    output: OutputGuarantee::Abort,
    abort: AbortKind::Selective,
    security: Security::Perfect,
    setup: Setup::None,
    network: Synchrony::Eventual,
};

const MALICIOUS: Claims = Claims {
    adversary: AdversaryKind::Malicious,
    security: Security::Statistical { sigma: 40 },
    ..SEMI_HONEST
};

/// A semi-honest protocol that breaks where it claims nothing, and a malicious one that breaks
/// where it claims much.
pub(crate) fn battery() -> Battery {
    Battery {
        schema: SCHEMA,
        model: 1,
        version: "0.1.0".to_owned(),
        scenario: "product".to_owned(),
        about: "What does a corrupted server do to a product of honest inputs?".to_owned(),
        seed: u64::MAX,
        function: "product".to_owned(),
        alpha: 1e-6,
        rows: vec![rep3(), rep3_ps()],
        privacy: tests(),
        soundness: vec![curve()],
        notes: vec!["rep3_ps: single faults on every third message only".to_owned()],
    }
}

fn rep3() -> ProtocolRow {
    let held = counts([3, 0, 3, 0, 0], 0);
    let faults = counts([340, 28, 0, 312, 0], 0);
    let correctness = Guarantee::Correctness;
    let mut swept =
        cell(Family::SingleFault, "single-fault sweep", correctness, (false, Observed::Broken));
    (swept.counts, swept.evidence) = (faults, vec![evidence()]);
    let mut agreement = cell(
        Family::SingleFault,
        "single-fault sweep",
        Guarantee::Agreement,
        (false, Observed::Held),
    );
    agreement.counts = counts([340, 28, 312, 0, 0], 0);
    let honest = |guarantee| GridCell {
        counts: held,
        ..cell(Family::Honest, "honest", guarantee, (true, Observed::Held))
    };
    ProtocolRow {
        protocol: "rep3".to_owned(),
        claims: SEMI_HONEST,
        n: 3,
        t: 1,
        roles: Vec::new(),
        coalitions: 3,
        coalitions_in_all: Some(3),
        cases: 343,
        cells: vec![
            honest(correctness),
            honest(Guarantee::Agreement),
            honest(Guarantee::DeclaredCost),
            swept,
            agreement,
        ],
    }
}

fn rep3_ps() -> ProtocolRow {
    let with = |family, attack, guarantee, verdict, counts| GridCell {
        counts,
        ..cell(family, attack, guarantee, verdict)
    };
    let (held, broken) = ((true, Observed::Held), (true, Observed::Broken));
    let tested = Observed::NotRefuted { samples: 10_000, test: "chi-square".into(), alpha: 1e-6 };
    let mut violated = with(
        Family::Known,
        "king equivocation in the last opening before the output",
        Guarantee::Correctness,
        broken.clone(),
        counts([40, 0, 37, 3, 0], 0),
    );
    violated.evidence = vec![evidence(), Evidence { at: None, coalition: vec![], ..evidence() }];
    let mut undecided = with(
        Family::Malformed,
        "malformed bytes",
        Guarantee::Correctness,
        (true, Observed::Inconclusive),
        counts([6, 0, 0, 0, 6], 0),
    );
    undecided.reason = "no input of the coalition can be extracted".to_owned();
    ProtocolRow {
        protocol: "rep3_ps".to_owned(),
        claims: MALICIOUS,
        n: 3,
        t: 1,
        roles: Vec::new(),
        coalitions: 2,
        coalitions_in_all: Some(3),
        cases: 1_234,
        cells: vec![
            undecided,
            violated,
            with(
                Family::SingleFault,
                "single-fault sweep",
                Guarantee::Correctness,
                held.clone(),
                counts([120, 8, 112, 0, 0], 9),
            ),
            with(
                Family::SingleFault,
                "single-fault sweep",
                Guarantee::Agreement,
                held.clone(),
                counts([120, 8, 112, 0, 0], 0),
            ),
            with(
                Family::Network,
                "network faults",
                Guarantee::Agreement,
                held,
                counts([5, 5, 0, 0, 0], 0),
            ),
            with(
                Family::Privacy,
                "joint chi-square",
                Guarantee::Privacy,
                (true, tested),
                counts([1, 0, 1, 0, 0], 0),
            ),
            with(
                Family::Privacy,
                "linear distinguisher",
                Guarantee::Privacy,
                broken.clone(),
                counts([1, 0, 0, 1, 0], 0),
            ),
            with(
                Family::Soundness,
                "triple check",
                Guarantee::Soundness,
                broken,
                counts([40_000, 0, 36_661, 3_339, 0], 0),
            ),
        ],
    }
}

fn cell(
    family: Family,
    attack: &str,
    guarantee: Guarantee,
    (claimed, observed): (bool, Observed),
) -> GridCell {
    GridCell {
        family,
        attack: attack.to_owned(),
        guarantee,
        verdict: Judgement::new(claimed, observed),
        counts: Counts::default(),
        reason: String::new(),
        evidence: Vec::new(),
    }
}

fn counts(
    [cases, no_effect, held, broken, inconclusive]: [u64; 5],
    input_substitution: u64,
) -> Counts {
    Counts { cases, no_effect, held, broken, inconclusive, input_substitution }
}

fn evidence() -> Evidence {
    Evidence {
        case: "add 1 to the first element".to_owned(),
        seed: (1 << 53) + 1,
        coalition: vec![PartyId(0)],
        at: Some(ActPlace {
            scope: "online/mul".to_owned(),
            label: "resharing".to_owned(),
            occurrence: 2,
            from: PartyId(0),
            to: PartyId(1),
        }),
        what_differed: "the output is 871, not 870".to_owned(),
        scenario: Some("about: <b>found</b>\nadversary:\n  kind: malicious\n".to_owned()),
        command: Some("mpclab run found.yaml --seed 7".to_owned()),
    }
}

fn tests() -> Vec<PrivacyRow> {
    let samples = 20_000;
    let passed = Observed::NotRefuted { samples, test: "chi-square".to_owned(), alpha: 1e-6 };
    vec![
        PrivacyRow {
            protocol: "rep3".to_owned(),
            test: "exact enumeration".to_owned(),
            algebra: "p = 5".to_owned(),
            samples: 15_625,
            alpha: None,
            p_value: None,
            verdict: Judgement::new(true, Observed::Held),
            note: "for n = 3, t = 1, |F| = 5 and these inputs".to_owned(),
        },
        PrivacyRow {
            protocol: "rep3_ps".to_owned(),
            test: "joint chi-square".to_owned(),
            algebra: "Z_2^8".to_owned(),
            samples,
            alpha: Some(1e-6 / 12.0),
            p_value: Some(0.031),
            verdict: Judgement::new(true, passed),
            note: String::new(),
        },
        PrivacyRow {
            protocol: "rep3_ps".to_owned(),
            test: "linear distinguisher".to_owned(),
            algebra: "p = 2^61 - 1".to_owned(),
            samples: 512,
            alpha: None,
            p_value: None,
            verdict: Judgement::new(true, Observed::Broken),
            note: "view element 3 minus view element 7 is input 1".to_owned(),
        },
    ]
}

/// Bounds 2^-s; at s = 12 nothing was seen, at s = 8 far too much.
fn curve() -> SoundnessCurve {
    let point = |bits: i32, successes, lower, upper| SoundnessPoint {
        value: f64::from(bits),
        label: format!("s = {bits}"),
        trials: 10_000,
        successes,
        lower,
        upper,
        bound: f64::from(-bits).exp2(),
    };
    SoundnessCurve {
        protocol: "rep3_ps".to_owned(),
        event: "a wrong product is accepted".to_owned(),
        strategy: "one wrong triple, opened as if it were right".to_owned(),
        parameter: "statistical parameter".to_owned(),
        confidence: 0.999,
        points: vec![
            point(2, 2_431, 0.229, 0.257_6),
            point(4, 598, 0.052_3, 0.068),
            point(8, 310, 0.025_6, 0.037),
            point(12, 0, 0.0, 7.6e-4),
        ],
        source: "Example 2026, Theorem 2".to_owned(),
        verdict: Judgement::new(true, Observed::Broken),
    }
}
