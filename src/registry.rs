//! The protocols and functions that scenario files may name.
//!
//! Lists, help, name checks and schemas all follow from here; adding a protocol is one line.

use std::marker::PhantomData;
use std::sync::Arc;

use mpclab_protocols::attack::Attack;
use mpclab_protocols::circuit::{Optimise, STANDARD, bristol};
use mpclab_protocols::functions::{Function, FunctionError, FunctionVisitor, InputPair, Task};
use mpclab_protocols::program::Inputs;
use mpclab_protocols::protocol::{Code, Info, Job, Protocol, ProtocolVisitor, Unsupported, code};
use mpclab_scenarios::{Catalogue, Kind, ParamError, ParamSchemas, read_params};
use mpclab_sim::vocabulary::NamedRole;
use serde_json::Value;

pub use mpclab_protocols::protocol::{Bound, Oracle};

/// A [`Protocol`] whose parameters are JSON.
trait DynProtocol: Send + Sync {
    fn name(&self) -> &'static str;
    fn info(&self) -> Info;
    fn roles(&self) -> &'static [NamedRole];
    fn params(&self, given: &Value) -> Result<Value, ParamError>;
    fn schema(&self) -> Value;
    fn code(&self) -> &dyn Code;
    fn bind(&self, job: &Arc<Job>, params: &Value) -> Result<Bound, Unsupported>;
}

/// A protocol with the code that its own crate has compiled.
struct Known<P> {
    code: Box<dyn Code>,
    protocol: PhantomData<fn() -> P>,
}

struct Erased<T>(PhantomData<fn() -> T>);

/// Parameters in full, defaults filled in.
fn normalised<T: serde::de::DeserializeOwned + serde::Serialize>(
    given: &Value,
) -> Result<Value, ParamError> {
    let params: T = read_params(given)?;
    serde_json::to_value(params)
        .map_err(|error| ParamError { message: error.to_string(), ..ParamError::default() })
}

fn schema_of<T: schemars::JsonSchema>() -> Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

impl<P: Protocol> DynProtocol for Known<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn info(&self) -> Info {
        P::INFO
    }

    fn roles(&self) -> &'static [NamedRole] {
        P::ROLES
    }

    fn params(&self, given: &Value) -> Result<Value, ParamError> {
        normalised::<P::Params>(given)
    }

    fn schema(&self) -> Value {
        schema_of::<P::Params>()
    }

    fn code(&self) -> &dyn Code {
        &*self.code
    }

    fn bind(&self, job: &Arc<Job>, params: &Value) -> Result<Bound, Unsupported> {
        let params: P::Params = read_params(params).map_err(|error| {
            Unsupported::new(
                format!("its parameters do not fit: {}", error.message),
                "parameters as the schema says",
            )
        })?;
        self.code.bind(job, &params)
    }
}

/// A [`Function`] whose parameters are JSON.
trait DynFunction: Send + Sync {
    fn name(&self) -> &'static str;
    fn about(&self) -> &'static str;
    fn ideal(&self) -> &'static str;
    fn params(&self, given: &Value) -> Result<Value, ParamError>;
    fn schema(&self) -> Value;
    fn build(&self, params: &Value, parties: usize) -> Result<Task, FunctionError>;
    fn generate(
        &self,
        params: &Value,
        party: usize,
        parties: usize,
        rng: &mut mpclab_sim::PartyRng,
    ) -> Inputs;
    fn leakage(&self, params: &Value, inputs: &[Inputs]) -> Vec<i128>;
    fn equal_view_inputs(
        &self,
        params: &Value,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut mpclab_sim::PartyRng,
    ) -> Option<InputPair>;
}

/// The catalogue has filled in and checked the parameters before; a default stands in for what can
/// no longer be wrong.
fn checked<T: serde::de::DeserializeOwned + Default>(params: &Value) -> T {
    read_params(params).unwrap_or_default()
}

impl<F: Function> DynFunction for Erased<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn about(&self) -> &'static str {
        F::ABOUT
    }

    fn ideal(&self) -> &'static str {
        F::IDEAL
    }

    fn params(&self, given: &Value) -> Result<Value, ParamError> {
        normalised::<F::Params>(given)
    }

    fn schema(&self) -> Value {
        schema_of::<F::Params>()
    }

    fn build(&self, params: &Value, parties: usize) -> Result<Task, FunctionError> {
        F::build(&checked::<F::Params>(params), parties)
    }

    fn generate(
        &self,
        params: &Value,
        party: usize,
        parties: usize,
        rng: &mut mpclab_sim::PartyRng,
    ) -> Inputs {
        F::generate(&checked::<F::Params>(params), party, parties, rng)
    }

    fn leakage(&self, params: &Value, inputs: &[Inputs]) -> Vec<i128> {
        F::leakage(&checked::<F::Params>(params), inputs)
    }

    fn equal_view_inputs(
        &self,
        params: &Value,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut mpclab_sim::PartyRng,
    ) -> Option<InputPair> {
        let params = checked::<F::Params>(params);
        F::equal_view_inputs(&params, parties, corrupted, outputs_seen, rng)
    }
}

