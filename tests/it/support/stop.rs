//! Tells threads of a test to stop, also when the test fails: a scope waits for its threads before it lets a panic on, so
//! one that is never told makes a failure an endless wait.

use std::sync::atomic::{AtomicBool, Ordering};

/// Sets a flag when it is dropped.
pub struct Stops<'a>(pub &'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
