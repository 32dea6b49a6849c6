use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::PlotError;

/// Family of the embedded fonts, DejaVu Sans Condensed: as wide as the layout expects, with the
/// signs that the figures use. Nothing is taken from the system, so that all machines draw the
/// same.
const FAMILY: &str = "DejaVu Sans";

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for font in [dejavu::sans_condensed::regular(), dejavu::sans_condensed::bold()] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
});

/// A picture as PNG, `scale` dots for each of its pixels: 2 for a sharp screen, 300 / 108 for 300
/// dots per inch on paper.
///
/// # Errors
/// [`PlotError`] if the picture is no SVG or has no area.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    let options = Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::clone(&FONTS),
        // So that an inch of paper has as many pixels as the layout expects.
        dpi: 108.0,
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| PlotError(error.to_string()))?;
    let dots = |length: f32| (length * scale).round() as u32;
    let (width, height) = (dots(tree.size().width()), dots(tree.size().height()));
    let mut picture = Pixmap::new(width, height)
        .ok_or_else(|| PlotError(format!("there is no picture of {width} by {height} dots")))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut picture.as_mut());
    picture.encode_png().map_err(|error| PlotError(error.to_string()))
}
