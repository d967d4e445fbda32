//! What was measured, beside its limit.

/// One line of the table.
pub(crate) struct Figure {
    pub(crate) what: &'static str,
    pub(crate) measured: f64,
    /// What it is measured against; the limit is `at_most` times this, infinite for none.
    pub(crate) beside: f64,
    pub(crate) at_most: f64,
    pub(crate) unit: &'static str,
}

impl Figure {
    /// Against a fixed limit.
    pub(crate) fn up_to(what: &'static str, measured: f64, limit: f64, unit: &'static str) -> Self {
        Self { what, measured, beside: limit, at_most: 1.0, unit }
    }
}

/// Answers whether every limit was held.
pub(crate) fn print(figures: &[Figure]) -> bool {
    let mut all_held = true;
    for Figure { what, measured, beside, at_most, unit } in figures {
        let ratio = measured / beside;
        let limit = match at_most {
            none if none.is_infinite() => "| |".to_owned(),
            held if ratio <= *held => format!("<= {held} | held |"),
            missed => {
                all_held = false;
                format!("<= {missed} | MISSED |")
            }
        };
        println!("| {what} | {measured:.3} {unit} | {beside:.3} {unit} | {ratio:.3} | {limit}");
    }
    all_held
}

/// The value below which a part of the values lies.
pub(crate) fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part) as usize]
}
