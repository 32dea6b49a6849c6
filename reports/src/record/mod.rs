//! One line of `results.jsonl`: what one run of one protocol in one cell gave.

pub(crate) mod big;
mod key;
mod outcome;
mod rows;
mod schema;

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::{
    Claims, DeclaredCost, Guarantee, MetricName, Observed, PartyId, RoleClaim, SecurityLevel,
    Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use big::label;
#[cfg(feature = "render")]
pub(crate) use big::lifted;
pub use key::Key;
pub(crate) use key::sweep_label;
pub use outcome::Outcome;
pub use rows::{BlockedRow, Digests, LinkRow, PartyRow, PathRow, ScopeRow, Timing};
pub use schema::{schema, timings_schema};

/// Version of the record's form. A file with another version is refused.
pub const SCHEMA: u32 = 1;

/// What one run gave: one repetition of one protocol at one sweep point.
///
/// Written as one line of JSON. Integers above 2^53 are strings there, because many readers keep
/// numbers as doubles; both forms are read. Fields that a reader does not know are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Form of the record, [`SCHEMA`].
    pub schema: u32,
    /// Version of kernel, network and pricing semantics: times and digests compare only at equal
    /// `model`.
    pub model: u32,
    /// Position of the sweep point in the scenario's grid, from 0.
    pub cell: u32,
    /// Position of the protocol in the scenario file, from 0.
    pub protocol_index: u32,
    /// What was run.
    pub key: Key,
    /// Which repetition, from 0.
    pub repetition: u32,
    /// The run's seed.
    #[serde(with = "big::number")]
    #[schemars(with = "u64")]
    pub seed: u64,
    /// Hash, in hex, of everything resolved that can affect the result.
    pub fingerprint: String,
    /// Hashes, in hex, of the parts that the fingerprint covers, by name of the part: they tell
    /// what differs where fingerprints do. Empty where they were not kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, String>,
    /// Version of mpclab.
    pub version: String,
    /// Name of the compute profile.
    pub profile: String,
    /// Name of the network.
    pub network: String,
    /// Name, date and source of the prices that money rests on; absent where nothing is priced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<String>,
    /// Number of computing parties.
    pub n: u32,
    /// Number of nodes, clients included, ideal functionalities excluded.
    pub nodes: u32,
    /// What the protocol claims; absent if the cell was refused before the claims were known.
    #[serde(default, with = "big::nested", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Claims>")]
    pub claims: Option<Claims>,
    /// What the protocol claims of each role that it gives to nodes by name; none where computing
    /// parties are alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleClaim>,
    /// The security level that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<SecurityLevel>,
    /// Whether an ideal functionality did a part of the run, which therefore has no price: what was
    /// exchanged with it says so, not the protocol.
    #[serde(default)]
    pub unpriced_setup: bool,
    /// What the function computes, one sentence.
    pub function_about: String,
    /// Algebra that the protocol computes in, for example `p = 2^61 - 1`.
    pub domain: String,
    /// What the figures and verdicts rest on: error bound, headroom failure probability, named
    /// functionality.
    #[serde(default)]
    pub assumptions: Vec<String>,
    /// Nodes that an adversary corrupted; its times are no cost figures then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrupted: Vec<PartyId>,
    /// What the adversary did, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<String>,
    /// How the run ended.
    pub outcome: Outcome,
    /// What the checks saw.
    #[serde(default, with = "big::nested")]
    #[schemars(with = "Vec<Verdict>")]
    pub verdicts: Vec<Verdict>,
    /// Measured figures by [`MetricName`]; a phase that never ran may be absent.
    #[serde(default, with = "big::map")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub metrics: BTreeMap<String, u64>,
    /// Units charged by op, over all parties.
    #[serde(default, with = "big::map", skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub ops: BTreeMap<String, u64>,
    /// Calls charged by op, over all parties; each may have a price beside that of its units.
    #[serde(default, with = "big::map", skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub op_calls: BTreeMap<String, u64>,
    /// Figures by scope.
    #[serde(default)]
    pub scopes: Vec<ScopeRow>,
    /// Figures by scope with an index, as far as the first index of its path, the scopes inside it
    /// included; the first [`mpclab_sim::BATCHES`] indices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<ScopeRow>,
    /// Figures by node.
    #[serde(default)]
    pub parties: Vec<PartyRow>,
    /// Traffic by ordered pair, pairs without traffic left out; stored for 64 nodes or fewer, or
    /// on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<LinkRow>>,
    /// Where the time went, the longest part first: the chain of causes that ends at the latest
    /// finish of an honest party. Absent where it was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_path: Option<Vec<PathRow>>,
    /// What the protocol says it costs.
    #[serde(default, with = "big::nested", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DeclaredCost>")]
    pub declared: Option<DeclaredCost>,
    /// Digests of the run.
    #[serde(default)]
    pub digests: Digests,
    /// The output of the first honest output party for a human reader, for example `winner = 3,
    /// price = 870`. Of a text of more than 256 characters the start, its length, and the BLAKE3
    /// digest of the output itself. Where parties learned different things, [`PartyRow::output`]
    /// has what each of them did.
    #[serde(default)]
    pub outputs: String,
}

/// Why a line is not a record.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Not JSON: cut off or damaged.
    #[error("no complete JSON: {0}")]
    Syntax(serde_json::Error),
    /// JSON, but not a record.
    #[error("not a record: {0}")]
    Form(serde_json::Error),
    /// The line carries the checksum of another text.
    #[error(
        "not as it was written: its checksum is that of another text; what was changed on purpose \
         has no `checksum`"
    )]
    Changed,
    /// A record of another version.
    #[error("schema {found}, but this version reads schema {SCHEMA}")]
    Schema {
        /// Version in the line.
        found: u32,
    },
}