/// The protocols and functions that scenario files may name, in alphabetical order.
#[derive(Default)]
pub struct Registry {
    protocols: Vec<Box<dyn DynProtocol>>,
    functions: Vec<Box<dyn DynFunction>>,
}

impl ProtocolVisitor for Registry {
    fn visit<P: Protocol>(&mut self, code: Box<dyn Code>) {
        self.put_protocol(Box::new(Known::<P> { code, protocol: PhantomData }));
    }
}

impl FunctionVisitor for Registry {
    fn visit<F: Function>(&mut self) {
        self.put_function(Box::new(Erased::<F>(PhantomData)));
    }
}

impl Registry {
    fn put_protocol(&mut self, protocol: Box<dyn DynProtocol>) {
        self.protocols.retain(|known| known.name() != protocol.name());
        self.protocols.push(protocol);
        self.protocols.sort_by_key(|known| known.name());
    }

    fn put_function(&mut self, function: Box<dyn DynFunction>) {
        self.functions.retain(|known| known.name() != function.name());
        self.functions.push(function);
        self.functions.sort_by_key(|known| known.name());
    }
}

/// All protocols and functions that come with mpclab.
#[must_use]
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    mpclab_protocols::visit_all(&mut registry);
    mpclab_protocols::functions::visit_all(&mut registry);
    registry
}

/// What is known of a protocol by its name.
pub struct ProtocolEntry {
    /// Name in scenario files.
    pub name: &'static str,
    /// Description, source and claims.
    pub info: Info,
    /// Roles that it gives to nodes by name.
    pub roles: &'static [NamedRole],
    /// JSON Schema of its parameters.
    pub schema: Value,
    /// Parameters that its conformance covers, the default first.
    pub variants: Vec<Value>,
}

/// What is known of a function by its name.
pub struct FunctionEntry {
    /// Name in scenario files.
    pub name: &'static str,
    /// What it computes, one line.
    pub about: &'static str,
    /// The ideal functionality in full.
    pub ideal: &'static str,
    /// JSON Schema of its parameters.
    pub schema: Value,
}

impl Registry {
    /// Adds a protocol; one of the same name is replaced.
    #[must_use]
    pub fn with<P: Protocol>(mut self) -> Self {
        ProtocolVisitor::visit::<P>(&mut self, code::<P>());
        self
    }

    /// Adds a function; one of the same name is replaced.
    #[must_use]
    pub fn with_function<F: Function>(mut self) -> Self {
        FunctionVisitor::visit::<F>(&mut self);
        self
    }

