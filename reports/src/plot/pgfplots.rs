//! Figures for papers that are set with LaTeX: PGFPlots with its data in a file beside it.

use super::Figure;
use super::data::{BarPanel, Data, MatrixPanel, Scale, Series, SeriesPoint};
use super::style::{self, Dash, Marker, Texture};
use crate::export::latex_escape as escape;

/// A figure for PGFPlots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pgf {
    /// The picture, to be put into a `figure` environment; it reads the data from `<name>.dat`.
    pub tex: String,
    /// The numbers: a heading, then columns between spaces, `nan` where there is none.
    pub dat: String,
}

/// A column of a data file.
struct Column {
    name: String,
    numbers: Vec<f64>,
}

/// A figure for PGFPlots; `None` if its data has no form there.
#[must_use]
pub fn pgfplots(figure: &Figure) -> Option<Pgf> {
    let file = format!("{}.dat", figure.name);
    let (body, columns) = match &figure.data {
        Data::Lines { level, upright, series } => lines(&file, level, upright, series),
        Data::Bars { value, parts, stacked, panels, .. } => {
            bars(&file, value, parts, *stacked, panels)
        }
        Data::Matrix { value, rows, columns, panels } => {
            matrices(&file, value, (rows, columns), panels)
        }
        Data::Table(_) => return None,
    };
    let about = figure.title.replace(['\n', '\r'], " ");
    let tex = format!(
        "% {about}\n% \\usepackage{{pgfplots}} \\usetikzlibrary{{patterns,calc}} \
         \\pgfplotsset{{compat=1.18}}\n\\begin{{tikzpicture}}\n{body}\\end{{tikzpicture}}\n"
    );
    Some(Pgf { tex, dat: dat(&columns) })
}

fn dat(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut text = names.join(" ") + "\n";
    let rows = columns.iter().map(|column| column.numbers.len()).max().unwrap_or(0);
    for row in 0..rows {
        let number = |column: &Column| match column.numbers.get(row) {
            Some(number) if number.is_finite() => number.to_string(),
            _ => "nan".to_owned(),
        };
        text += &(columns.iter().map(number).collect::<Vec<_>>().join(" ") + "\n");
    }
    text
}

/// What numbers are divided by, and what to call the axis then.
fn scaled(scale: &Scale, largest: f64) -> (f64, String) {
    let (factor, symbol) = scale.unit.scale(largest);
    let unit = if symbol.is_empty() { String::new() } else { format!(" [{symbol}]") };
    let unit = unit.replace('µ', "\\textmu ");
    (factor, escape(&scale.name) + &unit)
}

fn rgb(index: usize) -> String {
    let colour = style::colour(index);
    format!("{{rgb,255:red,{};green,{};blue,{}}}", colour.0, colour.1, colour.2)
}

fn marker(index: usize) -> &'static str {
    match style::marker(index) {
        Marker::Circle => "mark=*",
        Marker::Square => "mark=square*",
        Marker::Triangle => "mark=triangle*",
        Marker::Diamond => "mark=diamond*",
        Marker::Down => "mark=triangle*, mark options={solid, rotate=180}",
        Marker::Cross => "mark=x",
    }
}

fn dash(index: usize) -> &'static str {
    match style::dash(index) {
        Dash::Solid => "solid",
        Dash::Long => "dash pattern=on 6pt off 3pt",
        Dash::Short => "dash pattern=on 3pt off 2pt",
        Dash::Dotted => "dash pattern=on 1pt off 2pt",
    }
}

fn pattern(index: usize) -> &'static str {
    match style::paint(index).texture {
        Texture::Plain => "",
        Texture::Rising => "north east lines",
        Texture::Falling => "north west lines",
        Texture::Crossed => "crosshatch",
        Texture::Level => "horizontal lines",
        Texture::Upright => "vertical lines",
    }
}

/// Words in order, as labels of ticks.
fn tick_labels<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.map(|word| format!("{{{}}}", escape(word))).collect::<Vec<_>>().join(",")
}

fn lines(file: &str, level: &Scale, upright: &Scale, series: &[Series]) -> (String, Vec<Column>) {
    let points = || series.iter().flat_map(|line| &line.points);
    let most = |of: fn(&SeriesPoint) -> f64| points().map(of).fold(0.0, f64::max);
    let (across, x_label) = match level.words.is_empty() {
        true => scaled(level, most(|point| point.at)),
        false => (1.0, escape(&level.name)),
    };
    let (up, y_label) = scaled(upright, most(|point| point.high));
    let mut options = vec![
        "width=\\columnwidth, height=0.7\\columnwidth".to_owned(),
        format!("xlabel={{{x_label}}}, ylabel={{{y_label}}}"),
        "grid=major, legend cell align=left, legend columns=2".to_owned(),
        "legend style={at={(0.5,1.03)}, anchor=south, draw=none, font=\\footnotesize}".to_owned(),
    ];
    options.extend(level.log.then(|| "xmode=log, log ticks with fixed point".to_owned()));
    options.extend(upright.log.then(|| "ymode=log".to_owned()));
    if !level.words.is_empty() {
        let last = level.words.len() - 1;
        options.push(format!("xtick={{0,...,{last}}}, enlarge x limits=0.2"));
        options.push(format!("xticklabels={{{}}}", tick_labels(level.words.iter())));
    }
    let (mut text, mut columns) = (axis(&options), Vec::new());
    for (at, line) in series.iter().enumerate() {
        let column = |name: &str, of: &dyn Fn(&SeriesPoint) -> f64| Column {
            name: format!("{name}{at}"),
            numbers: line.points.iter().map(of).collect(),
        };
        columns.extend([
            column("x", &|point| point.at / across),
            column("y", &|point| point.value / up),
            column("minus", &|point| (point.value - point.low) / up),
            column("plus", &|point| (point.high - point.value) / up),
        ]);
        let only = if level.words.is_empty() { "" } else { ", only marks" };
        text += &format!(
            "\\addplot[color={}, {}, {}{only}, error bars/.cd, y dir=both, y explicit]\n  \
             table[x=x{at}, y=y{at}, y error minus=minus{at}, y error plus=plus{at}] {{{file}}};\n\
             \\addlegendentry{{{}}}\n",
            rgb(at),
            dash(at),
            marker(at),
            escape(&line.label)
        );
    }
    (text + "\\end{axis}\n", columns)
}

