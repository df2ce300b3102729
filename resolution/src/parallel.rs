//! Shares work out among threads.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the jobs 0 to `jobs` on so many threads, each with a state of its own that `start` makes; all states, in no
/// order. Whoever is done takes the next job, so that no core waits for one large job at the end of many.
pub(crate) fn share<S: Send>(
    threads: usize,
    jobs: usize,
    start: impl Fn() -> S + Sync,
    job: impl Fn(&mut S, usize) + Sync,
) -> Vec<S> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut state = start();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= jobs {
                return state;
            }
            job(&mut state, number);
        }
    };
    let threads = threads.min(jobs);
    if threads <= 1 {
        return vec![work()];
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// The same where each job has a result: the results, in the order of jobs.
pub(crate) fn in_order<T: Send>(threads: usize, jobs: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let done = share(threads, jobs, Vec::new, |done, number| done.push((number, job(number))));
    let mut done: Vec<(usize, T)> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The same of the pieces of a list, each of `size` items but the last.
pub(crate) fn in_pieces<I: Sync, T: Send>(
    threads: usize,
    items: &[I],
    size: usize,
    job: impl Fn(&[I]) -> T + Sync,
) -> Vec<T> {
    in_order(threads, items.len().div_ceil(size), |number| {
        let start = number * size;
        job(&items[start..(start + size).min(items.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once() {
        for (threads, jobs) in [(1, 0), (1, 5), (4, 1), (3, 100)] {
            let states = share(threads, jobs, Vec::new, |done, number| done.push(number));
            let mut done: Vec<usize> = states.into_iter().flatten().collect();
            done.sort_unstable();
            assert!(done.into_iter().eq(0..jobs), "{threads} {jobs}");
            let numbers: Vec<usize> = (0..jobs).collect();
            assert_eq!(
                in_pieces(threads, &numbers, 3, <[usize]>::to_vec).concat(),
                numbers,
                "{threads} {jobs}"
            );
            assert!(in_order(threads, jobs, |number| number).into_iter().eq(0..jobs), "{threads} {jobs}");
        }
    }
}
