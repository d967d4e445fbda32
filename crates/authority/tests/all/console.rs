//! The console from outside: who may do what, and what is noted of it.

use serde_json::{Value, json};
use yanma_domain::trust::PublicKey;
use yanma_protocol::clerks::{ClerkRequest, Role};
use yanma_protocol::stations::EnrolmentRequest;

use crate::authenticator::{administrator, signed_in};
use crate::world::{Caller, World, read};

/// Somebody of a role, with a token.
pub(crate) async fn somebody(world: &World, role: Role) -> String {
    let sites = if role == Role::SiteManager { vec!["gate-1".to_owned()] } else { Vec::new() };
    let request = ClerkRequest { name: role.as_str().to_owned(), role, sites, kinds: Vec::new() };
    world.authority.create_clerk_at(request).await.unwrap().reveal().to_owned()
}

async fn records(auditor: &Caller<'_>, query: &str) -> Vec<Value> {
    let page = auditor.get(&format!("/v1/audit?{query}")).await.expect(200);
    page["records"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_do_its_own_and_nothing_else() {
    let world = World::new().await;
    world.authority.put_site("gate-2", "二号门", "Gate 2", "hotel").await.unwrap();
    let enrolment = |site: &str| json!({ "site": site });
    let fact = json!({"facts": [1]});
    let person = json!({"name": "新", "role": "auditor"});
    for role in Role::ALL {
        let token = somebody(&world, role).await;
        let caller = match role {
            Role::Administrator => signed_in(&world, &token).await.0,
            _ => world.with_token(&token),
        };
        let me = caller.get("/v1/clerks/me").await.expect(200);
        assert_eq!(me["role"], role.as_str());
        let rights: Vec<&str> =
            me["rights"].as_array().unwrap().iter().map(|right| right.as_str().unwrap()).collect();
        let own_site = role == Role::SiteManager;
        for (answer, good, right) in [
            (caller.post("/v1/facts", fact.clone()).await, 200, "report-facts"),
            (caller.get("/v1/entries").await, 200, "read-entries"),
            (caller.post("/v1/enrolments", enrolment("gate-1")).await, 201, "enrol-stations"),
            (caller.get("/v1/clerks").await, 200, "manage-clerks"),
            (caller.post("/v1/clerks", person.clone()).await, 201, "manage-clerks"),
            (caller.get("/v1/audit").await, 200, "read-audit"),
        ] {
            if rights.contains(&right) {
                answer.expect(good);
            } else {
                assert_eq!(answer.error(403).0, "forbidden", "{role:?} {right}");
            }
        }
        if own_site {
            let elsewhere = caller.post("/v1/enrolments", enrolment("gate-2")).await;
            assert_eq!(elsewhere.error(403).0, "forbidden", "a site manager has sites");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_people_and_ends_their_tokens() {
    let world = World::new().await;
    let administrator = administrator(&world).await;
    let auditor_token = somebody(&world, Role::Auditor).await;
    let auditor = world.with_token(&auditor_token);

    let person = json!({"name": "林样本", "role": "site-manager", "sites": ["gate-1"]});
    let made = administrator.post("/v1/clerks", person).await.expect(201);
    let manager = world.with_token(made["token"].as_str().unwrap());
    assert_eq!(manager.get("/v1/clerks/me").await.expect(200)["sites"], json!(["gate-1"]));
    let id = made["clerk"]["id"].as_i64().unwrap();

    for (body, field) in [
        (json!({"name": "", "role": "auditor"}), "name"),
        (json!({"name": "a", "role": "emperor"}), "role"),
        (json!({"name": "a", "role": "site-manager"}), "sites"),
        (json!({"name": "a", "role": "site-manager", "sites": ["nowhere"]}), "sites"),
        (json!({"name": "a", "role": "auditor", "sites": ["gate-1"]}), "sites"),
    ] {
        let refused = administrator.post("/v1/clerks", body).await;
        assert_eq!(refused.error(400).1.as_deref(), Some(field));
    }
    for reason in [json!(""), json!("   "), json!("why"), json!(null), json!("因".repeat(201))] {
        let path = format!("/v1/clerks/{id}/revoke");
        let refused = administrator.post(&path, json!({ "reason": reason })).await;
        assert_eq!(refused.error(400).1.as_deref(), Some("reason"));
    }
    let because = json!({"reason": "left the office"});
    for path in ["/v1/clerks/999999/revoke", "/v1/clerks/x/revoke"] {
        assert_eq!(administrator.post(path, because.clone()).await.error(404).0, "not-found");
    }
    let own = administrator.get("/v1/clerks/me").await.expect(200)["id"].as_i64().unwrap();
    let own = administrator.post(&format!("/v1/clerks/{own}/revoke"), because.clone()).await;
    assert_eq!(own.error(409).0, "conflict", "nobody locks themselves out");

    let path = format!("/v1/clerks/{id}/revoke");
    let revoked = administrator.post(&path, because).await.expect(200);
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(manager.get("/v1/clerks/me").await.error(401).0, "unauthorised");
    let listed = administrator.get("/v1/clerks").await.expect(200);
    let listed = listed["clerks"].as_array().unwrap();
    let listed = listed.iter().find(|clerk| clerk["id"] == id).unwrap();
    assert_eq!(listed["revoked_at"], revoked["revoked_at"]);
    assert!(!listed.to_string().contains(made["token"].as_str().unwrap()));

    let noted = records(&auditor, "deed=revoke-clerk").await;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0]["reason"], "left the office");
    assert_eq!(noted[0]["subject"], format!("clerk {id}"));
    assert_eq!(noted[0]["role"], "administrator");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_paged_filtered_and_taken_away_as_csv() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    for _ in 0..5 {
        clerk.post("/v1/enrolments", json!({"site": "gate-1"})).await.expect(201);
    }
    // A name that a spreadsheet would carry out.
    let request = ClerkRequest {
        name: "=cmd|' /C calc'!A0".to_owned(),
        role: Role::Clerk,
        sites: Vec::new(),
        kinds: Vec::new(),
    };
    let evil = world.authority.create_clerk_at(request).await.unwrap();
    let evil = world.with_token(evil.reveal());
    evil.post("/v1/enrolments", json!({"site": "gate-1"})).await.expect(201);

    let token = somebody(&world, Role::Auditor).await;
    let auditor = world.with_token(&token);
    let mut places = Vec::new();
    let mut path = "/v1/audit?deed=hand-out-enrolment&limit=4".to_owned();
    loop {
        let page = auditor.get(&path).await.expect(200);
        places.extend(page["records"].as_array().unwrap().iter().map(|r| r["place"].as_u64()));
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/v1/audit?deed=hand-out-enrolment&limit=4&before={next}");
    }
    assert_eq!(places.len(), 6);
    assert!(places.is_sorted_by(|a, b| a > b), "the newest first, none twice");

    let client = &world.nobody().client;
    let url = format!("{}/v1/audit?limit=2&deed=hand-out-enrolment", world.url);
    let answer = client.get(url).bearer_auth(&token).header("accept", "text/csv").send();
    let answer = answer.await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    assert!(answer.headers().contains_key("yanma-next"), "there are more");
    let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
    assert!(text.starts_with("\u{feff}place,at,clerk,name,role,deed,"));
    assert!(text.contains(",'=cmd|' /C calc'!A0,"), "{text}");
    let noted = records(&auditor, "deed=export-audit").await;
    assert_eq!(noted.len(), 1, "that too is noted");
    let filters = json!({"limit": "2", "before": "", "deed": "hand-out-enrolment", "clerk": ""});
    assert_eq!(noted[0]["detail"], filters);
    // A filter may be anything that has the form of a deed: a number, say.
    let url = format!("{}/v1/audit?deed=350100190001010004&clerk=1&before=9", world.url);
    let answer = client.get(url).bearer_auth(&token).header("accept", "text/csv").send();
    assert_eq!(answer.await.unwrap().status(), 200);
    let filters = json!({"limit": "100", "before": "9", "deed": "unknown", "clerk": "1"});
    assert_eq!(records(&auditor, "deed=export-audit").await[0]["detail"], filters);

    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("before=-1", "before"),
        ("clerk=x", "clerk"),
        ("deed=%3Cscript%3E", "deed"),
        ("deed=trace_site", "deed"),
        ("limit=1&limit=2", "query"),
        ("deed=%ff", "deed"),
        ("nonsense=1", "query"),
    ] {
        let (_, at) = auditor.get(&format!("/v1/audit?{query}")).await.error(400);
        assert_eq!(at.as_deref(), Some(field), "{query}");
    }
    assert_eq!(records(&auditor, "deed=7").await, Vec::<Value>::new(), "digits are text as well");
    let check = world.authority.check_audit().await.unwrap();
    assert_eq!(check.broken_at, None);
    assert!(check.records >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_text_and_belongs_to_somebody() {
    let world = World::new().await;
    let client = &world.nobody().client;
    for value in [&b"Bearer \xff\xfe"[..], b"Bearer ", b"Basic abc", b"Bearer nonsense"] {
        let value = reqwest::header::HeaderValue::from_bytes(value).unwrap();
        let request = client.get(format!("{}/v1/clerks/me", world.url));
        let answer = read(request.header("authorization", value).send().await.unwrap()).await;
        assert_eq!(answer.error(401).0, "unauthorised");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stations_are_seen_and_ended_by_those_who_look_after_them() {
    let world = World::new().await;
    let (desk, enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    world.authority.put_site("gate-2", "二号门", "Gate 2", "hotel").await.unwrap();
    let other = world.authority.hand_out(yanma_protocol::stations::EnrolmentRequest {
        site: "gate-2".to_owned(),
        station_name: None,
        scene: None,
    });
    let code = other.await.unwrap().enrolment_code;
    let body = json!({"enrolment_code": code, "station_name": "<b>desk</b>"});
    let elsewhere = world.nobody().post("/v1/stations/enrol", body).await.expect(200);
    let elsewhere = elsewhere["station"].as_str().unwrap();

    let administrator = administrator(&world).await;
    let manager = somebody(&world, Role::SiteManager).await;
    let manager = world.with_token(&manager);
    let both = administrator.get("/v1/stations").await.expect(200);
    assert_eq!(both["stations"].as_array().unwrap().len(), 2);
    assert_eq!(both["stations"][0]["seen_at"], Value::Null, "it has not called yet");
    assert!(!both.to_string().contains(enrolled["token"].as_str().unwrap()));
    let own = manager.get("/v1/stations").await.expect(200);
    assert_eq!(own["stations"].as_array().unwrap().len(), 1);

    // A desk that asks for the head tells what it is and has.
    let token = enrolled["token"].as_str().unwrap();
    for (list, agent) in [("1.204;age=37", "yanma/9.9.9"), ("nonsense", "yanma/9.9.10")] {
        let request = world.nobody().client.get(format!("{}/v1/feeds/head", world.url));
        let request = request.bearer_auth(token).header("yanma-list", list);
        assert_eq!(request.header("user-agent", agent).send().await.unwrap().status(), 200);
    }
    let seen = manager.get("/v1/stations").await.expect(200)["stations"][0].clone();
    assert_eq!(seen["version"], "yanma/9.9.10");
    assert_eq!(seen["list"], json!({"epoch": 1, "sequence": 204, "age_seconds": 37}));
    assert!(seen["seen_at"].is_string());
    let head = format!("{}/v1/feeds/head", world.url);
    let wrong = world.nobody().client.get(head).bearer_auth("nonsense").send().await.unwrap();
    assert_eq!(wrong.status(), 200, "the head is for everybody");

    let because = json!({"reason": "stolen at night"});
    let path = |station: &str| format!("/v1/stations/{station}/revoke");
    let not_theirs = manager.post(&path(elsewhere), because.clone()).await;
    assert_eq!(not_theirs.error(403).0, "forbidden");
    assert_eq!(manager.post(&path("desk-x"), because.clone()).await.error(404).0, "not-found");
    let no_reason = manager.post(&path(station), json!({"reason": ""})).await;
    assert_eq!(no_reason.error(400).1.as_deref(), Some("reason"));
    let clerk = world.with_token(&world.clerk);
    assert_eq!(clerk.post(&path(station), because.clone()).await.error(403).0, "forbidden");
    let revoked = manager.post(&path(station), because.clone()).await.expect(200);
    let again = manager.post(&path(station), because).await.expect(200);
    assert_eq!(again["revoked_at"], revoked["revoked_at"], "it ends once");
    let body = json!({"items": [{"code": "1"}]});
    assert_eq!(desk.post("/v1/verify", body.clone()).await.error(401).0, "station-revoked");
    assert_eq!(desk.get("/v1/feeds/head").await.error(401).0, "station-revoked", "it is told");
    let nobody = world.with_token("nonsense").post("/v1/verify", body).await;
    assert_eq!(nobody.error(401).0, "unauthorised", "and nobody else is");
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_and_policies_are_put_by_an_administrator() {
    let world = World::new().await;
    let administrator = administrator(&world).await;
    let site = json!({"name": {"zh": "北门", "en": "North Gate"}, "scene": "airport"});
    let put = administrator.put("/v1/sites/north-gate", site.clone()).await.expect(200);
    assert_eq!(put["stations"], 0);
    for (path, name, value, field) in [
        ("/v1/sites/North%20Gate", "scene", json!("hotel"), "site"),
        ("/v1/sites/%FF", "scene", json!("hotel"), "id"),
        ("/v1/sites/north-gate", "scene", json!("cinema"), "scene"),
        ("/v1/sites/north-gate", "name", json!({"zh": "", "en": "N"}), "name.zh"),
        ("/v1/sites/north-gate", "name", json!({"zh": "北"}), "name.en"),
    ] {
        let mut body = site.clone();
        body[name] = value;
        let (_, at) = administrator.put(path, body).await.error(400);
        assert_eq!(at.as_deref(), Some(field), "{path}");
    }
    let clerk = world.with_token(&world.clerk);
    assert_eq!(clerk.put("/v1/sites/north-gate", site).await.error(403).0, "forbidden");
    let sites = clerk.get("/v1/sites").await.expect(200);
    let ids: Vec<_> = sites["sites"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect();
    assert_eq!(ids, ["gate-1", "north-gate"]);

    let policies = clerk.get("/v1/policies").await.expect(200);
    let policies = policies["policies"].as_array().unwrap();
    let mut policy = policies.iter().find(|policy| policy["id"] == "hotel").unwrap().clone();
    let before = policy["version"].as_u64().unwrap();
    let ask = async |policy: &Value, reason: &str| {
        let body = json!({"policy": policy, "reason": reason});
        administrator.put("/v1/policies/hotel", body).await
    };
    let same = ask(&policy, "stricter rules").await;
    assert_eq!(same.error(400).1.as_deref(), Some("policy.version"));
    policy["version"] = json!(before + 1);
    policy["freshness"]["old_green"] = json!("refer");
    assert_eq!(ask(&policy, "why").await.error(400).1.as_deref(), Some("reason"));
    ask(&policy, "stricter rules").await.expect(200);
    let now = clerk.get("/v1/policies").await.expect(200);
    assert!(now["policies"].as_array().unwrap().contains(&policy));
    let mut wrong = policy.clone();
    wrong["version"] = json!(before + 2);
    wrong["freshness"]["live_minutes"] = json!(100_000);
    let field = ask(&wrong, "stricter rules").await.error(400).1;
    assert_eq!(field.as_deref(), Some("policy.freshness"));
    wrong["id"] = json!("general");
    assert!(ask(&wrong, "stricter rules").await.status == 400);
    let clerks = clerk.put("/v1/policies/hotel", json!({"policy": policy, "reason": "because"}));
    assert_eq!(clerks.await.error(403).0, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_does_is_noted_as_its_own() {
    let world = World::new().await;
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let public: PublicKey = key.to_owned().try_into().unwrap();
    world.authority.add_department_key("department", public).await.unwrap();
    world.authority.revoke_department_key(public).await.unwrap();
    let request = EnrolmentRequest { site: "gate-1".into(), station_name: None, scene: None };
    let handed_out = world.authority.hand_out(request).await.unwrap();
    let unknown = EnrolmentRequest { site: "gate-9".into(), station_name: None, scene: None };
    world.authority.hand_out(unknown).await.unwrap_err();

    let token = somebody(&world, Role::Auditor).await;
    let auditor = world.with_token(&token);
    for (deed, subject, detail) in [
        ("add-department-key", key, json!({"department": "department"})),
        ("revoke-department-key", key, json!({})),
        ("hand-out-enrolment", "gate-1", json!({})),
    ] {
        let noted = records(&auditor, &format!("deed={deed}")).await;
        let noted = noted.last().unwrap();
        assert_eq!((&noted["subject"], &noted["detail"]), (&json!(subject), &detail), "{deed}");
        assert_eq!(noted["name"], "command line", "{deed}");
    }
    assert_eq!(
        records(&auditor, "deed=hand-out-enrolment").await.len(),
        1,
        "what was refused is no deed"
    );
    let audit = auditor.get("/v1/audit").await.expect(200).to_string();
    assert!(!audit.contains(handed_out.enrolment_code.reveal()));
}
