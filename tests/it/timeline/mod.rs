//! The timeline against a second evaluation of its rules, on random histories.
//! `oracle` says day by day what the rules make of a list of events; `histories` writes such lists;
//! `properties` holds the two against each other. Only types are shared with the code under test.

mod comparison;
mod histories;
mod oracle;
mod properties;
mod tally;
