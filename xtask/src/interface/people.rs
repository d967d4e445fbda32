//! Whoever calls: what they call with, and what their requests can be about so that some succeed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::children::{Answer, http};
use xtask::demo::{DemoAuthority, Holder, output};

use super::callers::Caller;

/// Where desks stand, and which site is a site manager's.
const SITE: &str = "demo-hospital";
/// Another issuer, and a key that could be its root key (RFC 8032, 7.1, TEST 1).
const REGION: &str = "36";
const SOME_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// Somebody of the demo, signed in.
pub(super) struct People {
    /// Lines of the configuration: what is sent for each scheme of the description.
    auth: String,
    values: BTreeMap<&'static str, Value>,
    /// A question that is answered with 200 as long as what they call with counts.
    still_in: Option<(&'static str, (&'static str, String))>,
}

impl People {
    /// Signs in, and makes what there must be.
    pub(super) fn prepare(demo: &DemoAuthority, root: &Path, caller: Caller) -> Result<Self> {
        match caller {
            Caller::Citizen => Self::citizen(demo),
            Caller::Desk => Self::desk(demo),
            Caller::Official("administrator") => Self::administrator(demo, root),
            Caller::Official(role) => Self::official(demo, role),
            Caller::Department => Self::official(demo, "department"),
            Caller::Leaving => Self::leaving(demo, root),
        }
    }

    /// Lines of the configuration.
    pub(super) fn auth(&self) -> &str {
        &self.auth
    }

    /// What the words with a `$` in the examples stand for.
    pub(super) fn values(&self) -> &BTreeMap<&'static str, Value> {
        &self.values
    }

    /// Whether what they call with still counts.
    pub(super) fn are_still_in(&self, demo: &DemoAuthority) -> Result<bool> {
        let Some((path, (header, value))) = &self.still_in else { return Ok(true) };
        Ok(http(demo.port(), "GET", path, &[(*header, value.as_str())], None)?.status == 200)
    }

    fn citizen(demo: &DemoAuthority) -> Result<Self> {
        let orange = demo.holder("adult, orange: fever clinic")?;
        let session = log_in(demo, &orange)?;
        let other = demo.holder("adult, green")?;
        let newcomer = demo.holder("Hong Kong residence permit without a code")?;
        let parent = demo.holder("elderly person without a code")?;
        carry_a_region(demo)?;
        Ok(Self {
            auth: format!("session = {{ api_key = \"{session}\" }}\n"),
            values: BTreeMap::from([
                ("phone", json!(other.phone)),
                ("password", json!(other.password)),
                ("newcomer_type", json!(newcomer.document_type)),
                ("newcomer_number", json!(newcomer.number)),
                ("newcomer_name", json!(newcomer.name)),
                ("parent_type", json!(parent.document_type)),
                ("parent_number", json!(parent.number)),
                ("parent_name", json!(parent.name)),
                ("enrolment_code", json!(demo.enrolment_code("hospital")?)),
                ("feed_file", json!(feed_file(demo)?)),
            ]),
            still_in: Some(("/v1/me", ("cookie", format!("yanma_session={session}")))),
        })
    }

    fn desk(demo: &DemoAuthority) -> Result<Self> {
        let (station, token) = enrol(demo)?;
        let receipt = "/v1/verify/receipts/01730000-0000-7000-8000-000000000001";
        Ok(Self {
            auth: format!("station = {{ bearer = \"{token}\" }}\n"),
            values: BTreeMap::from([("station", json!(station))]),
            still_in: Some((receipt, ("authorization", format!("Bearer {token}")))),
        })
    }

    fn official(demo: &DemoAuthority, role: &str) -> Result<Self> {
        let token = token(demo, role)?;
        let bearer = format!("Bearer {token}");
        Ok(Self {
            auth: format!("clerk = {{ bearer = \"{token}\" }}\n"),
            values: at_the_console(demo)?,
            still_in: Some(("/v1/clerks/me", ("authorization", bearer))),
        })
    }

    /// An administrator sends no token: one beside the session's cookie is what counts.
    fn administrator(demo: &DemoAuthority, root: &Path) -> Result<Self> {
        let app = App::set_up(demo, root)?;
        let session = app.open_session(demo)?;
        let mut values = at_the_console(demo)?;
        values.insert("next_password", json!(app.password(-30)?));
        Ok(Self {
            auth: format!("console = {{ api_key = \"{session}\" }}\n"),
            values,
            still_in: Some(("/v1/clerks/me", ("cookie", format!("yanma_console={session}")))),
        })
    }

    fn leaving(demo: &DemoAuthority, root: &Path) -> Result<Self> {
        let session = log_in(demo, &demo.holder("elderly person, green")?)?;
        let console = App::set_up(demo, root)?.open_session(demo)?;
        Ok(Self {
            auth: format!(
                "session = {{ api_key = \"{session}\" }}\nconsole = {{ api_key = \"{console}\" \
                 }}\n"
            ),
            values: BTreeMap::new(),
            still_in: None,
        })
    }
}

