//! A scanner that types, in the real window, before a Chinese input method: whatever it types at
//! whatever pace arrives whole, wherever the keyboard is, and nothing of it lands in a control.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window, use_pictures};
use crate::harness::input_method::InputMethod;
use crate::harness::keyboard::BETWEEN_KEYS;
use crate::harness::scanner::Scanner;
use crate::harness::screen::Screen;

/// From one key to the next, in milliseconds.
const PACES: [u64; 4] = [2, 5, 15, 40];
/// How soon a text that was typed is presented, on a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Where the keyboard is while somebody scans: the screen, and what on it has the keyboard.
const CONTROLS: [(&str, Option<&str>); 7] = [
    ("log", Some("[data-testid='log-search']")),
    ("check", Some("[data-testid='manual-number']")),
    ("check", Some("[data-testid='manual-type']")),
    ("devices", Some("[data-testid='printer-where']")),
    ("devices", Some("[data-testid='open-guest']")),
    ("settings", Some("[data-testid='settings-voice']")),
    ("check", None),
];

/// Keeps what is presented to the desk.
const LISTEN: &str = "
    const send = window.fetch;
    Object.assign(window, { presented: [], held: [], pressed: 0 });
    window.fetch = (to, how) => {
        if (String(to).endsWith('/present_text')) presented.push(JSON.parse(how.body).text);
        return send(to, how);
    };";

/// Goes to a screen and gives the keyboard to a control, and a word to a field, its caret inside.
const HOLD: &str = "
    const [screen, css, done] = arguments;
    document.querySelector(`[data-testid='nav-${screen}']`).click();
    const hold = () => {
        const control = css ? document.querySelector(css) : document.body;
        if (!control) return setTimeout(hold, 10);
        css ? control.focus() : document.activeElement.blur();
        if (control instanceof HTMLInputElement && control.value === '') {
            control.value = 'ab';
            control.dispatchEvent(new Event('input', { bubbles: true }));
            control.setSelectionRange(1, 1);
        }
        for (const kind of css ? ['click', 'change', 'submit'] : [])
            control.addEventListener(kind, () => { window.pressed += 1 });
        window.held.push({ control, value: control.value });
        // While Xvfb paints another screen it takes no keys, and gives those that wait its own time.
        setTimeout(() => done(document.activeElement === control), 300);
    };
    setTimeout(hold, 30);";

/// Whether every control holds what it held, and nothing was pressed.
const UNTOUCHED: &str = "
    const touched = held.filter(({ control, value }) => control.value !== value);
    return { touched: touched.map(({ control }) => control.value), pressed };";

#[tokio::test(flavor = "multi_thread")]
async fn every_code_arrives_whole_at_every_pace_whatever_has_the_keyboard() -> Result<()> {
    let house = House::enrolled("general")?;
    house.desk.sync()?;
    let screen = Screen::open()?;
    screen.hurry()?;
    let method = InputMethod::start(&screen)?;
    let window = house.window_with(&screen, method.variables()).await?;
    let told = tell(&house, &screen, &window).await;
    screen.picture(&crate::harness::artefact("wedge.png")?)?;
    window.close().await?;
    told
}

async fn tell(house: &House, screen: &Screen, window: &Page) -> Result<()> {
    window.find("[data-testid='status-connection'][data-state='online']").await?;
    eventually("the window", SOON, async || Ok(screen.focus()?.then_some(()))).await?;
    window.client().execute(LISTEN, Vec::new()).await?;
    chinese_by_hand(screen, window).await?;
    let payloads = payloads(house)?;
    for pace in PACES {
        let start = Instant::now();
        for (number, payload) in payloads.iter().enumerate() {
            let pace = Duration::from_millis(pace);
            // At another pace another control has the keyboard.
            let turn = number + usize::try_from(pace.as_millis())?;
            let (place, control) = CONTROLS[turn % CONTROLS.len()];
            scan(&Scanner { screen, pace }, window, place, control, payload)
                .await
                .with_context(|| format!("text {number} at {pace:?}, {place} {control:?}"))?;
        }
        let characters: usize = payloads.iter().map(|payload| payload.chars().count()).sum();
        let took = start.elapsed().as_secs_f64();
        println!("{pace} ms a key: {} texts, {characters} characters, {took:.1} s", payloads.len());
    }
    // What an input method writes late has been written by then.
    tokio::time::sleep(Duration::from_secs(1)).await;
    untouched(window).await
}

/// The symbols of the page Devices, through a scanner and through a camera that looks at the window.
#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_is_tried_on_the_windows_own_codes_and_no_entry_is_made() -> Result<()> {
    at_the_window("trial", House::enrolled("general")?, tried).await
}

