//! The progress bar of scans that take longer than a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use crate::pipeline::Meter;

/// How long a scan may take before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Runs `work`, with a line on standard error about what `meter` counts if `show` is set and it takes
/// longer than a second.
pub(super) fn with_progress<T>(meter: &Meter, show: bool, work: impl FnOnce() -> T) -> T {
    if !show {
        return work();
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // Without a thread for it there is no bar.
        let bar = thread::Builder::new().spawn_scoped(scope, || draw(meter, &done)).ok();
        let result = work();
        done.store(true, Ordering::Relaxed);
        if let Some(bar) = bar {
            bar.thread().unpark();
        }
        result
    })
}

fn draw(meter: &Meter, done: &AtomicBool) {
    let started = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !done.load(Ordering::Relaxed) {
        thread::park_timeout(TICK);
        let elapsed = started.elapsed();
        if elapsed < PATIENCE {
            continue;
        }
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_style(ProgressStyle::default_spinner());
            bar
        });
        let counts = meter.counts();
        let rate = u128::from(counts.bytes) * 1_000 / elapsed.as_millis().max(1);
        // Of packs it is known how much there is.
        let packs = meter.packs().filter(|(done, _)| *done > 0).map(|(done, all)| {
            let left = elapsed.mul_f64((all - done) as f64 / done as f64);
            format!(
                ", {} % of {} of packs, {} left",
                done * 100 / all,
                HumanBytes(all),
                HumanDuration(left)
            )
        });
        bar.set_message(format!(
            "{} files, {} objects, {} ({}/s){}",
            HumanCount(counts.files),
            HumanCount(counts.objects),
            HumanBytes(counts.bytes),
            HumanBytes(rate as u64),
            packs.unwrap_or_default(),
        ));
        bar.tick();
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}
