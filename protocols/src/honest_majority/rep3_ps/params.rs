use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::InputCheck;
use crate::engine::field::{self, FieldName};
use crate::program::Program;
use crate::protocol::{Job, Unsupported};
use crate::rep3::RingName;

/// Parameters of [`super::Rep3Ps`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rep3PsParams {
    /// Where values live.
    pub domain: DomainName,
    /// How inputs are held to their ranges.
    pub input_check: InputCheck,
}

impl Rep3PsParams {
    /// Whether values fit, and a check is as sound as it has to be.
    pub(super) fn check_domain(&self, job: &Job, program: &Program) -> Result<(), Unsupported> {
        let Some(why) = self.domain.refusal(job, program) else { return Ok(()) };
        let mut named = ["m61", "p128", "z64", "z128"].into_iter().zip(DomainName::REAL);
        let serves = |domain: DomainName| domain.refusal(job, program).is_none();
        let instead = match named.find(|(_, domain)| serves(*domain)) {
            Some((name, _)) => format!("params: {{ domain: {name} }}"),
            None => "smaller parameters of the function; no larger domain is built in".to_owned(),
        };
        Err(Unsupported::new(why, instead).of("domain"))
    }
}

/// The field or ring of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DomainName {
    /// The field of p = 2^61 - 1: 8 bytes an element, too small for statistical masking of wide
    /// values.
    #[default]
    M61,
    /// The field of p = 2^128 - 173: 16 bytes an element.
    P128,
    /// Integers modulo 2^64, of which the statistical security parameter takes its part; no
    /// comparisons.
    Z64,
    /// Integers modulo 2^128, of which the statistical security parameter takes its part; no
    /// comparisons.
    Z128,
    /// p = 7; a toy field, for soundness curves and exact privacy tests only.
    P7,
    /// p = 31; a toy field, for soundness curves and exact privacy tests only.
    P31,
    /// p = 251; a toy field, for soundness curves and exact privacy tests only.
    P251,
}

/// A domain by its kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Field(FieldName),
    Ring(RingName),
}

impl DomainName {
    /// All but toys, the default first.
    pub(super) const REAL: [DomainName; 4] =
        [DomainName::M61, DomainName::P128, DomainName::Z64, DomainName::Z128];

    /// Toy fields, in which a wrong product passes often enough to be counted.
    pub(super) const TOYS: [FieldName; 3] = [FieldName::P7, FieldName::P31, FieldName::P251];

    pub(super) fn place(self) -> Place {
        match self {
            DomainName::M61 => Place::Field(FieldName::M61),
            DomainName::P128 => Place::Field(FieldName::P128),
            DomainName::Z64 => Place::Ring(RingName::Z64),
            DomainName::Z128 => Place::Ring(RingName::Z128),
            DomainName::P7 => Place::Field(FieldName::P7),
            DomainName::P31 => Place::Field(FieldName::P31),
            DomainName::P251 => Place::Field(FieldName::P251),
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self.place() {
            Place::Field(name) => name.label(),
            Place::Ring(name) => name.label(),
        }
    }

    pub(super) fn element_bytes(self) -> u64 {
        match self.place() {
            Place::Field(name) => name.bytes(),
            Place::Ring(name) => name.element_bytes(),
        }
    }

    /// The largest sigma for which the soundness error is at most 2^-sigma.
    pub(super) fn max_sigma(self) -> u32 {
        match self.place() {
            Place::Field(name) => name.capacity_bits(),
            Place::Ring(name) => name.bits() - 1,
        }
    }

    /// Bits that a value may have at a soundness error of 2^-sigma.
    pub(super) fn value_bits(self, sigma: u32) -> u32 {
        match self.place() {
            Place::Field(name) => name.capacity_bits(),
            Place::Ring(name) => name.bits().saturating_sub(sigma),
        }
    }

    /// Why a job can't be done in this domain.
    fn refusal(self, job: &Job, program: &Program) -> Option<String> {
        let (label, sigma) = (self.label(), job.security.statistical);
        if sigma > self.max_sigma() {
            return Some(format!(
                "a check in {label} is sound up to 2^-{}, not 2^-{sigma}",
                self.max_sigma()
            ));
        }
        let bits = program.statistics().max_bits;
        match self.place() {
            Place::Field(name) => {
                field::check_width(job, program, name).err().map(|refused| refused.why)
            }
            Place::Ring(_) if field::compares(program) => {
                Some(format!("comparisons and truncations need a prime field, not {label}"))
            }
            Place::Ring(_) if field::draws_bits(program) => {
                Some(format!("random bits need a prime field, not {label}"))
            }
            Place::Ring(_) => (bits > self.value_bits(sigma)).then(|| {
                format!(
                    "values of {bits} bits and challenges of {sigma} bits do not fit together in \
                     {label}"
                )
            }),
        }
    }
}
