//! Statistics: one small registry counted by hand, and random ones counted a second time from lists and timelines.

mod by_hand;
mod counted_twice;
mod oracle;
mod world;
