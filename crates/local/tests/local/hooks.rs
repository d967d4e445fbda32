//! Web hooks, to receivers on real sockets: good ones, slow ones, dead ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use yanma_local::{HookError, Settings, Trouble, add_hook, hooks, remove_hook};
use yanma_station::Done;
use yanma_station::domain::scene::Action;
use yanma_station::operators::Approval;
use yanma_station::rights::Role;

use crate::caller::{switch_off, switch_on, take};
use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, RED, code_of};

/// How a receiver answers.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Status(u16),
    /// Takes the connection, and never answers.
    Silent,
    /// Closes without a word.
    Closes,
}

/// A message as it came.
#[derive(Clone, Debug)]
struct Message {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Message {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// Whether the signature is the secret's, as a receiver finds out.
    fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.", self.id(), self.headers["webhook-timestamp"]).as_bytes());
        mac.update(&self.body);
        let given = self.headers["webhook-signature"].strip_prefix("v1,").unwrap();
        mac.verify_slice(&STANDARD.decode(given).unwrap()).is_ok()
    }
}

struct Receiver {
    url: String,
    manner: Arc<Mutex<Manner>>,
    messages: mpsc::UnboundedReceiver<Message>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    async fn new(manner: Manner) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").await.unwrap(), manner)
    }

    fn at(listener: TcpListener, manner: Manner) -> Self {
        let url = format!("http://{}/yanma", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(manner));
        let (sender, messages) = mpsc::unbounded_channel();
        let now = Arc::clone(&manner);
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(receive(stream, Arc::clone(&now), sender.clone()));
            }
        });
        Self { url, manner, messages, task }
    }

    fn now(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    async fn next(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(30), self.messages.recv());
        next.await.expect("a message in time").unwrap()
    }
}

async fn receive(
    mut stream: TcpStream,
    manner: Arc<Mutex<Manner>>,
    sender: mpsc::UnboundedSender<Message>,
) {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    let (head, body) = loop {
        let Ok(read) = stream.read(&mut piece).await else { return };
        if read == 0 {
            return;
        }
        text.extend_from_slice(&piece[..read]);
        let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&text[..end]).into_owned();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        if text.len() >= end + 4 + length {
            break (head, text[end + 4..].to_vec());
        }
    };
    assert!(head.starts_with("POST /yanma HTTP/1.1"), "{head}");
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let manner = *manner.lock().unwrap();
    let _ = sender.send(Message { headers, body });
    match manner {
        Manner::Status(status) => {
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Manner::Silent => std::future::pending().await,
        Manner::Closes => {}
    }
}

