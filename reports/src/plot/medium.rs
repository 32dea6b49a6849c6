/// What a figure is drawn for: how wide it is, and how large its letters are beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Medium {
    /// A page on a screen; the figure has its title in it.
    #[default]
    Screen,
    /// One column of a paper, 3.3 in, with letters of 8 pt; the title is left to the caption.
    OneColumn,
    /// Both columns of a paper, 7 in, likewise.
    TwoColumns,
}

impl Medium {
    /// All of them.
    pub const ALL: [Medium; 3] = [Medium::Screen, Medium::OneColumn, Medium::TwoColumns];

    /// What the name of a figure's file ends in, before the dot.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Medium::Screen => "",
            Medium::OneColumn => "-one-column",
            Medium::TwoColumns => "-two-columns",
        }
    }

    /// Width on paper, inches; `None` for a screen.
    #[must_use]
    pub fn inches(self) -> Option<f64> {
        match self {
            Medium::Screen => None,
            Medium::OneColumn => Some(3.3),
            Medium::TwoColumns => Some(7.0),
        }
    }

    /// Width, pixels: on paper 108 to the inch, so that 12 of them are 8 pt.
    pub(super) fn width(self) -> i32 {
        self.inches().map_or(640, |inches| (inches * 108.0).round() as i32)
    }

    /// Height of an area in which lines are drawn, pixels.
    pub(super) fn plot_height(self) -> i32 {
        match self {
            Medium::Screen | Medium::TwoColumns => 300,
            Medium::OneColumn => 190,
        }
    }

    /// Whether there is room for words beside a bar.
    pub(super) fn is_narrow(self) -> bool {
        self == Medium::OneColumn
    }
}
