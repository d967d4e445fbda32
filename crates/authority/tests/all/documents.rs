//! The eight travel documents of the briefing (a passport may be of here or of elsewhere),
//! each from the arrivals register to the answer at a desk.

use serde_json::{Value, json};
use yanma_authority::database::Database;
use yanma_authority::register::{ImportOutcome, import_arrivals};
use yanma_domain::code::DecodedCode;
use yanma_domain::document::{DirectoryKey, DocumentNumber, DocumentType};

use crate::feeds::Desk;
use crate::place;
use crate::world::{Caller, World};

struct Row {
    kind: &'static str,
    number: &'static str,
    /// As people write it.
    typed: &'static str,
    masked: &'static str,
    /// Not of the form, or with a wrong check digit.
    wrong: &'static [&'static str],
}

/// Numbers are specimens or made up (domain.md §3).
const TRAVEL: [Row; 9] = [
    Row {
        kind: "passport-cn",
        number: "EA0000001",
        typed: "ea0000001",
        masked: "EA*****01",
        wrong: &["EI0000001", "E0000001", "EA000000１9"],
    },
    Row {
        kind: "passport-foreign",
        number: "L898902C3",
        typed: "l898902c3<",
        masked: "L8*****C3",
        wrong: &["L89-8902C3", "L8", "样本"],
    },
    Row {
        kind: "exit-hk-macau",
        number: "CB0000001",
        typed: "CB 0000001",
        masked: "CB*****01",
        wrong: &["CI0000001", "CB000001", "LB0000001"],
    },
    Row {
        kind: "exit-taiwan",
        number: "L00000001",
        typed: "Ｌ00000001",
        masked: "L0*****01",
        wrong: &["C00000001", "L0000001", "L0000000A"],
    },
    Row {
        kind: "home-return",
        number: "H00000001",
        typed: "H0000000102",
        masked: "H0*****01",
        wrong: &["K00000001", "H0000001", "H000000010"],
    },
    Row {
        kind: "mainland-taiwan",
        number: "00000001",
        typed: " 0000 0001 ",
        masked: "00****01",
        wrong: &["0000001", "0000000A", "000000001"],
    },
    Row {
        kind: "permanent-residence",
        number: "911398199012310021",
        typed: "911398199012310021",
        masked: "9113**********0021",
        wrong: &["911398199012310022", "911398199013310021", "UTO350100010105"],
    },
    Row {
        kind: "hk-macau-residence",
        number: "820000199001010029",
        typed: "820000199001010029",
        masked: "8200**********0029",
        wrong: &["820000199001010028", "830000199001010039", "82000019900101002"],
    },
    Row {
        kind: "taiwan-residence",
        number: "830000199001010039",
        typed: "830000 19900101 0039",
        masked: "8300**********0039",
        wrong: &["830000199001010038", "810000199001010019", "830000199002300039"],
    },
];

fn registration(row: &Row, number: &str, nth: usize) -> Value {
    json!({"document_type": row.kind, "number": number, "name": name(nth),
        "phone": format!("+85290000{nth:03}"), "password": "correct horse"})
}

