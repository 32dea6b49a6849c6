use std::cell::Cell;

/// Which instructions kernels use. Results are the same at all levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Kind);

/// The levels there are; only a [`Level`] says that the processor has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Aes,
    #[cfg(target_arch = "x86_64")]
    Vaes,
}

thread_local! {
    static LEVEL: Cell<Option<Level>> = const { Cell::new(None) };
}

impl Level {
    /// No instructions of one kind of processor but those that the crate `aes` finds.
    pub const PORTABLE: Level = Level(Kind::Portable);

    /// Every level that this processor has, the fastest last.
    #[must_use]
    pub fn available() -> Vec<Level> {
        #[allow(unused_mut)]
        let mut levels = vec![Level::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            if crate::x86::narrow::is_available() {
                levels.push(Level(Kind::Aes));
            }
            if crate::x86::wide::is_available() {
                levels.push(Level(Kind::Vaes));
            }
        }
        levels
    }

    /// The level of kernels that this thread calls: the fastest, outside of [`Level::run`].
    #[must_use]
    pub fn current() -> Level {
        LEVEL.get().unwrap_or_else(|| {
            let best = Level::available().pop().unwrap_or(Level::PORTABLE);
            LEVEL.set(Some(best));
            best
        })
    }

    /// Runs `f` with kernels at this level, on this thread: for tests and benchmarks.
    pub fn run<T>(self, f: impl FnOnce() -> T) -> T {
        struct Restore(Option<Level>);
        impl Drop for Restore {
            fn drop(&mut self) {
                LEVEL.set(self.0);
            }
        }
        let _restore = Restore(LEVEL.replace(Some(self)));
        f()
    }

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Aes => "aes-ni",
            #[cfg(target_arch = "x86_64")]
            Kind::Vaes => "vaes",
        }
    }

    #[inline]
    pub(crate) const fn kind(self) -> Kind {
        self.0
    }
}

/// Calls a kernel in the form of a level.
macro_rules! kernel {
    ($level:expr, $name:ident($($argument:expr),*)) => {{
        let level: $crate::Level = $level;
        match level.kind() {
            $crate::level::Kind::Portable => $crate::portable::$name($($argument),*),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Level` of this kind is made only where the processor has the features
            // that the module's functions are compiled for.
            $crate::level::Kind::Aes => unsafe { $crate::x86::narrow::$name($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            $crate::level::Kind::Vaes => unsafe { $crate::x86::wide::$name($($argument),*) },
        }
    }};
}
pub(crate) use kernel;
