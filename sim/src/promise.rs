//! Values that one strand hands to others of the same party.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::ctx::Ctx;
use crate::message::Depth;

/// A value that will be there: strands that wait for it go on at least at the causal depth of the
/// strand that kept it, so rounds are counted through it.
///
/// Cloning gives another handle of the same promise.
#[derive(Clone)]
pub struct Promise<T> {
    ctx: Ctx,
    cell: Arc<Mutex<PromiseState<T>>>,
}

struct PromiseState<T> {
    kept: Option<(T, Depth)>,
    waiting: Vec<Waker>,
}

impl<T: Clone + Send> Promise<T> {
    pub(crate) fn new(ctx: Ctx) -> Self {
        Promise {
            ctx,
            cell: Arc::new(Mutex::new(PromiseState { kept: None, waiting: Vec::new() })),
        }
    }

    /// Keeps the promise; keeping it a second time is a bug that ends the run.
    pub fn keep(&self, value: T) {
        let depth = self.ctx.lock().depth;
        let waiting = {
            let mut cell = self.cell.lock().unwrap_or_else(PoisonError::into_inner);
            if cell.kept.is_some() {
                self.ctx.lock().report_bug("keeps a promise twice".to_owned());
            }
            cell.kept = Some((value, depth));
            std::mem::take(&mut cell.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits for the value.
    pub fn get(&self) -> Kept<T> {
        Kept { promise: self.clone() }
    }
}

/// Future of [`Promise::get`].
pub struct Kept<T> {
    promise: Promise<T>,
}

impl<T: Clone + Send> Future for Kept<T> {
    type Output = T;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Nobody else can ask any more: the value need not be copied.
        let is_last = Arc::strong_count(&self.promise.cell) == 1;
        let mut cell = self.promise.cell.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((value, depth)) = cell.kept.take() else {
            // Who is polled again for another reason waits once.
            if !cell.waiting.last().is_some_and(|waker| waker.will_wake(cx.waker())) {
                cell.waiting.push(cx.waker().clone());
            }
            return Poll::Pending;
        };
        self.promise.ctx.lock().depth.merge(&depth);
        if is_last {
            return Poll::Ready(value);
        }
        cell.kept = Some((value.clone(), depth));
        Poll::Ready(value)
    }
}