fn name(nth: usize) -> String {
    format!(
        "SAMPLE {}",
        ["ANNA", "BORIS", "CLARA", "DORA", "EMIL", "FANNY", "GUY", "HEIDI", "IVAN"][nth]
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_travel_document_goes_from_the_arrivals_register_to_the_answer_at_a_desk() {
    let types = DocumentType::ALL.iter().map(|kind| kind.as_str());
    let travel: Vec<_> = types.filter(|kind| *kind != "resident-id").collect();
    for row in &TRAVEL {
        assert!(travel.contains(&row.kind), "{}", row.kind);
    }
    assert_eq!(travel.len(), TRAVEL.len(), "every one is in the table");

    let world = World::new().await;
    let (desk, enrolled) = world.desk().await;
    let trust = Desk::new(&world).await.trust;
    let key = DirectoryKey::from_hex(enrolled["directory_key"].as_str().unwrap()).unwrap();
    for (nth, row) in TRAVEL.iter().enumerate() {
        let Row { kind, number, typed, masked, wrong } = row;
        // Nobody of this number is known yet, and numbers that are none are told from that.
        let browser = world.browser();
        for wrong in *wrong {
            let refused =
                browser.post("/v1/accounts/register", registration(row, wrong, nth)).await;
            assert_eq!(refused.error(400).1.as_deref(), Some("number"), "{kind} {wrong}");
        }
        let early = browser.post("/v1/accounts/register", registration(row, number, nth)).await;
        assert_eq!(early.error(422).0, "not-registered", "{kind}");

        world.import_arrivals(&format!("{kind},{typed},{},2020-03-05\n", name(nth))).await;
        let registered =
            browser.post("/v1/accounts/register", registration(row, typed, nth)).await.expect(201);
        let account = &registered["account"];
        assert_eq!(
            (&account["document_type"], &account["document_masked"]),
            (&json!(kind), &json!(masked))
        );
        let claim = async |from: Value| browser.post("/v1/claims", json!({"from": from})).await;
        let inland =
            json!({"group": "other-province", "departure": "420100", "household": "420100"});
        for from in [json!({"group": "resident"}), inland] {
            assert_eq!(claim(from).await.error(422).0, "claim-from-abroad", "{kind}");
        }
        let claimed = claim(json!({"group": "abroad"})).await.expect(201);
        assert_eq!((&claimed["group"], &claimed["colour"]), (&json!("abroad"), &json!("green")));

        let shown = browser.post("/v1/shows", json!({})).await.expect(200);
        let text = shown["text"].as_str().unwrap();
        let code = DecodedCode::from_text(text).unwrap().verify(&trust).unwrap();
        let document_type: DocumentType = kind.parse().unwrap();
        assert_eq!(code.body().document_type, document_type, "it stands in the code");
        let parsed = DocumentNumber::parse(document_type, number).unwrap();
        let hash = key.hash(&parsed).to_string();
        let items = json!({"items": [
            {"code": text},
            {"document": {"document_type": kind, "hash": hash, "basis": "epidemic-control"}},
        ]});
        let answers = desk.post("/v1/verify", items).await.expect(200)["answers"].clone();
        for answer in answers.as_array().unwrap() {
            assert_eq!(
                (&answer["outcome"], &answer["colour"]),
                (&json!("known"), &json!("green")),
                "{kind}"
            );
            assert_eq!(answer["index"], code.body().index.0, "{kind}: both are the same person");
        }
        // In the address too; and under the kind of another document it is nobody.
        let ask = async |kind: &str| {
            let query = format!("document_type={kind}&hash={hash}&basis=consent");
            desk.get(&format!("/v1/verify?{query}")).await.expect(200)["answers"][0].clone()
        };
        assert_eq!(ask(kind).await["index"], code.body().index.0, "{kind}");
    }
    assert_eq!(world.authority.statistics().await.unwrap().from_abroad, 9);
}

async fn claim_from_abroad(citizen: &Caller<'_>) -> String {
    let from = json!({"from": {"group": "abroad", "contact": "+85290000000"}});
    citizen.post("/v1/claims", from).await.error(422).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_identity_card_passes_no_border() {
    let world = World::new().await;
    let number = "350100190001010004";
    // A list of arrivals with one in it: the row is refused by name, and the others are taken.
    let database = Database::open(&world.settings.database).unwrap();
    let file = format!(
        "document_type,number,name,entered_on\nresident-id,{number},样本明,2020-06-30\n\
         passport-foreign,L898902C3,ANNA SAMPLE,2020-06-30\n"
    );
    let mut fields = Vec::new();
    import_arrivals(&database, file.as_bytes(), world.now(), |row| {
        fields.push(match row.outcome {
            ImportOutcome::Rejected { field, .. } => (row.line, field),
            _ => (row.line, "-"),
        });
    })
    .await
    .unwrap();
    drop(database);
    fields.sort_unstable();
    assert_eq!(fields, [(2, "document_type"), (3, "-")]);

    let citizen = world.citizen(number, "样本明", "13900000000").await;
    assert_eq!(claim_from_abroad(&citizen).await, "no-arrival");
    // Nor does one that came into the register in another way.
    let found =
        place::ask(world.folder(), &format!("SELECT id FROM persons WHERE number = '{number}'"));
    let sql = format!("INSERT INTO entrants (person, entered_on) VALUES ({found}, '2020-06-30')");
    place::ask(world.folder(), &sql);
    assert_eq!(claim_from_abroad(&citizen).await, "no-arrival");
    let member = json!({"relation": "spouse", "document_type": "resident-id", "number": number,
        "name": "样本明", "from": {"group": "abroad"}});
    let other = world.citizen("350100190001010012", "欧阳样本", "13900000001").await;
    assert_eq!(other.post("/v1/family", member).await.error(422).0, "no-arrival");
    citizen.post("/v1/claims", json!({})).await.expect(201);
}