fn axis(options: &[String]) -> String {
    format!("\\begin{{axis}}[\n  {},\n  unbounded coords=discard]\n", options.join(",\n  "))
}

/// A name for a panel below the one before it.
fn place(at: usize) -> String {
    let below = match at {
        0 => String::new(),
        _ => format!(", at={{($(p{}.south west)-(0,1.6cm)$)}}, anchor=north west", at - 1),
    };
    format!("name=p{at}{below}")
}

fn bars(
    file: &str,
    value: &Scale,
    parts: &[String],
    stacked: bool,
    panels: &[BarPanel],
) -> (String, Vec<Column>) {
    let (mut text, mut columns) = (String::new(), Vec::new());
    for (at, panel) in panels.iter().enumerate() {
        let sum = |parts: &[Option<u64>]| {
            let figures = parts.iter().flatten().map(|figure| *figure as f64);
            if stacked { figures.sum() } else { figures.fold(0.0, f64::max) }
        };
        let most = panel.rows.iter().map(|row| sum(&row.parts)).fold(0.0, f64::max);
        let (factor, label) = scaled(value, most);
        let count = panel.rows.len();
        let kind = if stacked { "xbar stacked" } else { "xbar" };
        text += &axis(&[
            place(at),
            format!("{kind}, xmin=0, bar width={}", if stacked { "8pt" } else { "4pt" }),
            format!("width=\\columnwidth, height={}cm", 2.2 + 0.65 * count as f64),
            format!("title={{{}}}, xlabel={{{label}}}", escape(&panel.heading)),
            format!("ytick={{0,...,{}}}, y dir=reverse", count.saturating_sub(1)),
            format!("yticklabels={{{}}}", tick_labels(panel.rows.iter().map(|row| &row.label))),
            "enlarge y limits={abs=0.6}, legend columns=-1".to_owned(),
            "legend style={at={(0.5,1.25)}, anchor=south, draw=none, font=\\footnotesize}"
                .to_owned(),
        ]);
        let rows = (0..count).map(|row| row as f64).collect();
        columns.push(Column { name: format!("row{at}"), numbers: rows });
        for (part, name) in parts.iter().enumerate() {
            let number = |row: &super::BarRow| match row.parts.get(part).copied().flatten() {
                Some(figure) => figure as f64 / factor,
                // A stack needs a number; what is not priced adds nothing to it.
                None if stacked => 0.0,
                None => f64::NAN,
            };
            let numbers = panel.rows.iter().map(number).collect();
            columns.push(Column { name: format!("part{at}x{part}"), numbers });
            let lines = match pattern(part) {
                "" => String::new(),
                lines => format!(", postaction={{pattern={lines}, pattern color=white}}"),
            };
            text += &format!(
                "\\addplot[draw=none, fill={}{lines}] table[x=part{at}x{part}, y=row{at}] \
                 {{{file}}};\n",
                rgb(part)
            );
            if at == 0 {
                text += &format!("\\addlegendentry{{{}}}\n", escape(name));
            }
        }
        text += "\\end{axis}\n";
    }
    (text, columns)
}

fn matrices(
    file: &str,
    value: &Scale,
    (rows, across): (&str, &str),
    panels: &[MatrixPanel],
) -> (String, Vec<Column>) {
    let all = || panels.iter().flat_map(|panel| panel.cells.iter().flatten());
    let (factor, label) = scaled(value, all().copied().max().unwrap_or(0) as f64);
    let (mut text, mut columns) = (String::new(), Vec::new());
    for (at, panel) in panels.iter().enumerate() {
        let side = panel.side.max(1);
        text += &axis(&[
            place(at),
            "width=0.8\\columnwidth, height=0.8\\columnwidth, enlargelimits=false".to_owned(),
            "colormap={pale}{rgb255=(222,235,247) rgb255=(146,197,222) rgb255=(33,113,181) \
             rgb255=(8,40,92)}, colorbar"
                .to_owned(),
            format!("colorbar style={{ylabel={{{label}}}}}"),
            format!("title={{{}}}, xlabel={{{across}}}, ylabel={{{rows}}}", escape(&panel.heading)),
            "y dir=reverse".to_owned(),
        ]);
        let places = |of: fn(usize, usize) -> usize| -> Vec<f64> {
            (0..panel.cells.len()).map(|cell| of(cell, side) as f64).collect()
        };
        let number = |cell: &Option<u64>| cell.map_or(f64::NAN, |cell| cell as f64 / factor);
        let column = |name: &str, numbers| Column { name: format!("{name}{at}"), numbers };
        columns.extend([
            column("from", places(|cell, side| cell / side)),
            column("to", places(|cell, side| cell % side)),
            column("value", panel.cells.iter().map(number).collect()),
        ]);
        text += &format!(
            "\\addplot[matrix plot*, mesh/cols={side}, point meta=explicit]\n  \
             table[x=to{at}, y=from{at}, meta=value{at}] {{{file}}};\n\\end{{axis}}\n"
        );
    }
    (text, columns)
}
