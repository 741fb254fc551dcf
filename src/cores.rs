//! Work on many things that need nothing of each other, by as many threads as
//! there are cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each, in their order. A panic in one is a panic here.
pub fn map<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(all.len());
    if cores < 2 {
        return all.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    // Whoever is free takes the next: one thing may be as long as all others.
    let shift = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(index) else { return done };
            done.push((index, work(one)));
        }
    };
    let mut done = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(shift)).collect();
        let joined = threads.into_iter().flat_map(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        joined.collect::<Vec<_>>()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_is_done_once_and_in_order() {
        let all: Vec<u64> = (0..1_000).collect();
        let doubled: Vec<u64> = all.iter().map(|it| it * 2).collect();
        assert_eq!(super::map(&all, |it| it * 2), doubled);
        assert_eq!(super::map(&[] as &[u64], |it| *it), [0; 0]);
    }
}
