//! The regression gate: two sets of results, and what became better or worse between them.
//!
//! Runs are joined by [`crate::record::Key::id`] and repetition. Simulated figures are
//! deterministic, so that any difference is one of the code: counts, verdicts, outcomes and digests
//! are compared exactly, virtual times within a band. Only wall-clock times are random, and only
//! they are tested. What cannot be compared is said, with its reason, and never passes in silence.

mod baseline;
mod case;
mod continuous;
mod judge;
mod junit;
mod sheet;
mod wall;

use crate::record::Key;
use serde_json::Value;

pub use baseline::{BaselineError, baseline_name, read_baseline, write_baseline};
pub use case::{Case, CaseError, cases, time};
pub use continuous::{bencher, benchmark_action};
pub use junit::junit;
pub(crate) use sheet::{frame, sheet};
pub use wall::{LEVEL, WallTest, wall_test};

/// How two figures compare, ascending by weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Equal, or within the band.
    Unchanged,
    /// Not in the baseline.
    New,
    /// Better.
    Improvement,
    /// All figures are equal, and yet other messages were sent.
    Digest,
    /// A setting differs, or a figure cannot be tested.
    NotComparable,
    /// In the baseline alone.
    Gone,
    /// Worse.
    Regression,
}

impl Class {
    /// All of them, the weightiest first: the order of tables.
    pub const ALL: [Class; 7] = [
        Class::Regression,
        Class::Gone,
        Class::NotComparable,
        Class::Digest,
        Class::Improvement,
        Class::New,
        Class::Unchanged,
    ];

    /// The class in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Unchanged => "unchanged",
            Class::New => "new",
            Class::Improvement => "improvement",
            Class::Digest => "other digest",
            Class::NotComparable => "not comparable",
            Class::Gone => "gone",
            Class::Regression => "regression",
        }
    }
}

/// What is compared, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Share by which virtual times, and other figures that are no counts, may differ.
    pub band: f64,
    /// Share by which wall-clock times may differ; `None` if they are not tested.
    pub wall: Option<f64>,
    /// Classes that the gate lets pass, besides those that always do. A regression never passes.
    pub allow: Vec<Class>,
}

impl Default for Options {
    fn default() -> Self {
        Options { band: 0.01, wall: None, allow: Vec::new() }
    }
}

impl Options {
    /// Whether the gate stays open.
    #[must_use]
    pub fn passes(&self, class: Class) -> bool {
        match class {
            Class::Unchanged | Class::New | Class::Improvement => true,
            Class::Regression => false,
            Class::Digest | Class::NotComparable | Class::Gone => self.allow.contains(&class),
        }
    }
}

/// One figure that is not what it was, or could not be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Name of the figure, for example `online.bytes`; empty if the finding concerns them all.
    pub figure: String,
    /// What it amounts to.
    pub class: Class,
    /// The figure before, in the repetition that differs most; null if there was none.
    pub old: Value,
    /// The figure now, in the same repetition.
    pub new: Value,
    /// Repetitions that differ.
    pub differing: usize,
    /// Why, where figures alone do not say.
    pub reason: String,
}

impl Finding {
    fn about_all(class: Class, reason: String) -> Self {
        let (old, new) = (Value::Null, Value::Null);
        Finding { figure: String::new(), class, old, new, differing: 0, reason }
    }
}

/// What became of one protocol at one sweep point.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What was run.
    pub key: Key,
    /// Repetitions that were compared.
    pub repetitions: usize,
    /// What differs, in the order of figures; nothing if it is unchanged.
    pub findings: Vec<Finding>,
}

impl Judged {
    /// The weightiest class of its findings.
    #[must_use]
    pub fn class(&self) -> Class {
        self.findings.iter().map(|finding| finding.class).max().unwrap_or(Class::Unchanged)
    }

    /// Protocol and swept values for a reader.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.key)
    }
}

/// Protocol and swept values for a reader.
fn name(key: &Key) -> String {
    match key.sweep_label() {
        label if label.is_empty() => key.protocol.clone(),
        label => format!("{}, {label}", key.protocol),
    }
}

/// Two sets of results, compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// One for each protocol at each sweep point of either set, in the order of their ids.
    pub cases: Vec<Judged>,
    /// How they were compared.
    pub options: Options,
}

impl Gate {
    /// Compares results with a baseline.
    #[must_use]
    pub fn of(base: &[Case], new: &[Case], options: Options) -> Self {
        Gate { cases: judge::judge(base, new, &options), options }
    }

    /// How many cases there are of a class.
    #[must_use]
    pub fn count(&self, class: Class) -> usize {
        self.cases.iter().filter(|case| case.class() == class).count()
    }

    /// Findings that keep the gate shut, each with its case.
    pub fn failures(&self) -> impl Iterator<Item = (&Judged, &Finding)> {
        let findings =
            self.cases.iter().flat_map(|case| case.findings.iter().map(move |f| (case, f)));
        findings.filter(|(_, finding)| !self.options.passes(finding.class))
    }

    /// How many cases there are of each class that occurs: `1 regression, 5 unchanged`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = Class::ALL.map(|class| (class, self.count(class)));
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let words = counts.map(|(class, count)| {
            let has_plural = matches!(class, Class::Regression | Class::Improvement);
            let plural = if has_plural && count > 1 { "s" } else { "" };
            format!("{count} {}{plural}", class.name())
        });
        let words: Vec<String> = words.collect();
        if words.is_empty() { "nothing to compare".to_owned() } else { words.join(", ") }
    }

    /// Why the gate is shut, one line for each finding; what only repeats another is left out.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let told = self.failures().filter(|(case, finding)| !sheet::is_detail(case, finding));
        let line = |(case, finding): (&Judged, &Finding)| {
            let class = finding.class.name();
            format!("{class}: {}: {}: {}", case.key.scenario, case.name(), sheet::told(finding))
        };
        told.map(line).collect()
    }
}
