//! Outputs of all kinds: each party its own, what they have to agree on, and large ones in records.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{Ring, Z64};
use mpclab::protocols::functions::{Function, FunctionError, Sum, SumParams};
use mpclab::protocols::program::{Builder, Decoding, Program, Recipients, Type};
use mpclab::registry;
use mpclab::reports::record::{Outcome, Record};
use mpclab::runner::{run_one, run_seen};
use mpclab::sim::vocabulary::{AdversaryKind, Guarantee, Observed};
use rand::Rng;

use crate::support::prepared;

const ALL: usize = 0;
const EACH: usize = 1;
const PUBLIC: usize = 2;

#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Keys whose holders have to agree on all, on nothing, or on the public part.
struct Keys<const DEMAND: usize>;

impl<const DEMAND: usize> Function for Keys<DEMAND> {
    const NAME: &'static str = ["keys_all", "keys_each", "keys_public"][DEMAND];
    const ABOUT: &'static str = "a public key, and a share of the secret key for each";
    const IDEAL: &'static str = "Nobody brings anything. Each party learns `public`, 32 bytes that \
        are the same for all, and `share`: 4 keys of 32 bytes, or 8, 12, and so on.";
    type Params = Nothing;

    fn build(_: &Nothing, _: usize) -> Result<Task, FunctionError> {
        let agreement = match DEMAND {
            ALL => Agreement::All,
            EACH => Agreement::None,
            _ => Agreement::Columns(vec!["public".into()]),
        };
        Ok(Task::Relation(Arc::new(KeysOf { agreement })))
    }

    fn generate(_: &Nothing, _: usize, _: usize, _: &mut dyn Rng) -> Inputs {
        Inputs::new()
    }
}

#[derive(Debug)]
struct KeysOf {
    agreement: Agreement,
}

impl Relation for KeysOf {
    fn name(&self) -> &'static str {
        "keys"
    }

    fn output_len(&self) -> usize {
        0
    }

    fn agreement(&self) -> Agreement {
        self.agreement.clone()
    }

    fn accepts(&self, _: &[Inputs], outputs: &[Option<Outputs>]) -> Result<(), RelationError> {
        for (party, output) in outputs.iter().enumerate() {
            let Some(output) = output else { continue };
            let share = output.get("share").and_then(Column::bytes);
            // Everyone has a number of its own.
            if share.is_none_or(|share| share.width() != 32 || share.len() != 4 * (party + 1)) {
                return Err(RelationError::Column { party, name: "share", kind: "bytes" });
            }
        }
        Ok(())
    }

    fn describe(&self, outputs: &Outputs) -> String {
        let share = outputs.get("share").and_then(Column::bytes);
        let keys = share.into_iter().flat_map(Items::iter);
        let text = keys.map(|key| format!("{key:02x?}")).collect::<Vec<_>>();
        format!("share = {}", text.join(", "))
    }
}

/// Every party draws keys; if `SPLIT`, the last one takes another public key than the rest.
struct KeyGen<const SPLIT: bool>;

const INFO: Info = Info {
    about: "keys, for tests",
    source: "none",
    claims: Claims {
        adversary: AdversaryKind::SemiHonest,
        threshold: Threshold::BelowAll,
        output: OutputGuarantee::Abort,
        abort: AbortKind::Selective,
        security: Security::Perfect,
        setup: Setup::None,
        network: Synchrony::Eventual,
    },
    parties: (2, usize::MAX),
};

impl<const SPLIT: bool> Protocol for KeyGen<SPLIT> {
    const NAME: &'static str = if SPLIT { "key_gen_split" } else { "key_gen" };
    const INFO: Info = INFO;
    type Params = Nothing;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &Nothing) -> Result<Arc<Job>, Unsupported> {
        job.relation("keys").map(|_| Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, _: Inputs) -> Result<Outputs, Abort> {
        let online = ctx.scope("online");
        let mut share = vec![0; 128 * (ctx.id().index() + 1)];
        online.rng().fill_bytes(&mut share);
        let is_other = SPLIT && ctx.id().index() + 1 == job.roles.compute;
        let bytes = |data| {
            Items::new(32, data).map(Column::Bytes).map_err(|why| Abort::Bug(why.to_string()))
        };
        let public = bytes(vec![u8::from(is_other); 32])?;
        Ok(Outputs::of("public", public).with("share", bytes(share)?))
    }
}

