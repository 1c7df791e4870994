//! A rate as it is written in a setting: `100/s`, `600/m`, `5000/h`, `100/s,burst=500` or `off`.

use std::{fmt, num::NonZeroU32, time::Duration};

use governor::Quota;

/// What a rate counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Second,
    Minute,
    Hour,
}

impl Unit {
    const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    /// How it is written in a setting.
    const fn letter(self) -> char {
        match self {
            Self::Second => 's',
            Self::Minute => 'm',
            Self::Hour => 'h',
        }
    }

    const fn long(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        })
    }
}

/// So many requests a unit of time in the long run, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub number: NonZeroU32,
    pub unit: Unit,
    pub burst: NonZeroU32,
}

impl Rate {
    /// How long it takes until everything may be had again.
    #[must_use]
    pub fn window(self) -> Duration {
        self.unit.long().saturating_mul(self.burst.get()).checked_div(self.number.get()).unwrap_or_default()
    }

    /// What the limiter counts by.
    pub(super) fn quota(self) -> Quota {
        let quota = match self.unit {
            Unit::Second => Quota::per_second(self.number),
            Unit::Minute => Quota::per_minute(self.number),
            Unit::Hour => Quota::per_hour(self.number),
        };
        quota.allow_burst(self.burst)
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
    /// Reads a setting. Without `burst`, twice a unit's requests may come at once.
    ///
    /// # Errors
    /// What it must be instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = || {
            format!(
                "must be off, or requests a second, minute or hour with a burst, like 100/s, 600/m, 5000/h or 100/s,burst=500, \
                 each from 1 to {MOST}"
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
        let (rate, letter) = rate.split_once('/').ok_or_else(wanted)?;
        let meant = |unit: &Unit| letter.chars().eq([unit.letter()]);
        let unit = Unit::ALL.into_iter().find(meant).ok_or_else(wanted)?;
        let number = number(rate)?;
        let burst = burst.unwrap_or_else(|| number.saturating_add(number.get()));
        Ok(Self::On(Rate { number, unit, burst }))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::On(Rate { number, unit, burst }) => {
                write!(f, "{number}/{},burst={burst}", unit.letter())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, RateLimit};

    #[test]
    fn a_window_is_as_long_as_the_unit_makes_it() {
        for (text, seconds) in [("100/s,burst=500", 5), ("6/m,burst=5", 50), ("1/h,burst=2", 7200)] {
            let RateLimit::On(rate) = RateLimit::parse(text).unwrap() else { panic!("{text} is off") };
            assert_eq!(rate.window(), Duration::from_secs(seconds), "{text}");
            assert_eq!(rate.quota().burst_size_replenished_in(), rate.window(), "{text}");
        }
    }

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for (text, read) in [
            ("off", "off"),
            ("50/s", "50/s,burst=100"),
            ("50/s,burst=7", "50/s,burst=7"),
            ("1000000/s,burst=1", "1000000/s,burst=1"),
            ("6/m,burst=5", "6/m,burst=5"),
            ("3/h", "3/h,burst=6"),
        ] {
            assert_eq!(RateLimit::parse(text).unwrap().to_string(), read);
        }
        for refused in [
            "",
            "50",
            "0/s",
            "50/s,burst=0",
            "50/d",
            "50/",
            "50/sm",
            "50/s/s",
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
