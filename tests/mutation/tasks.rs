//! What mutants are tried on: the smallest functions whose steps are mutated.

use std::fs;
use std::path::Path;

use mpclab::runner::{Prepared, prepare};
use mpclab::{Registry, scenarios};

/// A function among parties, for one set of parameters of a protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    /// For tables.
    pub(crate) name: &'static str,
    function: &'static str,
    parties: &'static str,
    /// Of the protocol.
    params: &'static str,
}

impl Task {
    const fn new(name: &'static str, function: &'static str) -> Self {
        Task { name, function, parties: "3", params: "{}" }
    }

    const fn among(self, parties: &'static str) -> Self {
        Task { parties, ..self }
    }

    const fn with(self, params: &'static str) -> Self {
        Task { params, ..self }
    }

    /// Ready to run. Plans are made here, so a mutant of a plan has to be on.
    pub(crate) fn prepared(&self, registry: &Registry, protocol: &str, seed: u64) -> Prepared {
        let Task { function, parties, params, .. } = self;
        let scenario = format!(
            "about: A mutant.\nfunction: {function}\nparties: {parties}\n\
             protocols: [{{ name: {protocol}, params: {params} }}]\nnetwork: lan\ncompute: none\n\
             seed: {seed}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scenario.yaml");
        fs::write(&file, scenario).unwrap();
        scenarios::plan(Path::new(&file), &[], registry)
            .and_then(|plan| prepare(plan, registry))
            .unwrap_or_else(|mistakes| panic!("{protocol}, {}: {}", self.name, mistakes[0]))
    }
}

const PRODUCT: Task = Task::new("product", "{ name: product, params: { bits: 4 } }");
const DOT: Task =
    Task::new("inner product", "{ name: inner_product, params: { bits: 4, length: 3 } }");
const MULS: Task = Task::new("products", "{ name: multiply, params: { count: 2, open: true } }");
const LESS: Task = Task::new("comparison", "{ name: millionaires, params: { bits: 3 } }");
const LESSES: Task =
    Task::new("comparisons", "{ name: compare, params: { bits: 3, count: 2, open: true } }");
const SUM: Task = Task::new("sum", "{ name: sum, params: { bits: 8 } }");
const TO_ONE: Task = Task { name: "sum for one", ..SUM.among("{ compute: 3, output: [0] }") };
const BINS: Task = Task::new("bins", "{ name: histogram, params: { bins: 3, length: 1 } }");
const MAX: Task = Task::new("maximum", "{ name: max, params: { bits: 3 } }");
const RANDOM: Task = Task::new("random bits", "{ name: random_bits, params: { count: 4 } }");
/// Nothing that is opened is masked, but for outputs.
const PARITY: Task = Task::new(
    "parity",
    "{ program: { name: parity, text: 'let x = inputs(\"x\", bit(), 2); \
     output(\"parity\", xor(xor(x[0], x[1]), x[2]));' } }",
);
const COIN: Task = Task::new("coin", "{ name: coin_toss, params: { bits: 4 } }");

const TRANSFERS: Task = Task::new(
    "transfers",
    "{ name: oblivious_transfer, params: { choices: 2, length: 3, bits: 8 } }",
)
.among("2");
const OF_FIVE: Task = Task::new(
    "transfers of one of five",
    "{ name: oblivious_transfer, params: { choices: 5, length: 2, bits: 8 } }",
)
.among("2");

/// Transfers that are extended silently.
const SILENT: &str = "{ ot: { extension: silent, base: ideal } }";

