//! The receipt, verified as whoever gets it does: with the key that the desk tells.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};

use crate::caller::{Served, switch_off, switch_on};
use crate::support::people::{GREEN, RED, code_of};

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The claims of a receipt, if the key signed it.
fn verify(receipt: &str, jwk: &Value) -> Option<Value> {
    let parts: Vec<_> = receipt.split('.').collect();
    let [header, claims, signature] = parts[..] else { return None };
    let head: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(head, json!({"alg": "EdDSA", "typ": "yanma-receipt+jwt", "kid": jwk["kid"]}));
    let key: [u8; 32] = decode(jwk["x"].as_str().unwrap()).try_into().unwrap();
    let key = VerifyingKey::from_bytes(&key).unwrap();
    let signature = Signature::from_slice(&decode(signature)).unwrap();
    key.verify_strict(format!("{header}.{claims}").as_bytes(), &signature).ok()?;
    Some(serde_json::from_slice(&decode(claims)).unwrap())
}

#[tokio::test]
async fn a_receipt_holds_and_names_nobody() {
    let served = Served::at_work().await;
    let jwk = served.get("/v1/health").await.json()["receipt_key"].clone();
    assert_eq!((&jwk["kty"], &jwk["crv"]), (&json!("OKP"), &json!("Ed25519")));
    for (person, result, code) in [(GREEN, "OK", Value::Null), (RED, "NOK", json!("C-RED"))] {
        served.house.next_person();
        let document = json!({"type": "resident-id", "number": person.number});
        let body = json!({
            "text": code_of(&person).text(), "document": document, "reference": "BK-1",
        });
        let answer = served.check(&body).await.json();
        let receipt = answer["receipt"].as_str().unwrap();
        let claims = verify(receipt, &jwk).expect("the desk signed it");
        let at: jiff::Timestamp = answer["at"].as_str().unwrap().parse().unwrap();
        let station = served.get("/v1/health").await.json()["station"].clone();
        assert_eq!(
            claims,
            json!({
                "iss": station,
                "jti": answer["entry"],
                "iat": at.as_second(),
                "result": result,
                "code": code,
                "list_age_seconds": answer["list_age_seconds"],
                "reference": "BK-1",
            })
        );
        let said = answer.to_string() + &claims.to_string();
        for personal in [person.number, person.name, "1949", "小兰", "样本"] {
            assert!(!said.contains(personal), "{personal} in {said}");
        }
        let mut other = claims.clone();
        other["result"] = json!("OK");
        other["jti"] = json!("00000000-0000-7000-8000-000000000000");
        let parts: Vec<_> = receipt.split('.').collect();
        let forged = URL_SAFE_NO_PAD.encode(other.to_string());
        let forged = format!("{}.{forged}.{}", parts[0], parts[2]);
        assert_eq!(verify(&forged, &jwk), None, "a changed receipt does not hold");
    }
}

#[tokio::test]
async fn the_key_stays_the_desks() {
    let served = Served::at_work().await;
    let before = served.get("/v1/health").await.json()["receipt_key"].clone();
    let Served { house, service, token, .. } = served;
    switch_off(&house, service).await;
    let house = house.restarted();
    let (service, port) = switch_on(&house.desk).await;
    let served = Served { house, service, port, token };
    assert_eq!(served.get("/v1/health").await.json()["receipt_key"], before);
    let stranger = Served::at_work().await;
    assert_ne!(stranger.get("/v1/health").await.json()["receipt_key"], before);
}