/// A sum as a relation that has a program too.
struct RelatedSum;

impl Function for RelatedSum {
    const NAME: &'static str = "related_sum";
    const ABOUT: &'static str = "a sum that may be off by one";
    const IDEAL: &'static str = "As `sum`; an output may be one too large.";
    type Params = SumParams;

    fn build(params: &SumParams, parties: usize) -> Result<Task, FunctionError> {
        let Task::Program(program) = Sum::build(params, parties)? else { panic!("a program") };
        Ok(Task::Relation(Arc::new(NearlySum { program })))
    }

    fn generate(params: &SumParams, party: usize, parties: usize, rng: &mut dyn Rng) -> Inputs {
        Sum::generate(params, party, parties, rng)
    }
}

#[derive(Debug)]
struct NearlySum {
    program: Arc<Program>,
}

impl Relation for NearlySum {
    fn name(&self) -> &'static str {
        RelatedSum::NAME
    }

    fn inputs(&self) -> &[mpclab::protocols::program::InputDecl] {
        self.program.inputs()
    }

    fn output_len(&self) -> usize {
        1
    }

    fn program(&self) -> Option<&Arc<Program>> {
        Some(&self.program)
    }

    fn accepts(&self, inputs: &[Inputs], outputs: &[Option<Outputs>]) -> Result<(), RelationError> {
        let sum: i128 = inputs.iter().flat_map(Inputs::all_integers).sum();
        for (party, output) in outputs.iter().enumerate() {
            let got = output.as_ref().map_or(sum, |output| output.values()[0]);
            if !(0..=1).contains(&(got - sum)) {
                let (element, allowed) = (0, "the sum, or one more");
                return Err(RelationError::Value { party, element, got, allowed });
            }
        }
        Ok(())
    }

    fn describe(&self, outputs: &Outputs) -> String {
        self.program.describe(&outputs.values())
    }
}

/// Brings nothing of what it is given: the sum of the others, one too much.
struct OneMore;

impl Protocol for OneMore {
    const NAME: &'static str = "one_more";
    const INFO: Info = INFO;
    type Params = Nothing;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &Nothing) -> Result<Arc<Job>, Unsupported> {
        job.named(RelatedSum::NAME).map(|_| Arc::clone(job))
    }

    async fn run(ctx: Ctx, _: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let online = ctx.scope("online");
        let mut sum = Z64::from_i128(input["value"][0]);
        online.broadcast(&vec![sum]);
        for (_, value) in online.gather::<Vec<Z64>>(1).await?.iter() {
            sum += value[0];
        }
        Ok(Outputs::of("sum", vec![sum.to_i128() + 1]))
    }
}

/// Two values; the sum is for all, the difference for output party 1 alone.
struct Own;

impl Function for Own {
    const NAME: &'static str = "own";
    const ABOUT: &'static str = "a sum for all, and a difference for one";
    const IDEAL: &'static str = "The first two parties bring `value`. All learn `sum`, and output \
        party 1 learns `difference`.";
    type Params = Nothing;

    fn build(_: &Nothing, _: usize) -> Result<Task, FunctionError> {
        let mut builder = Builder::new();
        let ty = Type::Int { bits: 8 };
        let (x, y) = (builder.input("value", 0, 2, ty)?, builder.input("value", 1, 2, ty)?);
        let (sum, difference) = (builder.add(x, y)?, builder.sub(x, y)?);
        let to = Recipients::These(vec![1]);
        builder.output_to("difference", difference, Decoding::Integer, to)?;
        builder.output("sum", sum, Decoding::Integer)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(_: &Nothing, party: usize, _: usize, _: &mut dyn Rng) -> Inputs {
        let value = party as i128 + 3;
        if party < 2 { Inputs::from([("value", vec![value, -value])]) } else { Inputs::new() }
    }
}

/// Tells everybody everything.
struct Talkative;

impl Protocol for Talkative {
    const NAME: &'static str = "talkative";
    const INFO: Info = INFO;
    type Params = Nothing;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &Nothing) -> Result<Arc<Job>, Unsupported> {
        job.named("own").map(|_| Arc::clone(job))
    }

