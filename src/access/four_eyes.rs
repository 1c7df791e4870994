//! Whether another person must confirm what counts.

use crate::values::words;

words! {
    /// Whether changes of what counts wait until another person confirms them.
    pub enum FourEyes {
        /// Nothing counts before another person has confirmed it.
        On = "on",
        /// Changes count at once: for an office of one person.
        Off = "off",
    }
}