impl Record {
    /// The record as one line of JSON, without the line's end: its fields, then `checksum`.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    pub fn to_line(&self) -> serde_json::Result<String> {
        sealed(self)
    }

    /// Reads one line.
    ///
    /// # Errors
    /// [`ParseError`] says whether the line is damaged, of another form, or of another version.
    pub fn parse(line: &[u8]) -> Result<Self, ParseError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let head: Head = serde_json::from_slice(line).map_err(classified)?;
        if head.schema != SCHEMA {
            return Err(ParseError::Schema { found: head.schema });
        }
        opened(line)
    }

    /// Which run it is, equal for records of one run.
    pub(crate) fn run_id(&self) -> String {
        format!("{}, repetition {}", self.key.id(), self.repetition)
    }

    /// A measured figure; `None` if the run has none under that name.
    #[must_use]
    pub fn metric(&self, name: MetricName) -> Option<u64> {
        self.metrics.get(&name.to_string()).copied()
    }

    /// What came out, for a human reader: what all output parties learned, or who learned what.
    #[must_use]
    pub fn outputs_text(&self) -> String {
        let mut told: Vec<(&str, Vec<String>)> = Vec::new();
        for row in &self.parties {
            let Some(output) = row.output.as_deref() else { continue };
            let party = match &row.named_role {
                Some(role) => format!("{} ({role})", row.party),
                None => row.party.to_string(),
            };
            match told.iter_mut().find(|(text, _)| *text == output) {
                Some((_, parties)) => parties.push(party),
                None => told.push((output, vec![party])),
            }
        }
        if told.is_empty() {
            return self.outputs.clone();
        }
        let more = told.len().saturating_sub(TOLD_APART);
        let told = told.iter().take(TOLD_APART);
        let mut texts: Vec<String> =
            told.map(|(output, parties)| format!("{}: {output}", some_of(parties))).collect();
        if more > 0 {
            texts.push(format!("and {more} more outputs"));
        }
        texts.join("; ")
    }

    /// Where the record stands in `results.jsonl`.
    pub(crate) fn place(&self) -> impl Ord + use<> {
        let key = &self.key;
        let point = (key.scenario.clone(), self.cell, key.sweep_id());
        (point, self.protocol_index, key.protocol.clone(), self.repetition)
    }

    /// Whether the run's figures may enter statistics: it ended well, and neither correctness nor
    /// agreement was seen to be broken, claimed or not.
    #[must_use]
    pub fn is_correct(&self) -> bool {
        let broken = |verdict: &Verdict| {
            matches!(verdict.guarantee, Guarantee::Correctness | Guarantee::Agreement)
                && verdict.observed == Observed::Broken
        };
        self.outcome == Outcome::Ok && !self.verdicts.iter().any(broken)
    }
}

fn classified(error: serde_json::Error) -> ParseError {
    match error.classify() {
        serde_json::error::Category::Data => ParseError::Form(error),
        _ => ParseError::Syntax(error),
    }
}

/// What stands before a line's checksum, and what behind it.
const CHECKSUM: (&str, &str) = (",\"checksum\":\"", "\"}");

/// A line of JSON whose last field is the checksum of the text before it.
pub(crate) fn sealed(line: &impl Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string(line)?;
    text.pop(); // the bracket that closes the object
    let checksum = mpclab_files::checksum(text.as_bytes());
    text += &format!("{}{checksum}{}", CHECKSUM.0, CHECKSUM.1);
    Ok(text)
}

/// Reads such a line; one without a checksum is of an older version, or was made by hand.
pub(crate) fn opened<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, ParseError> {
    let value = serde_json::from_slice(line).map_err(classified)?;
    let text = line.trim_ascii();
    let digits = text.strip_suffix(CHECKSUM.1.as_bytes());
    let split = digits.and_then(|rest| rest.split_last_chunk::<16>());
    let sealed =
        split.and_then(|(rest, sum)| Some((rest.strip_suffix(CHECKSUM.0.as_bytes())?, sum)));
    match sealed {
        Some((text, sum)) if mpclab_files::checksum(text).as_bytes() != sum => {
            Err(ParseError::Changed)
        }
        _ => Ok(value),
    }
}

/// The first record that is of the same run as another one and not equal to it. `records` are
/// sorted ([`sort`]).
#[must_use]
pub fn contradiction(records: &[Record]) -> Option<&Record> {
    let is_same = |a: &Record, b: &Record| a.repetition == b.repetition && a.key == b.key;
    records.windows(2).find(|pair| is_same(&pair[0], &pair[1])).map(|pair| &pair[0])
}

/// Different outputs, and parties with one output, that [`Record::outputs_text`] names.
const TOLD_APART: usize = 8;

fn some_of(parties: &[String]) -> String {
    match parties.len() {
        len if len > TOLD_APART => {
            format!("{} and {} more", parties[..TOLD_APART].join(", "), len - TOLD_APART)
        }
        _ => parties.join(", "),
    }
}

/// Sorts into the order of `results.jsonl` (scenario, sweep point, protocol as the file gives it,
/// repetition) and drops records that occur twice.
///
/// The order depends on the records alone, so a sharded sweep merges to the bytes of a serial one.
pub fn sort(records: &mut Vec<Record>) {
    records.sort_by_cached_key(Record::place);
    records.dedup();
}