async fn tried(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    use_pictures(window, &house.pictures()).await?;
    window.press("nav-devices").await?;
    window.part("trial-offer").await.context("what was never used is offered")?;
    window.press("trial-open").await?;
    window.part("trial-qr").await?;
    eventually("the window", SOON, async || Ok(screen.focus()?.then_some(()))).await?;
    let scanner = Scanner { screen, pace: Duration::from_millis(15) };
    let result = |finding: &str, via: &str| {
        format!("[data-testid='trial-result'][data-finding='{finding}'][data-via='{via}']")
    };
    let text = "YANMA-TRIAL aAzZ0189 :/?&=%#_<>@ \u{1d}GS\nEND";
    for (text, finding) in [
        (text.to_owned(), "exact"),
        (text.replace(['\u{1d}', '\n'], ""), "controls"),
        (format!("]Q1{text}"), "exact"),
        (format!("*{text}#"), "around"),
    ] {
        scanner.scan(&text)?;
        window.find_within(&result(finding, "wedge"), SOON).await?;
    }
    window.part("trial-slow").await.context("15 ms a key are three seconds for a code")?;
    screen.picture(&house.pictures().join("window.png"))?;
    window.find_within(&result("exact", "camera"), SOON).await?;
    let entries = house.desk.entries()?;
    ensure!(entries.is_empty(), "a trial is nobody's: {entries:?}");
    Ok(())
}

/// Two keys by hand become a Chinese character: the input method is there, and on.
async fn chinese_by_hand(screen: &Screen, window: &Page) -> Result<()> {
    let field = "[data-testid='manual-number']";
    window.find(field).await?.click().await?;
    Scanner { screen, pace: BETWEEN_KEYS }.keys(&["n", "i", "space"])?;
    eventually("你", SOON, async || {
        let value = window.find(field).await?.prop("value").await?;
        Ok(value.is_some_and(|value| value == "你").then_some(()))
    })
    .await
}

async fn scan(
    scanner: &Scanner<'_>,
    window: &Page,
    place: &str,
    control: Option<&str>,
    payload: &str,
) -> Result<()> {
    let held = window.client().execute_async(HOLD, vec![json!(place), json!(control)]).await?;
    ensure!(held == Value::Bool(true), "the keyboard is elsewhere");
    scanner.scan(payload)?;
    let presented = eventually("the text", SOON, async || {
        let take = "return presented.splice(0)";
        let texts = window.client().execute(take, Vec::new()).await?;
        Ok(texts.as_array().filter(|texts| !texts.is_empty()).cloned())
    })
    .await?;
    ensure!(presented == [json!(payload)], "presented as {presented:?}");
    untouched(window).await
}

async fn untouched(window: &Page) -> Result<()> {
    let found = window.client().execute(UNTOUCHED, Vec::new()).await?;
    ensure!(found == json!({"touched": [], "pressed": 0}), "a control was touched: {found}");
    Ok(())
}

/// Twenty texts of 20 to 400 characters, as scanners find them.
fn payloads(house: &House) -> Result<Vec<String>> {
    let vector = |file: &str, place: &str| -> Result<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
        let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        let text = vectors.pointer(place).and_then(Value::as_str);
        Ok(text.with_context(|| format!("{file}{place}"))?.to_owned())
    };
    let holder = house.authority.holder("adult, green")?;
    let mut certificate = vector("certificate/dcc.json", "/cases/37/text")?;
    certificate.truncate(400);
    let mut payloads = vec![house.authority.show(&holder, None, None)?, certificate];
    // A line end at the very end is the suffix.
    payloads.push(vector("licence/licences.json", "/licences/4/text")?.trim_end().to_owned());
    payloads.extend(
        [
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
            "A000000AA;00000;AA-00",
            "M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8101 045Y012A0025 100",
            "https://example.org/menu?table=12",
            "HTTPS://EXAMPLE.ORG/%E4%BD%A0",
            "http://a.example/?q=Aa1_-.~#Part",
            "35010019000101001235",
            "00000000000000000000000000000001",
            "abcdefghijklmnopqrstuvwxyz",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "nihaozhongguoshijieni",
            "aAbBcCdDeEfFgGhHiIjJ",
            "!\"#$%&'()*+,-./:;<=>?",
            "@[\\]^_`{|}~ @[\\]^_`{|}~",
            "two  spaces  and  three   here",
            "01069012345678901725\u{1d}10ABC",
            "2+2=4; \"50%\", 'a', 100$...",
        ]
        .map(str::to_owned),
    );
    let lengths = payloads.iter().map(|payload| payload.chars().count());
    ensure!(payloads.len() == 20 && lengths.clone().all(|length| (20..=400).contains(&length)));
    Ok(payloads)
}