/// What a protocol's mutants are tried on, the quickest first.
pub(crate) fn of(protocol: &str) -> Vec<Task> {
    match protocol {
        "additive" => vec![PRODUCT, TO_ONE, DOT, LESS, LESSES],
        "bmr" => {
            let boxed = "{ ot: { base: ideal } }";
            let to_one = TO_ONE.among("{ compute: 3, output: [0] }");
            let clients = PRODUCT.among("{ input: 2, compute: 2, output: [2, 3] }");
            let clients = Task { name: "product of clients", ..clients };
            let two = Task { name: "product of two", ..PRODUCT.among("2") };
            let all = [two, PRODUCT, to_one, clients, RANDOM, LESSES];
            all.map(|task| task.with(boxed)).to_vec()
        }
        "coin_toss" => vec![COIN, COIN.among("2")],
        "dn07" | "shamir" => {
            let seeds = "{ compress: true }";
            let seeded = Task { name: "product from seeds", ..PRODUCT.with(seeds) };
            let five = Task { name: "products of five", ..MULS.among("5").with(seeds) };
            // Products side by side that nobody learns: masks that are extracted from too few depend
            // on each other.
            let six = PRODUCT.among("{ input: 6, compute: 3, output: [0] }");
            let six = Task { name: "product of six clients", ..six };
            vec![PRODUCT, TO_ONE, DOT, six, LESS, LESSES, seeded, five]
        }
        "gmw" => {
            let dealt = [PRODUCT, TO_ONE].map(|task| task.with("{ triples: dealer }"));
            let transfers = "{ ot: { base: ideal } }";
            let made = Task { name: "product from transfers", ..PRODUCT.with(transfers) };
            let silent = Task { name: "product from silent transfers", ..PRODUCT.with(SILENT) };
            [&dealt[..], &[made, silent]].concat()
        }
        "oblivious_transfer" => {
            let boxed = "{ ot: { base: ideal } }";
            let based = "{ transfers: base, ot: { base: ideal } }";
            let based = Task { name: "base transfers", ..TRANSFERS.with(based) };
            let silent = Task { name: "silent transfers", ..TRANSFERS.with(SILENT) };
            vec![TRANSFERS.with(boxed), OF_FIVE.with(boxed), based, silent]
        }
        "rep3" => vec![PRODUCT, TO_ONE, MULS, LESS, LESSES],
        "rep3_ps" => {
            let ring = Task { name: "product in a ring", ..PRODUCT.with("{ domain: z128 }") };
            let masked = [LESS, BINS, MAX].map(|task| task.with("{ domain: p128 }"));
            [&[PRODUCT, MULS, ring], &masked[..]].concat()
        }
        "semi" => {
            let boxed = "{ field: m61, ot: { base: ideal, width: 1 } }";
            // Transfers between any two of three take three times as long.
            let two = Task { name: "product of two", ..PRODUCT.among("2") };
            let [dot, less, lesses, random] =
                [DOT, LESS, LESSES, RANDOM].map(|task| task.among("2"));
            let all = [two, random, dot, less, lesses, PRODUCT, TO_ONE];
            all.map(|task| task.with(boxed)).to_vec()
        }
        "spdz" => vec![SUM, PRODUCT, DOT, LESS, LESSES, BINS, MAX],
        "tinyot" | "wrk" => {
            let boxed = "{ ot: { base: ideal, width: 1 } }";
            let to_one = TO_ONE.among("{ compute: 3, output: [0] }");
            let two = Task { name: "product of two", ..PRODUCT.among("2") };
            let mut all = [two, PRODUCT, to_one, RANDOM, PARITY, LESSES]
                .map(|task| task.with(boxed))
                .to_vec();
            if protocol == "tinyot" {
                let silent = Task { name: "product over silent transfers", ..two };
                all.push(silent.with(SILENT));
            }
            all
        }
        "yao_covert" | "yao_cut_and_choose" => {
            // So many circuits that nobody guesses, where that would be a violation.
            let params = match protocol {
                "yao_covert" => "{ replicas: 3, ot: { base: ideal } }",
                _ => "{ replicas: 20, ot: { base: ideal } }",
            };
            let to_one = TO_ONE.among("{ compute: 2, output: [0] }");
            [PRODUCT.among("2"), to_one, RANDOM.among("2")].map(|task| task.with(params)).to_vec()
        }
        "yao" => {
            let boxed = "{ ot: { base: ideal } }";
            let to_one = TO_ONE.among("{ compute: 2, output: [0] }");
            let clients = PRODUCT.among("{ input: 2, compute: 2, output: [2, 3] }");
            let clients = Task { name: "product of clients", ..clients };
            let sliced = "{ garbling: three_halves, ot: { base: ideal } }";
            let sliced =
                Task { name: "product in three halves", ..PRODUCT.among("2").with(sliced) };
            let soft = [PRODUCT.among("2"), to_one, clients, RANDOM.among("2")];
            [&soft.map(|task| task.with(boxed))[..], &[sliced]].concat()
        }
        other => panic!("nothing is known that {other} can be tried on"),
    }
}