    /// All protocols.
    pub fn protocols(&self) -> impl Iterator<Item = ProtocolEntry> + '_ {
        self.protocols.iter().map(|known| ProtocolEntry {
            name: known.name(),
            info: known.info(),
            roles: known.roles(),
            schema: known.schema(),
            variants: known.code().variants(),
        })
    }

    /// All functions.
    pub fn functions(&self) -> impl Iterator<Item = FunctionEntry> + '_ {
        self.functions.iter().map(|known| FunctionEntry {
            name: known.name(),
            about: known.about(),
            ideal: known.ideal(),
            schema: known.schema(),
        })
    }

    /// Schemas of all parameters, for [`mpclab_scenarios::schema`].
    #[must_use]
    pub fn param_schemas(&self) -> ParamSchemas {
        ParamSchemas {
            functions: self.functions().map(|f| (f.name.to_owned(), f.schema)).collect(),
            protocols: self.protocols().map(|p| (p.name.to_owned(), p.schema)).collect(),
        }
    }

    /// Known attacks on a protocol.
    #[must_use]
    pub fn attacks(&self, protocol: &str) -> Vec<Attack> {
        let known = self.protocols.iter().find(|known| known.name() == protocol);
        known.map_or_else(Vec::new, |known| known.code().attacks())
    }

    /// Binds a protocol with checked parameters to a job.
    ///
    /// # Errors
    /// Why the protocol can't do the job, and what would work.
    pub fn bind(&self, name: &str, job: &Arc<Job>, params: &Value) -> Result<Bound, Unsupported> {
        match self.protocols.iter().find(|known| known.name() == name) {
            Some(protocol) => protocol.bind(job, params),
            None => Err(Unsupported::new(
                format!("there is no protocol {name}"),
                self.names(Kind::Protocol).join(", "),
            )),
        }
    }

    fn function(&self, name: &str) -> Option<&dyn DynFunction> {
        self.functions.iter().find(|known| known.name() == name).map(AsRef::as_ref)
    }

    /// What a function with checked parameters computes for so many input parties, and its one-line
    /// description; `None` if there is no such function.
    ///
    /// # Errors
    /// What does not fit.
    pub fn build(
        &self,
        name: &str,
        params: &Value,
        parties: usize,
    ) -> Option<Result<(Task, &'static str), FunctionError>> {
        let function = self.function(name)?;
        Some(function.build(params, parties).map(|task| (task, function.about())))
    }

    /// Random inputs of one input party.
    #[must_use]
    pub fn generate(
        &self,
        name: &str,
        params: &Value,
        party: usize,
        parties: usize,
        rng: &mut mpclab_sim::PartyRng,
    ) -> Inputs {
        self.function(name).map_or_else(Inputs::new, |f| f.generate(params, party, parties, rng))
    }

    /// What a function tells the adversary beyond its outputs, for the inputs of all input parties.
    #[must_use]
    pub fn leakage(&self, name: &str, params: &Value, inputs: &[Inputs]) -> Vec<i128> {
        self.function(name).map_or_else(Vec::new, |f| f.leakage(params, inputs))
    }

    /// Two vectors of inputs, by input party, that differ in honest inputs only and give the same
    /// leakage, and the same outputs if the coalition learns them; `corrupted` are input parties.
    /// None where the function gives all honest inputs away, see
    /// [`mpclab_protocols::functions::Function::equal_view_inputs`].
    #[must_use]
    pub fn equal_view_inputs(
        &self,
        name: &str,
        params: &Value,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut mpclab_sim::PartyRng,
    ) -> Option<InputPair> {
        let function = self.function(name)?;
        function.equal_view_inputs(params, parties, corrupted, outputs_seen, rng)
    }
}

impl Catalogue for Registry {
    fn names(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::Protocol => self.protocols.iter().map(|known| known.name().to_owned()).collect(),
            Kind::Function => self.functions.iter().map(|known| known.name().to_owned()).collect(),
        }
    }

    fn params(&self, kind: Kind, name: &str, given: &Value) -> Result<Value, ParamError> {
        let unknown = || ParamError {
            message: format!("there is no {kind} {name}"),
            allowed: self.names(kind),
            ..ParamError::default()
        };
        match kind {
            Kind::Protocol => {
                let known = self.protocols.iter().find(|known| known.name() == name);
                known.ok_or_else(unknown)?.params(given)
            }
            Kind::Function => self.function(name).ok_or_else(unknown)?.params(given),
        }
    }

    fn attacks(&self, protocol: &str) -> Vec<String> {
        let attacks = self.attacks(protocol).into_iter();
        attacks.map(|attack| attack.name.to_owned()).collect()
    }

    fn circuits(&self) -> Vec<String> {
        STANDARD.iter().map(|known| known.name.to_owned()).collect()
    }

    fn circuit(&self, name: &str) -> Option<Vec<u8>> {
        let known = STANDARD.iter().find(|known| known.name == name)?;
        let circuit = known.build(Optimise::Size).ok()?;
        let mut text = Vec::new();
        bristol::write(&circuit, &mut text).ok()?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpclab_sim::RunSeed;
    use mpclab_sim::vocabulary::PartyId;
    use serde_json::json;

    #[test]
    fn pairs_and_leakage_come_with_the_given_parameters() {
        let registry = registry();
        let mut rng = RunSeed::new(1, 0).rng("pair", PartyId::from(0usize));
        let params = json!({ "bits": 8, "length": 3 });
        let [first, second] = registry
            .equal_view_inputs("sum", &params, 3, &[1], true, &mut rng)
            .expect("two honest parties hide their shares of the sum");
        assert_eq!((first.len(), first[0]["value"].len()), (3, 3));
        assert_eq!(first[1], second[1]);
        assert_ne!(first, second);
        assert!(registry.leakage("sum", &params, &first).is_empty());
        let alone = registry.equal_view_inputs("sum", &params, 3, &[0, 1], true, &mut rng);
        assert_eq!(alone, None);
        let unknown = registry.equal_view_inputs("summ", &params, 3, &[1], true, &mut rng);
        assert_eq!(unknown, None);
    }
}
