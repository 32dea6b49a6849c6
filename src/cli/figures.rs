//! Figures as files.

use std::fs;
use std::path::{Path, PathBuf};

use mpclab_reports::export::{self, Format};
use mpclab_reports::journal;
use mpclab_reports::plot::{self, Figure, Medium, PlotError};
use rayon::prelude::*;

/// Dots per pixel of a PNG for a screen.
const SHARP: f32 = 2.0;

/// Dots per pixel of a PNG for paper: 300 per inch, of 108 pixels.
const PRINTED: f32 = 300.0 / 108.0;

/// Writes each figure into `plots/`: as SVG and PNG with its numbers as CSV, and for papers, into
/// `plots/paper/`, as SVG and PNG for one and two columns, as a LaTeX table and as PGFPlots source.
pub(super) fn write(
    out: &Path,
    draw: impl Fn(Medium) -> Result<Vec<Figure>, PlotError>,
) -> Result<(), String> {
    let plots = out.join("plots");
    let paper = plots.join("paper");
    fs::create_dir_all(&paper).map_err(|error| format!("{}: {error}", paper.display()))?;
    let write = |path: PathBuf, bytes: &[u8]| journal::replace(&path, bytes).map_err(text);
    let figures = draw(Medium::Screen).map_err(text)?;
    // Pictures of dots take the time.
    figures.par_iter().try_for_each(|figure| -> Result<(), String> {
        let png = plot::png(&figure.svg, SHARP).map_err(text)?;
        write(plots.join(format!("{}.png", figure.name)), &png)
    })?;
    for figure in &figures {
        let name = &figure.name;
        let table = |format| export::figure(figure, format, usize::MAX).map_err(text);
        write(plots.join(format!("{name}.svg")), figure.svg.as_bytes())?;
        write(plots.join(format!("{name}.csv")), table(Format::Csv)?.as_bytes())?;
        write(paper.join(format!("{name}-table.tex")), table(Format::Latex)?.as_bytes())?;
        if let Some(pgf) = plot::pgfplots(figure) {
            write(paper.join(format!("{name}.tex")), pgf.tex.as_bytes())?;
            write(paper.join(format!("{name}.dat")), pgf.dat.as_bytes())?;
        }
    }
    for medium in [Medium::OneColumn, Medium::TwoColumns] {
        draw(medium).map_err(text)?.par_iter().try_for_each(|figure| -> Result<(), String> {
            let file = |ending| paper.join(format!("{}{}{ending}", figure.name, medium.suffix()));
            write(file(".svg"), figure.svg.as_bytes())?;
            write(file(".png"), &plot::png(&figure.svg, PRINTED).map_err(text)?)
        })?;
    }
    Ok(())
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
