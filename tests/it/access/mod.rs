//! Who may do what, held against the running application.

mod keys;
