//! The authority's own answer is not signed: what it may add to what is, and what it may not.

use super::*;

fn told(colour: Option<Colour>, seconds: i64) -> ColourFact {
    ColourFact {
        issuer: IssuerId::FUJIAN,
        index: INDEX,
        colour,
        source: Source::Authority(FeedPosition { epoch: 1, sequence: 8 }),
        as_of: ago(seconds),
    }
}

/// The answer came 30 seconds ago; the list of `case` is a minute old unless it is changed.
#[track_caller]
fn check_told(
    why: &str,
    colour: Option<Colour>,
    change: impl FnOnce(&mut Case),
    decision: Decision,
    reasons: &[&str],
) {
    let told_of = |c: &mut Case| {
        change(c);
        c.view.colours.push(told(colour, 30));
    };
    check(why, told_of, decision, reasons);
}

#[test]
fn it_makes_no_signed_colour_better() {
    let green = Some(Colour::Green);
    let listed = |colour| move |c: &mut Case| c.view.colours[0].colour = Some(colour);
    let signed = |colour, seconds| {
        move |c: &mut Case| (c.body.colour, c.body.issued_at) = (colour, ago(seconds))
    };
    check_told("a red list", green, listed(Colour::Red), Refuse, &["C-RED"]);
    check_told(
        "a red list, and amber",
        Some(Colour::Amber),
        listed(Colour::Red),
        Refuse,
        &["C-RED"],
    );
    check_told("a code of after the list", green, signed(Colour::Red, 45), Refuse, &["C-RED"]);
    check_told("a code of after the answer", green, signed(Colour::Red, 10), Refuse, &["C-RED"]);
    check_told(
        "a code, and no list",
        green,
        |c| {
            signed(Colour::Amber, 45)(c);
            c.view.colours.clear();
        },
        Refuse,
        &["C-ORA"],
    );
    check_told(
        "a list of before the answer that came after it",
        green,
        |c| {
            listed(Colour::Red)(c);
            c.view.colours[0].as_of = ago(31);
        },
        Refuse,
        &["C-RED"],
    );
    check_told("a green list since the code", green, signed(Colour::Red, 61), Admit, &[]);
}

#[test]
fn it_makes_nobody_unknown_who_is_known() {
    let red = |c: &mut Case| c.view.colours[0].colour = Some(Colour::Red);
    check_told("a red list", None, red, Refuse, &["C-RED"]);
    check_told("a green list", None, |_| {}, Admit, &[]);
    check_told("no list", None, |c| c.view.colours.clear(), Refer, &["C-UNK"]);
}

#[test]
fn it_tells_worse_and_what_nothing_signed_tells() {
    let listed = |colour| move |c: &mut Case| c.view.colours[0].colour = colour;
    let amber = Some(Colour::Amber);
    check_told("worse than the list", Some(Colour::Red), listed(amber), Refuse, &["C-RED"]);
    check_told("past the list's end", Some(Colour::Green), listed(None), Admit, &[]);
    check_told("no list", Some(Colour::Green), |c| c.view.colours.clear(), Admit, &[]);
    check_told(
        "a list of after the answer has the last word",
        amber,
        |c| c.view.colours[0].as_of = ago(29),
        Admit,
        &[],
    );
}

#[test]
fn it_takes_no_document_from_whom_a_directory_gives_it_to() {
    let answer = |holder| DocumentFact {
        hash: directory_key().hash(&resident(ANNA)),
        holder,
        source: Source::Authority(FeedPosition { epoch: 1, sequence: 8 }),
        as_of: ago(30),
    };
    let red_card = |c: &mut Case| {
        (c.show_code, c.cards) = (false, vec![ANNA]);
        c.view.colours[0].colour = Some(Colour::Red);
    };
    for holder in [None, Some((IssuerId::FUJIAN, StatusIndex(7)))] {
        let moved = |c: &mut Case| {
            red_card(c);
            c.view.documents.push(answer(holder));
            let other = ColourFact { index: StatusIndex(7), ..told(Some(Colour::Green), 30) };
            c.view.colours.push(other);
        };
        check(&format!("to {holder:?}"), moved, Refuse, &["C-RED"]);
    }
    let unlisted = |c: &mut Case| {
        red_card(c);
        c.view.documents[0].holder = None;
        c.view.documents.push(answer(Some((IssuerId::FUJIAN, INDEX))));
    };
    check("whom no directory has", unlisted, Refuse, &["C-RED"]);
}