/// Waits for what the desk says of its hooks.
async fn until(house: &House, what: &str, holds: impl Fn(&[yanma_local::HookStanding]) -> bool) {
    let started = Instant::now();
    loop {
        let now = hooks(&house.desk).unwrap();
        if holds(&now) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{what}: {now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_happens_is_told_in_its_order_signed_and_without_whom() {
    let house = House::at_work().await;
    let desk = &house.desk;
    desk.set_operator("anna", "安娜", Role::Administrator, Some("7294")).unwrap();
    desk.sign_in("anna", "7294").unwrap();
    house.show(code_of(&ORANGE).scanned());
    house.next_person();
    let mut receiver = Receiver::new(Manner::Status(204)).await;
    let (hook, secret) = add_hook(desk, &receiver.url).unwrap();
    // Telling needs no token and no answering.
    let service = yanma_local::Service::new(desk.clone(), take(desk));
    service.apply(&Settings::of(desk).unwrap()).await;
    let shown = house.show(code_of(&RED).scanned());
    let override_by = Some((Approval { supervisor: "anna".to_owned() }, "急诊".to_owned()));
    let done = Done { action: Some(Action::Admitted), overriding: override_by, ..Done::default() };
    let finished = desk.finish(shown.entry, &done).unwrap();
    house.next_person();
    let green = house.show(code_of(&GREEN).scanned());
    let passed = desk.finish(green.entry, &Done::default()).unwrap();
    for (kind, entry, amends, result, action) in [
        ("verdict", shown.entry, None, "NOK", None),
        ("override", finished.entry, Some(shown.entry), "NOK", Some("admitted")),
        ("verdict", green.entry, None, "OK", None),
        ("passage", passed.entry, Some(green.entry), "OK", Some("admitted")),
    ] {
        let message = receiver.next().await;
        assert!(message.is_signed_by(&secret));
        assert!(!message.is_signed_by("whsec_AAAA"), "and by no other");
        assert_eq!(message.headers["content-type"], "application/json");
        let event = message.json();
        assert_eq!(event["type"], kind);
        let data = &event["data"];
        assert_eq!(data["entry"], entry.to_string());
        assert_eq!(data["amends"], json!(amends.map(|id| id.to_string())));
        assert_eq!((&data["result"], &data["done"]), (&json!(result), &json!(action)));
        assert_eq!(message.id(), format!("evt_{}", entry.simple()));
        for personal in [RED.name, RED.number, GREEN.name, "样本", "急诊", "anna", "安娜"] {
            assert!(!event.to_string().contains(personal), "{personal} in {event}");
        }
    }
    until(&house, "told everything", |hooks| hooks[0].waiting == 0).await;
    assert!(remove_hook(desk, &hook.id).unwrap());
    assert!(!remove_hook(desk, &hook.id).unwrap());
    service.apply(&Settings::of(desk).unwrap()).await;
    house.next_person();
    house.show(code_of(&ORANGE).scanned());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(receiver.messages.try_recv().is_err(), "nobody is told any more");
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_no_verdict_and_no_other_receiver() {
    let house = House::at_work().await;
    let mut silent = Receiver::new(Manner::Silent).await;
    let mut good = Receiver::new(Manner::Status(200)).await;
    add_hook(&house.desk, &silent.url).unwrap();
    add_hook(&house.desk, &good.url).unwrap();
    yanma_local::make_token(&house.desk).unwrap();
    let (_service, _) = switch_on(&house.desk).await;
    house.show(code_of(&ORANGE).scanned());
    let hanging = silent.next().await;
    let mut slowest = Duration::ZERO;
    for person in [GREEN, RED, ORANGE] {
        house.next_person();
        slowest = slowest.max(
            house
                .show(
                    code_of(&person)
                        .with(|body| {
                            body.lifetime =
                                yanma_station::domain::code::Lifetime::minutes(30).unwrap();
                        })
                        .scanned(),
                )
                .elapsed,
        );
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?} while a receiver hangs");
    for _ in 0..4 {
        good.next().await;
    }
    until(&house, "the hanging one is told of", |hooks| {
        hooks[0].trouble == Some(Trouble::Unreachable) && hooks[0].waiting == 4
    })
    .await;
    // It comes back, and gets all of it, from the one that it did not answer on.
    silent.now(Manner::Status(200));
    house.clock.turn(3600);
    assert_eq!(silent.next().await.id(), hanging.id());
    until(&house, "all told", |hooks| {
        hooks.iter().all(|it| it.waiting == 0 && it.trouble.is_none())
    })
    .await;
}

#[tokio::test]
async fn what_was_not_delivered_is_sent_after_a_restart() {
    let house = House::at_work().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut receiver = Receiver::at(listener, Manner::Closes);
    let (_, secret) = add_hook(&house.desk, &receiver.url).unwrap();
    yanma_local::make_token(&house.desk).unwrap();
    let (service, _) = switch_on(&house.desk).await;
    let first = house.show(code_of(&ORANGE).scanned());
    let tried = receiver.next().await;
    until(&house, "noted", |hooks| hooks[0].trouble == Some(Trouble::Unreachable)).await;
    // The receiver's computer goes away, and then this one's power.
    receiver.task.abort();
    let _ = (&mut receiver.task).await;
    house.next_person();
    let second = house.show(code_of(&GREEN).scanned());
    switch_off(&house, service).await;
    let house = house.restarted();
    assert_eq!(hooks(&house.desk).unwrap()[0].waiting, 2);
    house.clock.turn(3600);
    let mut receiver = Receiver::at(TcpListener::bind(address).await.unwrap(), Manner::Status(200));
    let (_service, _) = switch_on(&house.desk).await;
    let again = receiver.next().await;
    assert_eq!(again.id(), tried.id(), "the same message has the same name");
    assert_eq!(again.body, tried.body);
    assert_ne!(again.headers["webhook-timestamp"], tried.headers["webhook-timestamp"]);
    assert!(again.is_signed_by(&secret));
    assert_eq!(again.json()["data"]["entry"], first.entry.to_string());
    assert_eq!(receiver.next().await.json()["data"]["entry"], second.entry.to_string());
    until(&house, "all told", |hooks| hooks[0].waiting == 0 && hooks[0].trouble.is_none()).await;
}

#[tokio::test]
async fn trouble_is_said_as_it_is_and_gone_is_gone() {
    let house = House::at_work().await;
    let mut receiver = Receiver::new(Manner::Status(503)).await;
    add_hook(&house.desk, &receiver.url).unwrap();
    yanma_local::make_token(&house.desk).unwrap();
    let (_service, _) = switch_on(&house.desk).await;
    house.show(code_of(&ORANGE).scanned());
    receiver.next().await;
    until(&house, "503", |hooks| hooks[0].trouble == Some(Trouble::Status(503))).await;
    // A redirect is followed nowhere.
    receiver.now(Manner::Status(302));
    house.clock.turn(3600);
    receiver.next().await;
    until(&house, "302", |hooks| hooks[0].trouble == Some(Trouble::Status(302))).await;
    receiver.now(Manner::Status(410));
    house.clock.turn(3600);
    receiver.next().await;
    until(&house, "410", |hooks| hooks[0].trouble == Some(Trouble::Ended)).await;
    receiver.now(Manner::Status(200));
    house.clock.turn(24 * 3600);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(receiver.messages.try_recv().is_err(), "nothing is sent there any more");
}

#[tokio::test]
async fn only_encrypted_or_near_addresses_are_taken_and_a_few_of_them() {
    let house = House::at_work().await;
    for bad in ["http://pms.example/", "ftp://10.0.0.1/", "", "https://a:b@pms.example/"] {
        assert!(matches!(add_hook(&house.desk, bad), Err(HookError::Url(_))), "{bad}");
    }
    for n in 0..8 {
        add_hook(&house.desk, &format!("https://pms.example/{n}")).unwrap();
    }
    assert!(matches!(add_hook(&house.desk, "https://pms.example/9"), Err(HookError::TooMany)));
    let shown = format!("{:?}", Settings::of(&house.desk).unwrap());
    assert!(!shown.contains("whsec_"), "a secret is in no log: {shown}");
}