/// What requests at the console can be about.
fn at_the_console(demo: &DemoAuthority) -> Result<BTreeMap<&'static str, Value>> {
    let holder = demo.holder("adult, green")?;
    let clerk = format!("Bearer {}", token(demo, "clerk")?);
    let clerk = [("authorization", clerk.as_str())];
    let question = json!({"reason": "interface", "by": {"document":
        {"document_type": holder.document_type, "number": holder.number}}});
    let found = post(demo, "/v1/holders/search", &clerk, &question)?;
    let index = found.pointer("/holders/0/subject").context("a holder that was found")?.clone();

    let granted_appeal = granted_appeal(demo, &clerk[0])?;
    let contests = log_in(demo, &demo.holder("adult, orange: high-incidence area")?)?;
    let cookie = format!("yanma_session={contests}");
    let words = json!({"words": "我没有去过那个地方。"});
    // The one of an earlier caller may be waiting still.
    let _ = http(
        demo.port(),
        "POST",
        "/v1/appeals",
        &[("cookie", cookie.as_str())],
        Some(&words.to_string()),
    )?;
    let waiting = read(demo, "/v1/console/appeals", &clerk[0])?;
    let [appeal, facts_tag] = ["id", "facts_tag"].map(|of_it| {
        waiting.pointer(&format!("/appeals/0/{of_it}")).cloned().unwrap_or(Value::Null)
    });

    let policies = read(demo, "/v1/policies", &clerk[0])?;
    let mut policies = policies["policies"].as_array().into_iter().flatten().cloned();
    let mut policy = policies.find(|policy| policy["id"] == "hospital").context("a policy")?;
    policy["version"] = json!(policy["version"].as_u64().context("a version")? + 1);
    let rules = read(demo, "/v1/rules", &clerk[0])?["scheme"].clone();

    token(demo, "auditor")?;
    let list = output(demo.command()?.args(["clerk", "list"]))?;
    let newest: Value = serde_json::from_str(list.lines().last().context("people")?)?;
    Ok(BTreeMap::from([
        ("number", json!(holder.number)),
        ("account", json!(demo.holder("adult, account without a code")?.number)),
        ("index", index),
        ("appeal", appeal),
        ("facts_tag", facts_tag),
        ("granted_appeal", granted_appeal),
        ("spare_clerk", newest["id"].clone()),
        ("spare_station", json!(enrol(demo)?.0)),
        ("site", json!(SITE)),
        ("policy", policy),
        ("rules", rules),
        // Of a wrong app; an administrator's own stands in its place.
        ("next_password", json!("000000")),
    ]))
}

/// An appeal whose grant is in force.
fn granted_appeal(demo: &DemoAuthority, clerk: &(&str, &str)) -> Result<Value> {
    let decided = read(demo, "/v1/console/decided-appeals", clerk)?;
    let in_force =
        |appeal: &&Value| appeal["decision"] == "granted" && appeal["set_aside"] == json!(false);
    if let Some(found) = decided["appeals"].as_array().into_iter().flatten().find(in_force) {
        return Ok(found["id"].clone());
    }
    let session = log_in(demo, &demo.holder("adult, orange: close contact")?)?;
    let cookie = format!("yanma_session={session}");
    let words = json!("我不是那个人的密切接触者。");
    post(demo, "/v1/appeals", &[("cookie", cookie.as_str())], &json!({"words": words}))?;
    let waiting = read(demo, "/v1/console/appeals", clerk)?;
    let mut waiting = waiting["appeals"].as_array().into_iter().flatten();
    let opened = waiting.find(|appeal| appeal["words"] == words).context("an appeal")?;
    let path = format!("/v1/console/appeals/{}", opened["id"].as_str().context("its id")?);
    let granted =
        json!({"decision": "granted", "facts_tag": opened["facts_tag"], "answer": "已更正。"});
    post(demo, &path, &[*clerk], &granted)?;
    Ok(opened["id"].clone())
}

