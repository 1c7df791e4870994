//! A rate as it is written in a setting: `100/s`, `100/s,burst=500` or `off`.

use std::{fmt, num::NonZeroU32, time::Duration};

/// So many requests a second in the long run, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

impl Rate {
    /// How long it takes until everything may be had again.
    #[must_use]
    pub fn window(self) -> Duration {
        Duration::from_secs(1)
            .saturating_mul(self.burst.get())
            .checked_div(self.per_second.get())
            .unwrap_or_default()
    }
}

/// A rate, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    Off,
    On(Rate),
}

/// The most that a rate or a burst may be: beyond this, `off` is meant.
const MOST: u32 = 1_000_000;

impl RateLimit {
    /// Reads a setting. Without `burst`, twice a second's requests may come at once.
    ///
    /// # Errors
    /// What it must be instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = || {
            format!(
                "must be off, or requests a second with a burst, like 100/s or 100/s,burst=500, each from 1 to {MOST}"
            )
        };
        if text == "off" {
            return Ok(Self::Off);
        }
        let number = |text: &str| {
            let number = text.parse::<NonZeroU32>().ok().filter(|number| number.get() <= MOST);
            number.ok_or_else(wanted)
        };
        let (rate, burst) = match text.split_once(",burst=") {
            Some((rate, burst)) => (rate, Some(number(burst)?)),
            None => (text, None),
        };
        let per_second = number(rate.strip_suffix("/s").ok_or_else(wanted)?)?;
        Ok(Self::On(Rate {
            per_second,
            burst: burst.unwrap_or_else(|| per_second.saturating_add(per_second.get())),
        }))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::On(Rate { per_second, burst }) => write!(f, "{per_second}/s,burst={burst}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RateLimit;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for (text, read) in [
            ("off", "off"),
            ("50/s", "50/s,burst=100"),
            ("50/s,burst=7", "50/s,burst=7"),
            ("1000000/s,burst=1", "1000000/s,burst=1"),
        ] {
            assert_eq!(RateLimit::parse(text).unwrap().to_string(), read);
        }
        for refused in [
            "",
            "50",
            "0/s",
            "50/s,burst=0",
            "50/m",
            "-1/s",
            "1000001/s",
            "50/s, burst=7",
            "50/s,burst=",
            "Off",
        ] {
            assert!(RateLimit::parse(refused).is_err(), "{refused} was taken");
        }
    }
}
