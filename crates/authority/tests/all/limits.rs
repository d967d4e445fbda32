//! How often somebody may try.

use jiff::SignedDuration;
use serde_json::json;
use yanma_authority::limits::Rate;

use crate::world::{World, registration};

#[tokio::test(flavor = "multi_thread")]
async fn passwords_cannot_be_tried_for_ever() {
    let world = World::with(|s| s.rates.login_account = Rate::one_each(60.0, 3.0)).await;
    let citizen = world.holder().await;
    let wrong = json!({"phone": "13900000000", "password": "wrong horse"});
    let right = json!({"phone": "13900000000", "password": "correct horse"});
    for _ in 0..3 {
        citizen.post("/v1/accounts/login", wrong.clone()).await.error(401);
    }
    let refused = citizen.post("/v1/accounts/login", right.clone()).await;
    assert_eq!(refused.status, 429, "the right password does not open it either");
    let wait = refused.body["retry_after_seconds"].as_i64().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.headers["retry-after"], wait.to_string().as_str());
    world.pass(SignedDuration::from_secs(wait));
    citizen.post("/v1/accounts/login", right).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_guesses_does_not_lock_the_owner_out() {
    let world = World::with(|s| {
        s.rates.login_account = Rate::one_each(60.0, 3.0);
        s.rates.login_anywhere = Rate::one_each(60.0, 5.0);
        s.behind_proxy = true;
    })
    .await;
    let citizen = world.holder().await;
    let wrong = json!({"phone": "13900000000", "password": "wrong horse"});
    let right = json!({"phone": "13900000000", "password": "correct horse"});
    let from = |address: &'static str| world.nobody().at(address);
    for status in [401, 401, 401, 429] {
        from("192.0.2.1").post("/v1/accounts/login", wrong.clone()).await.error(status);
    }
    citizen.at("192.0.2.2").post("/v1/accounts/login", right.clone()).await.expect(200);
    from("192.0.2.3").post("/v1/accounts/login", wrong.clone()).await.error(401);
    let spread = from("192.0.2.4").post("/v1/accounts/login", wrong).await;
    assert_eq!(spread.error(429).0, "rate-limited", "many places together have a bound too");
    citizen.at("192.0.2.2").post("/v1/accounts/login", right.clone()).await.expect(200);
    let elsewhere = citizen.at("192.0.2.5").post("/v1/accounts/login", right).await;
    assert_eq!(elsewhere.error(429).0, "rate-limited", "the owner was never there before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_with_many_networks_is_one_place_to_guess_from() {
    let world = World::with(|s| {
        s.rates.login_account = Rate::one_each(60.0, 2.0);
        s.rates.register_document = Rate::one_each(60.0, 2.0);
        s.behind_proxy = true;
    })
    .await;
    let login = json!({"phone": "13900000000", "password": "wrong horse"});
    let register = registration("350100190001010004", "甲", "13900000000");
    for (address, refused) in [
        ("2001:db8:0:700::1", false),
        ("2001:db8:0:701::1", false),
        ("2001:db8:0:7ff::1", true),
        ("2001:db8:0:800::1", false),
    ] {
        let caller = world.nobody().at(address);
        let expect = |otherwise| if refused { 429 } else { otherwise };
        caller.post("/v1/accounts/login", login.clone()).await.error(expect(401));
        caller.post("/v1/accounts/register", register.clone()).await.error(expect(422));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_guesses_keeps_nobody_from_registering() {
    let world = World::with(|s| {
        s.rates.register_document = Rate::one_each(60.0, 2.0);
        s.rates.register_anywhere = Rate::one_each(60.0, 4.0);
        s.behind_proxy = true;
    })
    .await;
    let register = async |name: &str, address| {
        let request = registration("350100190001010004", name, "13900000000");
        world.nobody().at(address).post("/v1/accounts/register", request).await
    };
    for status in [422, 422, 429, 429] {
        register("甲", "192.0.2.1").await.error(status);
    }
    register("样本明", "192.0.2.2").await.expect(201);
    register("甲", "192.0.2.3").await.error(422);
    let spread = register("甲", "192.0.2.4").await;
    assert_eq!(spread.error(429).0, "rate-limited", "many places together have a bound too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_has_one_account_however_its_number_is_written() {
    let world = World::with(|s| s.rates.login_account = Rate::one_each(60.0, 3.0)).await;
    let (plain, long) = ("13900000000", "+8613900000000");
    let register = async |number: &str, name: &str, phone: &str| {
        let request = registration(number, name, phone);
        world.nobody().post("/v1/accounts/register", request).await
    };
    let login = async |phone: &str, password: &str| {
        let request = json!({"phone": phone, "password": password});
        world.nobody().post("/v1/accounts/login", request).await
    };
    register("350100190001010004", "样本明", long).await.expect(201);
    for phone in [plain, long] {
        let second = register("350100190001010012", "欧阳样本", phone).await;
        assert_eq!(second.error(409).0, "conflict", "{phone}");
        login(phone, "correct horse").await.expect(200);
    }
    login(long, "wrong horse").await.error(401);
    login(plain, "correct horse").await.error(429);
    let ask = |sql: &str| crate::place::ask(world.folder(), sql);
    assert_eq!(ask("SELECT phone FROM accounts"), plain);

    // An account from when a number was kept as it was typed.
    ask(&format!("UPDATE accounts SET phone = '{long}'"));
    world.pass(SignedDuration::from_secs(300));
    for phone in [plain, long] {
        let second = register("350100190001010012", "欧阳样本", phone).await;
        assert_eq!(second.error(409).0, "conflict", "{phone}");
        login(phone, "correct horse").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_cannot_be_tried_for_ever() {
    let world = World::with(|s| {
        s.rates.register_document = Rate::one_each(60.0, 2.0);
        s.rates.document_lookup = Rate::one_each(60.0, 3.0);
    })
    .await;
    let guess = |name: &str| registration("350100190001010004", name, "13900000000");
    for name in ["甲", "乙"] {
        let answer = world.nobody().post("/v1/accounts/register", guess(name)).await;
        assert_eq!(answer.error(422).0, "not-registered");
    }
    let third = world.nobody().post("/v1/accounts/register", guess("丙")).await;
    assert_eq!(third.error(429).0, "rate-limited");

    let (desk, _) = world.desk().await;
    let item = json!({"document": {"document_type": "resident-id", "hash": "0123456789abcdef",
        "basis": "epidemic-control"}});
    let ask = |count: usize| json!({"items": vec![item.clone(); count]});
    desk.post("/v1/verify", ask(4)).await.error(429);
    desk.post("/v1/verify", ask(3)).await.expect(200);
    desk.post("/v1/verify", ask(1)).await.error(429);
    let code = json!({"items": [{"code": "1"}]});
    desk.post("/v1/verify", code).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_only_so_many_attempts() {
    let world = World::with(|s| s.rates.address = Rate::one_each(60.0, 2.0)).await;
    for phone in ["13900000001", "13900000002"] {
        let request = json!({"phone": phone, "password": "wrong horse"});
        world.nobody().post("/v1/accounts/login", request).await.error(401);
    }
    let request = json!({"phone": "13900000003", "password": "wrong horse"});
    world.nobody().post("/v1/accounts/login", request).await.error(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_the_address_is_the_one_the_proxy_saw() {
    let world = World::with(|s| {
        s.rates.address = Rate::one_each(60.0, 1.0);
        s.behind_proxy = true;
    })
    .await;
    let login = async |forwarded: &str| {
        let url = format!("{}/v1/accounts/login", world.url);
        let request = json!({"phone": "13900000001", "password": "wrong horse"});
        let request = world.nobody().client.post(url).json(&request);
        request.header("x-forwarded-for", forwarded).send().await.unwrap().status().as_u16()
    };
    assert_eq!(login("192.0.2.1").await, 401);
    assert_eq!(login("198.51.100.9, 192.0.2.1").await, 429, "the first part is made up");
    assert_eq!(login("192.0.2.2").await, 401);
}

/// A caller whose socket has this address.
#[cfg(target_os = "linux")]
fn from_socket(address: &str) -> reqwest::Client {
    reqwest::Client::builder()
        .local_address(address.parse::<std::net::IpAddr>().ok())
        .build()
        .unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_proxy_an_address_is_the_sockets_whatever_a_header_says() {
    let world = World::with(|s| {
        s.rates.address = Rate::one_each(60.0, 2.0);
        s.rates.enrol_address = Rate::one_each(60.0, 1.0);
    })
    .await;
    let ask = async |socket: &str, forwarded: &str, path: &str, body: &serde_json::Value| {
        let request = from_socket(socket).post(format!("{}{path}", world.url)).json(body);
        let request = request.header("x-forwarded-for", forwarded).header("x-real-ip", forwarded);
        request.send().await.unwrap().status().as_u16()
    };
    let login = json!({"phone": "13900000001", "password": "wrong horse"});
    for (made_up, status) in [("192.0.2.1", 401), ("192.0.2.2", 401), ("192.0.2.3", 429)] {
        assert_eq!(ask("127.0.0.1", made_up, "/v1/accounts/login", &login).await, status);
    }
    assert_eq!(ask("127.0.0.2", "127.0.0.1", "/v1/accounts/login", &login).await, 401);
    let register = registration("350100190001010004", "甲", "13900000001");
    assert_eq!(ask("127.0.0.1", "192.0.2.4", "/v1/accounts/register", &register).await, 429);
    let enrol = json!({"enrolment_code": "0000-0000-0000", "station_name": "desk"});
    for (socket, status) in [("127.0.0.1", 403), ("127.0.0.1", 429), ("127.0.0.2", 403)] {
        assert_eq!(ask(socket, "192.0.2.5", "/v1/stations/enrol", &enrol).await, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxys_word_is_the_last_and_what_is_no_address_is_none() {
    let world = World::with(|s| {
        s.rates.address = Rate::one_each(60.0, 1.0);
        s.behind_proxy = true;
    })
    .await;
    let login = async |lines: &[&str]| {
        let url = format!("{}/v1/accounts/login", world.url);
        let body = json!({"phone": "13900000001", "password": "wrong horse"});
        let mut request = world.nobody().client.post(url).json(&body);
        for line in lines {
            request = request.header("x-forwarded-for", *line);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(login(&["198.51.100.1", "192.0.2.1"]).await, 401);
    assert_eq!(login(&["198.51.100.2", "192.0.2.1"]).await, 429, "a line of the caller's own");
    assert_eq!(login(&["no address"]).await, 401, "the socket's is left");
    assert_eq!(login(&[]).await, 429);
    // Whoever has a network of 2^64 addresses is one caller.
    assert_eq!(login(&["2001:db8:0:7::1"]).await, 401);
    assert_eq!(login(&["2001:db8:0:7:ffff::2"]).await, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_by_document_are_counted_for_the_desk_and_the_person_wherever_they_call_from() {
    let world = World::with(|s| {
        s.rates.document_lookup = Rate::one_each(60.0, 2.0);
        s.rates.clerk_lookup = Rate::one_each(60.0, 2.0);
        s.behind_proxy = true;
    })
    .await;
    let (desk, _) = world.desk().await;
    let (other_desk, _) = world.desk().await;
    let hash = "0123456789abcdef";
    let one = format!("/v1/verify?document_type=resident-id&hash={hash}&basis=consent");
    let item = json!({"document": {"document_type": "resident-id", "hash": hash,
        "basis": "consent"}});
    let many = json!({"items": [item]});
    desk.at("192.0.2.1").get(&one).await.expect(200);
    desk.at("192.0.2.2").post("/v1/verify", many.clone()).await.expect(200);
    assert_eq!(desk.at("192.0.2.3").get(&one).await.error(429).0, "rate-limited");
    desk.at("192.0.2.4").post("/v1/verify", many).await.error(429);
    other_desk.at("192.0.2.1").get(&one).await.expect(200);

    let clerk = world.with_token(&world.clerk);
    let other = world.authority.create_clerk("other", yanma_authority::clerks::Role::Clerk);
    let other = world.with_token(other.await.unwrap().reveal());
    let document = json!({"document_type": "resident-id", "number": "350100190001010004"});
    let search = json!({"by": {"document": document}, "reason": "流调个案"});
    let index = json!({"by": {"index": {"issuer": 35, "index": 7}}, "reason": "流调个案"});
    clerk.at("192.0.2.1").post("/v1/holders/search", search.clone()).await.expect(200);
    clerk.at("192.0.2.2").post("/v1/holders/search", index).await.expect(200);
    let third = clerk.at("192.0.2.3").post("/v1/holders/search", search.clone()).await;
    assert_eq!(third.error(429).0, "rate-limited");
    other.at("192.0.2.1").post("/v1/holders/search", search).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_by_document_are_counted_for_the_address_whoever_calls_from_there() {
    let mut world = World::with(|s| {
        s.rates.lookup_address = Rate::one_each(60.0, 4.0);
        s.rates.document_lookup = Rate::one_each(60.0, 3.0);
        s.behind_proxy = true;
    })
    .await;
    let (desk, _) = world.desk().await;
    let (other_desk, _) = world.desk().await;
    let clerk = world.with_token(&world.clerk);
    let citizen = world.holder().await;
    let tracer =
        world.authority.create_clerk("tracer", yanma_authority::clerks::Role::Epidemiologist);
    let tracer = world.with_token(tracer.await.unwrap().reveal());

    let hash = "0123456789abcdef";
    let one = format!("/v1/verify?document_type=resident-id&hash={hash}&basis=consent");
    let many = |count: usize| {
        let item = json!({"document": {"document_type": "resident-id", "hash": hash,
            "basis": "consent"}});
        json!({"items": vec![item; count]})
    };
    let document = json!({"document_type": "resident-id", "number": "350100190001010004"});
    let search = json!({"by": {"document": document}, "reason": "流调个案"});
    let reveal = json!({"subject": {"issuer": 35, "index": 7}, "reason": "流调个案"});
    let end = json!({"document": document, "reason": "流调个案"});
    let span = json!({"from": "2020-06-01T00:00:00Z", "until": "2020-07-01T00:00:00Z",
        "reason": "流调个案"});
    let trace = json!({"who": {"document": document}, "span": span});
    let history = json!({"subject": {"issuer": 35, "index": 7}, "reason": "流调个案"});
    let mut near = trace.clone();
    near["within_minutes"] = json!(60);
    let member = json!({"relation": "relative", "document_type": "resident-id",
        "number": "350100190001010012", "name": "甲"});

    // Four tokens: three for the first desk, which has no more of its own, one for the other.
    desk.at("192.0.2.1").post("/v1/verify", many(2)).await.expect(200);
    desk.at("192.0.2.1").get(&one).await.expect(200);
    for _ in 0..3 {
        let own = desk.at("192.0.2.1").get(&one).await;
        assert_eq!(own.error(429).0, "rate-limited", "and takes nothing from its neighbour");
    }
    other_desk.at("192.0.2.1").get(&one).await.expect(200);
    let all_are_stopped = async |address: &'static str| {
        let answers = [
            other_desk.at(address).get(&one).await,
            other_desk.at(address).post("/v1/verify", many(1)).await,
            clerk.at(address).post("/v1/holders/search", search.clone()).await,
            clerk.at(address).post("/v1/holders/reveal", reveal.clone()).await,
            clerk.at(address).post("/v1/holders/history", history.clone()).await,
            clerk.at(address).post("/v1/holders/withdraw", reveal.clone()).await,
            clerk.at(address).post("/v1/holders/end-account", end.clone()).await,
            tracer.at(address).post("/v1/traces/holder", trace.clone()).await,
            tracer.at(address).post("/v1/traces/contacts", near.clone()).await,
            citizen.at(address).post("/v1/family", member.clone()).await,
        ];
        for (nth, answer) in answers.into_iter().enumerate() {
            let wait = answer.body["retry_after_seconds"].as_i64().unwrap_or_default();
            assert_eq!(answer.status, 429, "{nth}: {}", answer.body);
            assert!((1..=60).contains(&wait), "{wait}");
        }
    };
    all_are_stopped("192.0.2.1").await;
    // A made-up first part changes nothing, and one network of 2^64 addresses is one.
    all_are_stopped("192.0.2.9, 192.0.2.1").await;
    // What is no look-up of a document is answered.
    desk.at("192.0.2.1").post("/v1/verify", json!({"items": [{"code": "1"}]})).await.expect(200);
    // From elsewhere the same desk looks up, and when time has passed from here too.
    other_desk.at("2001:db8:0:7::1").get(&one).await.expect(200);
    other_desk.at("2001:db8:0:8::1").get(&one).await.expect(200);
    world.pass(SignedDuration::from_secs(61));
    other_desk.at("192.0.2.1").get(&one).await.expect(200);
    drop((desk, other_desk, clerk, citizen, tracer));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_room_for_ten_desks_that_hurry() {
    let world = World::new().await;
    let rates = yanma_authority::limits::Rates::default();
    assert!(rates.lookup_address.burst >= 10.0 * rates.document_lookup.burst);
    assert!(rates.lookup_address.per_second >= 10.0 * rates.document_lookup.per_second);
    let described = world.nobody().get("/v1/openapi.json").await.expect(200);
    for (path, method) in [
        ("/v1/verify", "post"),
        ("/v1/verify", "get"),
        ("/v1/holders/search", "post"),
        ("/v1/holders/reveal", "post"),
        ("/v1/holders/history", "post"),
        ("/v1/holders/withdraw", "post"),
        ("/v1/holders/end-account", "post"),
        ("/v1/traces/holder", "post"),
        ("/v1/traces/contacts", "post"),
        ("/v1/family", "post"),
    ] {
        let said = described["paths"][path][method]["description"].as_str().unwrap();
        assert!(said.contains("At most 20000 at once for one network address"), "{path}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claiming_and_withdrawing_in_turn_uses_up_no_list() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let claim = async || citizen.post("/v1/claims", json!({})).await;
    // One code and five papers: each takes the place of the one before it.
    for _ in 0..5 {
        citizen.post("/v1/papers", json!({})).await.expect(201);
    }
    for _ in 0..4 {
        citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
        claim().await.expect(201);
    }
    let paper = citizen.post("/v1/papers", json!({})).await;
    assert_eq!(paper.error(429).0, "rate-limited");
    claim().await.expect(200);
    world.pass(SignedDuration::from_hours(1));
    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    let refused = claim().await;
    assert_eq!(refused.status, 429);
    let wait = refused.body["retry_after_seconds"].as_i64().unwrap();
    assert!((22 * 3600..=23 * 3600 + 1).contains(&wait), "{wait}");
    world.pass(SignedDuration::from_secs(wait));
    // Whoever is logged in stays so for twelve hours.
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
    claim().await.expect(201);
}
