//! Threads, as many as the system gives: where it gives fewer than were wanted, or none, work goes on with those that there are.

use std::sync::{Mutex, PoisonError};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// How many of `wanted` threads the system gives now. Libraries that start threads of their own panic, or wait for ever, where
/// one cannot be had.
pub(crate) fn to_be_had(wanted: usize) -> usize {
    let gate = Mutex::new(());
    let pass = || gate.lock().unwrap_or_else(PoisonError::into_inner);
    let held = pass();
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, || drop(pass())).ok();
        // All at the same time: none ends before the last was asked for.
        let started: Vec<_> = (0..wanted).map_while(start).collect();
        drop(held);
        // A scope waits for what threads do, and not until they are gone.
        started.into_iter().flat_map(thread::ScopedJoinHandle::join).count()
    })
}

/// A pool of `wanted` threads, else of the current one.
///
/// # Errors
/// When the current thread is in such a pool already: then that one serves.
pub(crate) fn pool(wanted: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let builder = || ThreadPoolBuilder::new().num_threads(wanted.max(1));
    builder().build().or_else(|_| builder().num_threads(1).use_current_thread().build())
}

/// Makes sure that rayon's pool of the process can be used, which panics where not all of its threads can be had: then it is of the
/// current thread. To be called before anything uses it.
pub(crate) fn prepare() {
    let wanted = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if to_be_had(wanted) < wanted {
        // There may be one already.
        let _ = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_threads() {
        assert_eq!(to_be_had(3), 3);
        assert_eq!(to_be_had(0), 0);
        assert_eq!(pool(2).unwrap().current_num_threads(), 2);
        prepare();
    }
}