    async fn run(_: Ctx, job: Arc<Job>, _: Inputs) -> Result<Outputs, Abort> {
        let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
        Ok(program.to_outputs(&[-1, 1, 7, -7]))
    }
}

/// What each party of a run of `own` has.
fn own(protocol: &str, parties: &str) -> (Record, Vec<Outputs>) {
    let registry = registry().with_function::<Own>().with::<Talkative>();
    let scenario = format!(
        "about: Own.\nfunction: {{ name: own }}\nparties: {parties}\n\
         protocols: [{protocol}]\nnetwork: ideal\ncompute: none\nunsupported: skip\n"
    );
    let prepared = prepared(&registry, &scenario);
    let mut outputs = Vec::new();
    let record = run_seen(&registry, &prepared, &prepared.cells[0], 0, None, |run| {
        outputs.extend(run.outputs().map(|(_, output)| output.clone()));
    });
    (record, outputs)
}

#[test]
fn each_party_learns_its_own_outputs_and_no_others() {
    let sum = Outputs::of("sum", vec![7, -7]);
    let both = Outputs::of("difference", vec![-1, 1]).with("sum", vec![7, -7]);
    let clients = ["additive", "semi", "shamir", "dn07", "rep3", "gmw", "bmr"];
    for protocol in clients.into_iter().chain(["spdz", "rep3_ps"]) {
        let (record, outputs) = own(protocol, "3");
        assert_eq!(record.outcome, Outcome::Ok, "{protocol}");
        assert_eq!(outputs, [sum.clone(), both.clone(), sum.clone()], "{protocol}");
        let told = "party 0, party 2: sum = [7, -7]; party 1: difference = [-1, 1], sum = [7, -7]";
        assert_eq!(record.outputs_text(), told, "{protocol}");
        for guarantee in [Guarantee::Correctness, Guarantee::Agreement, Guarantee::DeclaredCost] {
            let verdict = record.verdicts.iter().find(|v| v.guarantee == guarantee).unwrap();
            assert_eq!(verdict.observed, Observed::Held, "{protocol}: {verdict:?}");
        }
        if !clients.contains(&protocol) {
            continue;
        }
        // Clients learn their own as well.
        let (record, outputs) = own(protocol, "{ compute: 3, input: 2, output: 2 }");
        assert_eq!(record.outcome, Outcome::Ok, "{protocol}");
        assert_eq!(outputs[5..], [sum.clone(), both.clone()], "{protocol}");
        assert!(outputs[..5].iter().all(Outputs::is_empty), "{protocol}");
        assert!(record.parties[..5].iter().all(|row| row.output.is_none()), "{protocol}");
        assert_eq!(record.parties[5].output.as_deref(), Some("sum = [7, -7]"), "{protocol}");
    }
}

#[test]
fn an_output_for_another_is_wrong() {
    let Outcome::Wrong(why) = own("talkative", "3").0.outcome else { panic!("not noticed") };
    assert_eq!(
        why,
        "party 0: outputs are 2 integers `difference`, 2 integers `sum` instead of 2 integers `sum`"
    );
}

fn run(function: &str, protocol: &str) -> Record {
    let registry = registry()
        .with_function::<Keys<ALL>>()
        .with_function::<Keys<EACH>>()
        .with_function::<Keys<PUBLIC>>()
        .with_function::<RelatedSum>()
        .with::<KeyGen<false>>()
        .with::<KeyGen<true>>()
        .with::<OneMore>();
    let scenario = format!(
        "about: Keys.\nfunction: {{ name: {function} }}\nparties: 3\nprotocols: [{protocol}]\n\
         network: ideal\ncompute: none\n"
    );
    let prepared = prepared(&registry, &scenario);
    run_one(&registry, &prepared, &prepared.cells[0], 0, None)
}

