//! Instants as text, in UTC.
//!
//! Source: RFC 3339, section 5.6; the date of a day as in Howard Hinnant, "chrono-compatible low-level date
//! algorithms", `civil_from_days`.

/// What names the instant `ms` (since 1970): `2026-11-23T09:00:00Z`, with milliseconds where there are any; the number
/// itself beyond the years 0 to 9999.
pub(crate) fn write(ms: i64) -> String {
    let (seconds, millis) = (ms.div_euclid(1_000), ms.rem_euclid(1_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    if !(0..=9_999).contains(&year) {
        return ms.to_string();
    }
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let fraction = match millis {
        0 => String::new(),
        _ => format!(".{millis:03}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Year, month and day of the day `days` after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    // Days since 0000-03-01: a year that begins in March has its leap day at its end.
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leap_days = (day_of_era / 1_460)
        .wrapping_sub(day_of_era / 36_524)
        .wrapping_add(day_of_era / 146_096);
    let year_of_era = day_of_era.wrapping_sub(leap_days) / 365;
    let year_days = year_of_era
        .wrapping_mul(365)
        .wrapping_add(year_of_era / 4)
        .wrapping_sub(year_of_era / 100);
    let day_of_year = day_of_era.wrapping_sub(year_days);
    let month = day_of_year.wrapping_mul(5).wrapping_add(2) / 153;
    let day = day_of_year.wrapping_sub(month.wrapping_mul(153).wrapping_add(2) / 5);
    let is_next_year = month >= 10;
    let month = if is_next_year {
        month.wrapping_sub(9)
    } else {
        month.wrapping_add(3)
    };
    let year = era
        .wrapping_mul(400)
        .wrapping_add(year_of_era)
        .wrapping_add(i64::from(is_next_year));
    (year, month, day.wrapping_add(1))
}

#[cfg(test)]
mod tests {
    use vexil_core::instant;

    use super::write;

    #[test]
    fn an_instant_is_written_as_rfc_3339() {
        // Expected by GNU date: date -u -d @SECONDS
        assert_eq!(write(0), "1970-01-01T00:00:00Z");
        assert_eq!(write(1_795_424_400_000), "2026-11-23T09:00:00Z");
        assert_eq!(write(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(write(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(write(-62_167_219_200_000), "0000-01-01T00:00:00Z");
        assert_eq!(write(253_402_300_800_000), "253402300800000");
        assert_eq!(write(i64::MIN), i64::MIN.to_string());
    }

    #[test]
    fn what_is_written_reads_back() {
        let day_and_a_bit = 86_400_000 + 3_723_004;
        for days in -719_000..2_900_000 {
            let ms = days * day_and_a_bit / 2;
            assert_eq!(instant::parse(&write(ms)), Some(ms));
        }
    }
}
