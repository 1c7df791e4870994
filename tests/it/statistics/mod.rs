//! Statistics: one small registry counted by hand, random ones counted a second time from lists and timelines, and the
//! dashboard that shows them.

mod by_hand;
mod counted_twice;
mod dashboard;
mod kept;
mod oracle;
mod world;