/// A function of four sites' data on given inputs, by three protocols.
fn outsourced(function: &str, parties: &str) -> Vec<Record> {
    let registry = registry();
    let scenario = format!(
        "about: Sites.\nfunction: {function}\nparties: {parties}\n\
         protocols: [additive, shamir, rep3]\nnetwork: ideal\ncompute: none\n"
    );
    let prepared = prepared(&registry, &scenario);
    prepared.cells.iter().map(|cell| run_one(&registry, &prepared, cell, 0, None)).collect()
}

#[test]
fn sites_bring_different_numbers_of_rows_and_a_consumer_learns() {
    // Four sites, one of which has nothing; three parties compute; node 7 learns, and nobody else.
    let parties = "{ compute: 3, input: 4, output: 1 }";
    let values = "[{ value: [1, 2] }, { value: 3 }, {}, { value: [4, 5, 6] }]";
    for (function, expected) in [
        ("mean_variance", "mean = 3.5, variance = 2.916667"),
        ("histogram", "counts = [0, 1, 1, 1, 1, 1, 1, 0]"),
    ] {
        let function = format!("{{ name: {function}, inputs: {{ values: {values} }} }}");
        for record in outsourced(&function, parties) {
            let key = &record.key;
            assert_eq!((&record.outcome, &*record.outputs), (&Outcome::Ok, expected), "{key:?}");
            assert_eq!((record.n, record.nodes), (3, 8));
            let roles: Vec<&str> = record.parties.iter().map(|row| &*row.role).collect();
            assert_eq!(roles[2..], ["computing", "input", "input", "input", "input", "output"]);
        }
    }
}

#[test]
fn some_computing_parties_bring_inputs_and_others_learn() {
    let function = "{ name: mean_variance, params: { length: [3, 1] } }";
    for record in outsourced(function, "{ compute: 3, input: [2, 0], output: [1] }") {
        assert_eq!(record.outcome, Outcome::Ok, "{:?}", record.key);
        let roles: Vec<&str> = record.parties.iter().map(|row| &*row.role).collect();
        assert_eq!(roles, ["computing, input", "computing, output", "computing, input"]);
    }
}

fn agreement(function: &str, protocol: &str) -> (Observed, String) {
    let record = run(function, protocol);
    let verdict = |v: &&mpclab::sim::vocabulary::Verdict| v.guarantee == Guarantee::Agreement;
    let verdict = record.verdicts.iter().find(verdict).unwrap();
    (verdict.observed.clone(), verdict.evidence.clone())
}

#[test]
fn parties_agree_on_what_the_task_says_and_on_nothing_else() {
    assert_eq!(
        agreement("keys_all", "key_gen"),
        (Observed::Broken, "party 0 and party 1 differ".to_owned())
    );
    let (observed, evidence) = agreement("keys_each", "key_gen_split");
    assert_eq!((observed, &*evidence), (Observed::Held, "every party has its own output"));
    assert_eq!(agreement("keys_public", "key_gen"), (Observed::Held, String::new()));
    assert_eq!(
        agreement("keys_public", "key_gen_split"),
        (Observed::Broken, "party 0 and party 2 differ in column `public`".to_owned())
    );
}

#[test]
fn each_party_has_as_many_values_as_the_relation_says_of_it() {
    let record = run("keys_each", "key_gen");
    assert_eq!(record.outcome, Outcome::Ok);
}

#[test]
fn a_large_output_is_a_digest_in_records() {
    let record = run("keys_each", "key_gen");
    let (start, rest) = record.outputs.split_once("... (").unwrap();
    assert!(start.starts_with("share = [") && start.len() == 256, "{start}");
    // Four keys of 32 bytes, each `[00, .., 00]`.
    let digest = rest.strip_prefix("526 characters, blake3 ").unwrap();
    assert_eq!(digest.len(), 65, "{digest}");
    assert_eq!(run("keys_each", "key_gen").outputs, record.outputs);
}

#[test]
fn engines_and_dedicated_protocols_meet_on_one_function() {
    for protocol in ["shamir", "additive", "one_more"] {
        let record = run("related_sum", protocol);
        assert_eq!(record.outcome, Outcome::Ok, "{protocol}: {:?}", record.verdicts);
    }
    let shown = [run("related_sum", "shamir"), run("related_sum", "one_more")];
    assert_ne!(shown[0].outputs, shown[1].outputs, "one is off by one, and may be");
}
