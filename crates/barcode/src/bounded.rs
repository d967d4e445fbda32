//! Runs an engine on a thread of its own, for a limited time.
//!
//! A thread cannot be killed. One that does not end in time is left behind, and counted: when too
//! many are left behind, the lane refuses further work until one of them ends. So an engine that
//! loops for ever costs one thread, and not one thread a frame.
//!
//! A thread that is done rests for some seconds and takes the next picture: to start one takes
//! longer than to read a small picture.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread without work stays.
const REST: Duration = Duration::from_secs(5);

/// Where the threads of one engine run.
pub(crate) struct Lane {
    name: &'static str,
    /// How many may run at once; others wait for their turn.
    abreast: usize,
    /// How many may be left behind before the lane refuses work.
    left_behind: usize,
    jobs: Mutex<Option<Jobs>>,
    ended: Condvar,
}

#[derive(Default)]
struct Jobs {
    next: u64,
    /// Running jobs by number; true for those nobody waits for any more.
    running: HashMap<u64, bool>,
    /// Threads without work, the last to rest last.
    resting: Vec<Worker>,
}

/// A thread, and the way to it.
#[derive(Clone)]
struct Worker {
    number: u64,
    way: Sender<Job>,
}

/// What a thread does next. It is given itself, to say when it is done.
type Job = Box<dyn FnOnce(&Worker) + Send>;

impl Lane {
    pub(crate) const fn new(name: &'static str, abreast: usize, left_behind: usize) -> Self {
        Self { name, abreast, left_behind, jobs: Mutex::new(None), ended: Condvar::new() }
    }

    /// Runs `work` and returns what it sent until it ended, panicked or `deadline` passed.
    pub(crate) fn run<T, W>(&'static self, deadline: Instant, work: W) -> Vec<T>
    where
        T: Send + 'static,
        W: FnOnce(&Sender<T>) + Send + 'static,
    {
        let Some(job) = self.enter(deadline) else { return Vec::new() };
        let (sender, receiver) = mpsc::channel();
        let started = self.start(Box::new(move |worker| {
            // The panic ends this attempt only; what was found before it is kept.
            let _ = catch_unwind(AssertUnwindSafe(|| work(&sender)));
            // Leave before hanging up: who sees the end of the channel may come again at once.
            self.leave(job, Some(worker.clone()));
            drop(sender);
        }));
        if !started {
            self.leave(job, None);
            return Vec::new();
        }
        let mut found = Vec::new();
        loop {
            match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(one) => found.push(one),
                Err(RecvTimeoutError::Disconnected) => return found,
                Err(RecvTimeoutError::Timeout) => {
                    self.abandon(job);
                    return found;
                }
            }
        }
    }

    /// Gives a job to a thread that rests, or to a new one. Whether there is one.
    fn start(&'static self, job: Job) -> bool {
        let resting = self.lock().as_mut().and_then(|jobs| jobs.resting.pop());
        let worker = match resting {
            Some(worker) => worker,
            None => match self.spawn() {
                Some(worker) => worker,
                None => return false,
            },
        };
        worker.way.send(job).is_ok()
    }

    fn spawn(&'static self) -> Option<Worker> {
        let (way, jobs) = mpsc::channel();
        let worker = Worker { number: self.number(), way };
        let given = worker.clone();
        let thread = thread::Builder::new().name(self.name.into());
        thread.spawn(move || self.work(&jobs, &given)).ok()?;
        Some(worker)
    }

    /// Does what comes, until nothing has come for a while.
    fn work(&self, jobs: &Receiver<Job>, worker: &Worker) {
        loop {
            match jobs.recv_timeout(REST) {
                Ok(job) => job(worker),
                // Whoever is not resting any more was just given something.
                Err(_) if self.goes(worker.number) => return,
                Err(_) => {}
            }
        }
    }

    /// Takes a thread from those that rest; whether it was among them.
    fn goes(&self, number: u64) -> bool {
        let mut guard = self.lock();
        let Some(jobs) = guard.as_mut() else { return true };
        let resting = jobs.resting.len();
        jobs.resting.retain(|worker| worker.number != number);
        jobs.resting.len() < resting
    }

    /// A number that nothing else here has.
    fn number(&self) -> u64 {
        let mut guard = self.lock();
        let jobs = guard.get_or_insert_default();
        jobs.next = jobs.next.wrapping_add(1);
        jobs.next
    }

