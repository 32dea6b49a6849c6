//! Figures as files.

use std::path::{Path, PathBuf};

use mpclab_reports::export::{self, Format};
use mpclab_reports::journal;
use mpclab_reports::plot::{self, Figure, Medium, PlotError};
use rayon::prelude::*;

/// Dots per pixel of a PNG for a screen.
const SHARP: f32 = 2.0;

/// Dots per pixel of a PNG for paper: 300 per inch, of 108 pixels.
const PRINTED: f32 = 300.0 / 108.0;

/// Writes each figure into `plots/`: as SVG with its numbers as CSV, and for papers, into
/// `plots/paper/`, as SVG for one and two columns, as a LaTeX table and as PGFPlots source. With the
/// feature `png`, each SVG has a PNG beside it.
pub(super) fn write(
    out: &Path,
    draw: impl Fn(Medium) -> Result<Vec<Figure>, PlotError>,
) -> Result<(), String> {
    let plots = out.join("plots");
    let paper = plots.join("paper");
    for folder in [&plots, &paper] {
        mpclab_files::subfolder(folder).map_err(|(at, why)| format!("{}: {why}", at.display()))?;
    }
    let write = |path: PathBuf, bytes: &[u8]| journal::replace(&path, bytes).map_err(text);
    let figures = draw(Medium::Screen).map_err(text)?;
    let file_of = |figure: &Figure| mpclab_files::component(&figure.name);
    let screen = |figure: &Figure| picture(&plots, &file_of(figure), figure, SHARP);
    figures.par_iter().try_for_each(screen)?;
    for figure in &figures {
        let name = &file_of(figure);
        let table = |format| export::figure(figure, format, usize::MAX).map_err(text);
        write(plots.join(format!("{name}.csv")), table(Format::Csv)?.as_bytes())?;
        write(paper.join(format!("{name}-table.tex")), table(Format::Latex)?.as_bytes())?;
        if let Some(pgf) = plot::pgfplots(figure) {
            write(paper.join(format!("{name}.tex")), pgf.tex.as_bytes())?;
            write(paper.join(format!("{name}.dat")), pgf.dat.as_bytes())?;
        }
    }
    for medium in [Medium::OneColumn, Medium::TwoColumns] {
        draw(medium).map_err(text)?.par_iter().try_for_each(|figure| -> Result<(), String> {
            let name = format!("{}{}", file_of(figure), medium.suffix());
            picture(&paper, &name, figure, PRINTED)
        })?;
    }
    Ok(())
}

/// One picture: `name.svg`, and `name.png` where that is built in. `scale`: dots per pixel.
#[cfg_attr(not(feature = "png"), allow(unused_variables))]
fn picture(folder: &Path, name: &str, figure: &Figure, scale: f32) -> Result<(), String> {
    let file = |ending| folder.join(format!("{name}.{ending}"));
    journal::replace(&file("svg"), figure.svg.as_bytes()).map_err(text)?;
    #[cfg(feature = "png")]
    journal::replace(&file("png"), &plot::png(&figure.svg, scale).map_err(text)?).map_err(text)?;
    Ok(())
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
