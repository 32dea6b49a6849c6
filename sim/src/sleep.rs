//! Waiting by the party's own clock.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::ctx::Ctx;
use crate::mailbox::Wait;
use crate::receive::nanos;

/// Future of [`Ctx::sleep`].
pub struct Sleep {
    ctx: Ctx,
    duration_ns: u64,
    wait: Option<u32>,
    until_ns: u64,
}

impl Sleep {
    pub(crate) fn new(ctx: Ctx, duration: Duration) -> Self {
        Sleep { ctx, duration_ns: nanos(duration), wait: None, until_ns: 0 }
    }
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let ctx = self.ctx.clone();
        let mut state = ctx.lock();
        let is_first = self.wait.is_none();
        if is_first {
            state.act(ctx.slot());
            self.until_ns = state.clock_ns.saturating_add(self.duration_ns);
            let wait = Wait {
                deadline_ns: Some(self.until_ns),
                scope: ctx.slot(),
                waker: Some(cx.waker().clone()),
                ..Wait::default()
            };
            let wait = state.open_wait(wait);
            self.wait = Some(wait);
            let generation = state.mail.generation(wait);
            state.timers.push((self.until_ns, wait, generation));
        }
        // Never at once: the kernel gets its turn even where the duration is 0.
        if !is_first && state.now_ns >= self.until_ns {
            return Poll::Ready(());
        }
        if let Some(wait) = self.wait.and_then(|w| state.mail.wait(w)) {
            wait.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(wait) = self.wait {
            self.ctx.lock().close_wait(wait);
        }
    }
}
