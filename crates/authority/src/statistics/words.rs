//! Figures as a briefing says them: 2,071 万, 1.24 亿, 48.75 %.

/// A number in the units of a briefing: from a hundred million on in 亿 with two decimals,
/// from a million on in 万, and below with every digit. Rounded to the nearest.
pub fn in_units(number: u64) -> String {
    if number >= 100_000_000 {
        let hundredths = number.saturating_add(500_000) / 1_000_000;
        format!("{}.{:02} 亿", with_commas(hundredths / 100), hundredths % 100)
    } else if number >= 1_000_000 {
        format!("{} 万", with_commas((number + 5_000) / 10_000))
    } else {
        with_commas(number)
    }
}

/// 4875 of 10,000 is 48.75 %.
pub fn percent(of_ten_thousand: u32) -> String {
    format!("{}.{:02} %", of_ten_thousand / 100, of_ten_thousand % 100)
}

fn with_commas(number: u64) -> String {
    let (front, back) = (number / 1_000, number % 1_000);
    if front == 0 { back.to_string() } else { format!("{},{back:03}", with_commas(front)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_briefing_read_as_they_were_said() {
        for (number, expect) in [
            (20_710_000, "2,071 万"),
            (974_522, "974,522"),
            (65_749, "65,749"),
            (124_000_000, "1.24 亿"),
            (0, "0"),
            (1_000, "1,000"),
            (999_999, "999,999"),
            (1_000_000, "100 万"),
            (1_004_999, "100 万"),
            (1_005_000, "101 万"),
            (99_999_999, "10,000 万"),
            (100_000_000, "1.00 亿"),
            (1_234_567_890_123, "12,345.68 亿"),
        ] {
            assert_eq!(in_units(number), expect);
        }
        assert_eq!(percent(4875), "48.75 %");
        assert_eq!(percent(5), "0.05 %");
    }
}