/// The token of somebody new with this role.
fn token(demo: &DemoAuthority, role: &str) -> Result<String> {
    let mut command = demo.command()?;
    command.args(["clerk", "--name", role, "--role", role]);
    if role == "site-manager" {
        command.args(["--site", SITE]);
    }
    let made: Value = serde_json::from_str(&output(&mut command)?)?;
    Ok(made["token"].as_str().context("a token")?.to_owned())
}

/// An administrator's app for one-time passwords.
struct App {
    program: std::path::PathBuf,
    secret: String,
    bearer: String,
}

impl App {
    fn set_up(demo: &DemoAuthority, root: &Path) -> Result<Self> {
        let bearer = format!("Bearer {}", token(demo, "administrator")?);
        let headers = [("authorization", bearer.as_str())];
        let set_up = post(demo, "/v1/clerks/me/second-factor", &headers, &json!({}))?;
        let secret = set_up["secret"].as_str().context("the secret of an app")?.to_owned();
        let program = root.join("tests/interface/one_time_password.py");
        let app = Self { program, secret, bearer: bearer.clone() };
        // That of the step before: each counts once, and later ones only.
        let code = json!({"code": app.password(30)?});
        post(demo, "/v1/clerks/me/second-factor/confirm", &headers, &code)?;
        Ok(app)
    }

    fn open_session(&self, demo: &DemoAuthority) -> Result<String> {
        let body = json!({"code": self.password(0)?}).to_string();
        let headers = [("authorization", self.bearer.as_str())];
        cookie(&http(demo.port(), "POST", "/v1/clerks/me/session", &headers, Some(&body))?)
    }

    /// What the app showed so many seconds ago.
    fn password(&self, age_seconds: i64) -> Result<String> {
        let mut python = Command::new("python3");
        python.arg(&self.program).args([&self.secret, &age_seconds.to_string()]);
        Ok(output(&mut python)?.trim().to_owned())
    }
}

/// The session of a citizen.
fn log_in(demo: &DemoAuthority, holder: &Holder) -> Result<String> {
    let body = json!({"phone": holder.phone, "password": holder.password}).to_string();
    cookie(&http(demo.port(), "POST", "/v1/accounts/login", &[], Some(&body))?)
}

/// A desk's id and token.
fn enrol(demo: &DemoAuthority) -> Result<(String, String)> {
    let code = demo.enrolment_code("hospital")?;
    let body = json!({"enrolment_code": code, "station_name": "interface"});
    let enrolled = post(demo, "/v1/stations/enrol", &[], &body)?;
    let text = |key: &str| enrolled[key].as_str().map(str::to_owned).context("a desk");
    Ok((text("station")?, text("token")?))
}

/// A file that is published; the last by name, as good as any.
fn feed_file(demo: &DemoAuthority) -> Result<String> {
    let files = std::fs::read_dir(demo.folder().join("feeds/files"))?.flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names.max().context("nothing is published")
}

/// Another issuer is recognised, and what was carried of it lies there; it is not reached now.
fn carry_a_region(demo: &DemoAuthority) -> Result<()> {
    let mut add = demo.command()?;
    add.args(["region", "add", "--number", REGION, "--name-zh", "江西", "--name-en", "Jiangxi"]);
    output(add.args(["--url", "http://127.0.0.1:9", "--root-key", SOME_KEY]))?;
    let feeds = demo.folder().join("feeds");
    let region = feeds.join("regions").join(REGION);
    std::fs::create_dir_all(region.join("files"))?;
    let file = feed_file(demo)?;
    std::fs::copy(feeds.join("head.yf"), region.join("head.yf"))?;
    std::fs::copy(feeds.join("files").join(&file), region.join("files").join(&file))?;
    Ok(())
}

fn read(demo: &DemoAuthority, path: &str, header: &(&str, &str)) -> Result<Value> {
    answered(path, &http(demo.port(), "GET", path, &[*header], None)?)
}

fn post(demo: &DemoAuthority, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Value> {
    answered(path, &http(demo.port(), "POST", path, headers, Some(&body.to_string()))?)
}

fn answered(path: &str, answer: &Answer) -> Result<Value> {
    ensure!(answer.status < 300, "{path} was answered with {}: {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).with_context(|| format!("the answer of {path}"))
}

/// The value of the cookie that an answer sets.
fn cookie(answer: &Answer) -> Result<String> {
    let cookie = answer.cookies.first().and_then(|cookie| cookie.split_once('='));
    let (_, value) = cookie.with_context(|| format!("no cookie: {}", answer.body))?;
    Ok(value.to_owned())
}
