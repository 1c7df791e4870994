//! What ships inside: the catalogue of well-known authorities and regimes, and the example for `--demo`. Both are
//! recorded through the same services as anything else, so they have history.

mod demo;
mod entries;
mod traces;

pub use demo::{holds_example, load_demo};
pub use entries::load;
