//! The page of advice for a deployment.

use minijinja::context;
use minijinja::value::Value;

use super::{ReportError, environment, fact, figure, style};
use crate::advice::{Advice, Part, document};
use crate::plot::{self, Medium};

/// What the page of advice is made from.
#[derive(Clone, Copy, Debug)]
pub struct AdviceInput<'a> {
    /// The advice.
    pub advice: &'a Advice,
    /// The scenario of all options with everything resolved, as text.
    pub resolved_yaml: &'a str,
    /// The command that gives this advice again.
    pub command: &'a str,
}

/// The whole page.
///
/// # Errors
/// [`ReportError`] if a plot cannot be drawn or the page cannot be put together.
pub fn advice(input: &AdviceInput<'_>) -> Result<String, ReportError> {
    let advice = input.advice;
    let figures = plot::load(advice, Medium::Screen)?.into_iter();
    let figures: Vec<Value> = figures.map(|of| figure(&of, input.command)).collect();
    let parts: Vec<Value> = document(advice).into_iter().map(part).collect();
    let provenance = [
        fact("mpclab", &advice.version),
        fact("model", &advice.model.to_string()),
        fact("advice schema", &advice.schema.to_string()),
        fact("seed", &advice.seed.to_string()),
        fact("profile", &advice.profile),
    ];
    let page = environment()?.get_template("advice.html")?.render(context! {
        title => format!("Advice for {}", advice.deployment),
        about => advice.about.clone(),
        style => style(),
        parts_of_advice => parts,
        figures => figures,
        resolved => input.resolved_yaml,
        command => input.command,
        provenance => provenance.to_vec(),
    })?;
    Ok(page)
}

fn part(part: Part) -> Value {
    match part {
        Part::Heading(text) => context! { kind => "heading", text },
        Part::Text(text) => context! { kind => "text", text },
        Part::Table { headers, rows, notes } => context! { kind => "table", headers, rows, notes },
    }
}
