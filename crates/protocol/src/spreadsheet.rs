//! Cells of the CSV files that authority and desks write, which people open in spreadsheets.

/// A cell that no spreadsheet carries out. What begins like a formula is one to them, also behind
/// spaces; an apostrophe before it makes it text. The console writes its own files by the same
/// rule, `ui/portal/console/csv.ts`.
///
/// ```
/// use yanma_protocol::spreadsheet::harmless;
/// assert_eq!(harmless(" =1+1".to_owned()), "' =1+1");
/// assert_eq!(harmless("1+1".to_owned()), "1+1");
/// ```
pub fn harmless(cell: String) -> String {
    let inked = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let is_formula = inked.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r', '\n']);
    if is_formula { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Case {
        cell: String,
        written: String,
    }

    #[test]
    fn nothing_in_a_cell_is_carried_out() {
        let cases = include_str!("../../../tests/vectors/csv/cells.json");
        let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
        assert!(cases.len() > 20);
        for Case { cell, written } in cases {
            assert_eq!(harmless(cell.clone()), written, "{cell:?}");
        }
    }
}