    fn enter(&self, deadline: Instant) -> Option<u64> {
        let mut guard = self.lock();
        loop {
            let jobs = guard.get_or_insert_default();
            if jobs.running.values().filter(|abandoned| **abandoned).count() >= self.left_behind {
                return None;
            }
            if jobs.running.len() < self.abreast {
                jobs.next = jobs.next.wrapping_add(1);
                let job = jobs.next;
                jobs.running.insert(job, false);
                return Some(job);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            (guard, _) =
                self.ended.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn abandon(&self, job: u64) {
        if let Some(abandoned) = self.lock().as_mut().and_then(|jobs| jobs.running.get_mut(&job)) {
            *abandoned = true;
        }
        // Whoever waits for a turn learns that the lane may now be closed.
        self.ended.notify_all();
    }

    /// A job is done; its thread rests.
    fn leave(&self, job: u64, worker: Option<Worker>) {
        if let Some(jobs) = self.lock().as_mut() {
            jobs.running.remove(&job);
            jobs.resting.extend(worker);
        }
        self.ended.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Jobs>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn in_ms(ms: u64) -> Instant {
        Instant::now() + Duration::from_millis(ms)
    }

    #[test]
    fn all_that_is_sent_arrives() {
        static LANE: Lane = Lane::new("test-sent", 2, 1);
        let found = LANE.run(in_ms(5_000), |out| (0..3).for_each(|n| out.send(n).unwrap()));
        assert_eq!(found, [0, 1, 2]);
    }

    #[test]
    fn a_panic_keeps_what_was_found_before_it() {
        static LANE: Lane = Lane::new("test-panic", 1, 1);
        for _ in 0..3 {
            let found = LANE.run(in_ms(5_000), |out| {
                out.send(1).unwrap();
                panic!("an engine fell over, as this test wants");
            });
            assert_eq!(found, [1], "and the lane is free again for the next picture");
        }
    }

    #[test]
    fn one_that_never_ends_closes_the_lane_until_it_ends() {
        static LANE: Lane = Lane::new("test-stuck", 1, 1);
        let (release, stuck) = mpsc::channel::<()>();
        let begun = Instant::now();
        let found = LANE.run(in_ms(30), move |out| {
            out.send(1).unwrap();
            let _ = stuck.recv();
        });
        assert_eq!(found, [1]);
        assert!(begun.elapsed() >= Duration::from_millis(30), "the deadline was waited for");

        let begun = Instant::now();
        let refused: Vec<i32> = LANE.run(in_ms(60_000), |out| out.send(2).unwrap());
        assert!(refused.is_empty(), "no second thread beside a stuck one");
        assert!(begun.elapsed() < Duration::from_secs(30), "refused at once, without waiting");

        drop(release);
        let again = in_ms(60_000);
        let mut found = Vec::new();
        while found.is_empty() && Instant::now() < again {
            found = LANE.run(again, |out| out.send(3).unwrap());
        }
        assert_eq!(found, [3], "open again after the stuck one ended");
    }

    #[test]
    fn a_thread_is_used_again_and_ends_when_nothing_comes() {
        static LANE: Lane = Lane::new("test-rest", 2, 1);
        let run = || LANE.run(in_ms(5_000), |out| out.send(thread::current().id()).unwrap());
        let first = run();
        for _ in 0..100 {
            assert_eq!(run(), first);
        }
        let resting = || LANE.lock().as_ref().map_or(0, |jobs| jobs.resting.len());
        assert_eq!(resting(), 1);
        let begun = Instant::now();
        while resting() > 0 {
            assert!(begun.elapsed() < 4 * REST, "it ends by itself");
            thread::sleep(Duration::from_millis(50));
        }
        assert_ne!(run(), first, "and another one comes");
    }

    #[test]
    fn a_full_lane_is_waited_for() {
        static LANE: Lane = Lane::new("test-full", 1, 1);
        let (inside, began) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        let first = thread::spawn(move || {
            LANE.run(in_ms(60_000), move |out| {
                inside.send(()).unwrap();
                let _ = held.recv();
                out.send(1).unwrap();
            })
        });
        began.recv().unwrap();
        let late: Vec<i32> = LANE.run(in_ms(20), |out| out.send(2).unwrap());
        assert!(late.is_empty(), "the turn did not come before the deadline");
        let second = thread::spawn(|| LANE.run(in_ms(60_000), |out| out.send(3).unwrap()));
        drop(release);
        assert_eq!((first.join().unwrap(), second.join().unwrap()), (vec![1], vec![3]));
    }
}
