//! Rows on their way: read one by one, written some at a time, so that a table of any size needs little memory.

use diesel::QueryResult;

use super::Side;
use crate::{
    db::{
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::Result,
};

/// The most rows that are written at a time.
const MOST_ROWS: usize = 1000;

/// About how many bytes are written at a time; one row may be larger.
const MOST_BYTES: usize = 4_000_000;

/// How much memory a value takes, roughly.
pub(super) trait Weight {
    fn weight(&self) -> usize;
}

macro_rules! light {
    ($($type:ty),+) => {$(
        impl Weight for $type {
            fn weight(&self) -> usize {
                size_of::<$type>()
            }
        }
    )+};
}
light!(i32, i64, DbUuid, DbInstant, chrono::NaiveDate);

impl Weight for String {
    fn weight(&self) -> usize {
        self.len().saturating_add(size_of::<Self>())
    }
}

impl Weight for DbJson {
    fn weight(&self) -> usize {
        self.0.weight()
    }
}

impl<T: Weight> Weight for Option<T> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(size_of::<Self>(), Weight::weight)
    }
}

/// Reads all rows and writes them some at a time; says after each time how many there are so far.
pub(super) fn pour<R: Weight>(
    rows: impl Iterator<Item = QueryResult<R>>,
    reading: &'static str,
    mut write: impl FnMut(Vec<R>) -> Result<()>,
    wrote: &mut dyn FnMut(u64),
) -> Result<u64> {
    let (mut waiting, mut bytes, mut total) = (Vec::new(), 0_usize, 0_u64);
    for row in rows {
        let row = row.map_err(|failure| Side::Source.names(unexpected(reading)(failure)))?;
        bytes = bytes.saturating_add(row.weight());
        waiting.push(row);
        total = total.saturating_add(1);
        if waiting.len() >= MOST_ROWS || bytes >= MOST_BYTES {
            write(std::mem::take(&mut waiting))?;
            bytes = 0;
            wrote(total);
        }
    }
    if !waiting.is_empty() {
        write(waiting)?;
        wrote(total);
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_in_order_a_thousand_or_four_megabytes_at_a_time() {
        let poured = |rows: Vec<String>| {
            let (mut sizes, mut all, mut said) = (Vec::new(), Vec::new(), Vec::new());
            let write = |some: Vec<String>| {
                sizes.push(some.len());
                all.extend(some);
                Ok(())
            };
            let total =
                pour(rows.clone().into_iter().map(Ok), "read", write, &mut |so_far| said.push(so_far));
            assert_eq!(usize::try_from(total.unwrap()).unwrap(), rows.len());
            assert_eq!(all, rows);
            (sizes, said)
        };
        let short = (0..2500).map(|number| number.to_string()).collect();
        assert_eq!(poured(short), (vec![1000, 1000, 500], vec![1000, 2000, 2500]));
        let long = vec!["x".repeat(3_000_000); 5];
        assert_eq!(poured(long), (vec![2, 2, 1], vec![2, 4, 5]));
        assert_eq!(poured(Vec::new()), (vec![], vec![]));
    }

    #[test]
    fn a_row_that_can_not_be_read_ends_it() {
        let rows = [Ok(1_i64), Err(diesel::result::Error::NotFound)];
        let outcome = pour(rows.into_iter(), "read numbers", |_| Ok(()), &mut |_| ());
        let failure = outcome.unwrap_err().to_string();
        assert!(failure.contains("source: ") && failure.contains("read numbers"), "{failure}");
    }
}
