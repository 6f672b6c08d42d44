//! Dead-lines for answers, kept by one look at all that wait: a timer for each would cost every request what a look
//! costs hundreds.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Ticks;

/// What one worker waits for. Bounded by its open requests.
#[derive(Debug, Default)]
pub(super) struct Patience {
    places: RefCell<Vec<Place>>,
    free: RefCell<Vec<usize>>,
}

#[derive(Debug)]
enum Place {
    Free,
    Waiting(Ticks, Waker),
    Over,
}

impl Patience {
    /// Wakes what has waited for `limit` or longer at `now`.
    pub(super) fn look(&self, now: Ticks, limit: Duration) {
        for place in self.places.borrow_mut().iter_mut() {
            if let Place::Waiting(since, _) = place
                && since.plus(limit) <= now
                && let Place::Waiting(_, waker) = std::mem::replace(place, Place::Over)
            {
                waker.wake();
            }
        }
    }

    /// Waits for `inner` from `since` on; `None` once a look has found it over its dead-line.
    pub(super) const fn wait<F: Future + Unpin>(&self, inner: F, since: Ticks) -> Waiting<'_, F> {
        Waiting { patience: self, inner, since, place: None }
    }

    fn enter(&self, since: Ticks, waker: &Waker) -> usize {
        let mut places = self.places.borrow_mut();
        let waiting = Place::Waiting(since, waker.clone());
        if let Some(index) = self.free.borrow_mut().pop() {
            places[index] = waiting;
            return index;
        }
        places.push(waiting);
        places.len() - 1
    }

    fn leave(&self, index: usize) {
        let (mut places, mut free) = (self.places.borrow_mut(), self.free.borrow_mut());
        places[index] = Place::Free;
        free.push(index);
        // Nobody waits: the places of a busy moment need not be looked at any more.
        if free.len() == places.len() {
            places.clear();
            free.clear();
        }
    }
}

/// See [`Patience::wait`].
pub(super) struct Waiting<'p, F> {
    patience: &'p Patience,
    inner: F,
    since: Ticks,
    place: Option<usize>,
}

impl<F: Future + Unpin> Future for Waiting<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Poll::Ready(output) = Pin::new(&mut this.inner).poll(cx) {
            return Poll::Ready(Some(output));
        }
        let Some(index) = this.place else {
            this.place = Some(this.patience.enter(this.since, cx.waker()));
            return Poll::Pending;
        };
        match &mut this.patience.places.borrow_mut()[index] {
            Place::Waiting(_, waker) => {
                waker.clone_from(cx.waker());
                Poll::Pending
            }
            Place::Over | Place::Free => Poll::Ready(None),
        }
    }
}

impl<F> Drop for Waiting<'_, F> {
    fn drop(&mut self) {
        if let Some(index) = self.place {
            self.patience.leave(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_waits_too_long_is_told_and_leaves_no_place() {
        let patience = Patience::default();
        let limit = Duration::from_secs(5);
        {
            let old = patience.wait(Box::pin(std::future::pending::<()>()), Ticks(1));
            let young = patience.wait(Box::pin(std::future::pending::<()>()), Ticks(2_000_001));
            let looks = async {
                tokio::task::yield_now().await;
                patience.look(Ticks(5_000_001), limit);
                tokio::task::yield_now().await;
                patience.look(Ticks(7_000_001), limit);
            };
            let (old, young, ()) = tokio::join!(old, young, looks);
            assert_eq!((old, young), (None, None));
        }
        assert!(patience.places.borrow().is_empty());
        assert_eq!(patience.wait(std::future::ready(7), Ticks(0)).await, Some(7));
    }
}
