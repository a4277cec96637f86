//! Wakes the workers of this process when there is something to do. Those of other processes look for
//! themselves.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

static RINGS: Mutex<u64> = Mutex::new(0);
static RANG: Condvar = Condvar::new();

/// Tells the workers that there is a job. To be called after the transaction that asked for it.
pub fn ring() {
    *RINGS.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    RANG.notify_all();
}

/// How often it has rung.
pub(super) fn rings() -> u64 {
    *RINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until it has rung more often than that, but no longer than this.
pub(super) fn wait(heard: u64, longest: Duration) {
    let rings = RINGS.lock().unwrap_or_else(PoisonError::into_inner);
    drop(RANG.wait_timeout_while(rings, longest, |rings| *rings == heard));
}
