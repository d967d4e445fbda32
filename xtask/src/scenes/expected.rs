//! Who is expected at a place today: the lists that lie behind its desk.

use anyhow::{Context, Result};

use super::Scene;
use crate::demo::{DemoAuthority, Holder};

/// A list of people, as it is taken from a file.
pub(super) struct Expected {
    pub(super) name: &'static str,
    pub(super) text: String,
}

/// The label of those who are nobody in particular.
pub(super) const ANYBODY: &str = "adult, green";

/// Tonight's guests: whom they stand for, room, nights, note.
const GUESTS: [(&str, &str, &str, &str); 17] = [
    (ANYBODY, "1208", "2", "高层，两张床"),
    ("child, green", "1208", "2", "加床"),
    ("adult, orange: fever clinic", "1209", "1", ""),
    ("elderly person, green", "1210", "3", "低楼层备选"),
    ("elderly person without a code", "1211", "3", ""),
    ("adult, code withdrawn", "1213", "1", ""),
    ("Hong Kong residence permit, green", "1501", "2", "常客"),
    ("Taiwan residence permit, green", "1502", "2", ""),
    ("permanent residence card of 2023, green", "1503", "4", "英文服务"),
    (ANYBODY, "0806", "1", ""),
    (ANYBODY, "0807", "1", "会议团"),
    (ANYBODY, "0808", "1", "会议团"),
    (ANYBODY, "0809", "1", "会议团"),
    (ANYBODY, "0811", "2", ""),
    (ANYBODY, "0812", "2", "晚到，21 点后"),
    (ANYBODY, "0815", "1", ""),
    (ANYBODY, "0816", "5", "长住"),
];

/// Visitors, and where they go.
const VISITORS: [(&str, &str); 8] = [
    (ANYBODY, "心内科 3 床"),
    ("adult, orange: fever clinic", "骨科 12 床"),
    ("elderly person without a code", "神经内科 7 床"),
    ("Macau residence permit, green", "妇产科 5 床"),
    (ANYBODY, "骨科 14 床"),
    (ANYBODY, "普外科 2 床"),
    (ANYBODY, "儿科 9 床"),
    (ANYBODY, "心内科 8 床"),
];

/// Patients with an appointment.
const PATIENTS: [(&str, &str); 8] = [
    ("elderly person, green", "08:30 心内科门诊"),
    ("child, green", "08:40 儿科门诊"),
    ("adult, green again: cleared", "09:00 呼吸内科门诊"),
    ("adult, orange: close contact", "09:10 呼吸内科门诊"),
    (ANYBODY, "09:20 眼科门诊"),
    (ANYBODY, "09:30 骨科门诊"),
    (ANYBODY, "09:40 眼科门诊"),
    ("Hong Kong residence permit, green", "10:00 口腔科门诊"),
];

/// Passengers: whom they stand for, and their seats.
const TO_BEIJING: [(&str, &str); 10] = [
    (ANYBODY, "12A"),
    ("elderly person, green", "12B"),
    ("adult, orange: fever clinic", "14C"),
    ("child, green", "12C"),
    (ANYBODY, "15D"),
    (ANYBODY, "15E"),
    (ANYBODY, "21A"),
    (ANYBODY, "21B"),
    ("Taiwan residence permit, green", "22F"),
    ("permanent residence card of 2017, green", "23C"),
];
const TO_SHANGHAI: [(&str, &str); 7] = [
    ("adult, green again: fact expired", "3A"),
    ("elderly person without a code", "3C"),
    (ANYBODY, "7D"),
    (ANYBODY, "7E"),
    (ANYBODY, "9A"),
    ("Macau residence permit, green", "9B"),
    (ANYBODY, "16F"),
];

/// The people of a demo, each of whom is on one line of a place.
struct People {
    holders: Vec<Holder>,
}

impl People {
    /// The next one of this kind.
    fn next(&mut self, label: &str) -> Result<Holder> {
        let at = self.holders.iter().position(|holder| holder.label == label);
        let at = at.with_context(|| format!("the demo has nobody more of the kind \"{label}\""))?;
        Ok(self.holders.remove(at))
    }

    fn list(
        &mut self,
        name: &'static str,
        columns: &str,
        lines: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Expected> {
        let mut text = format!("姓名,证件类型,证件号码,{columns}\n");
        for (label, rest) in lines {
            let Holder { name, document_type, number, .. } = self.next(label)?;
            // The names of some have a comma in them.
            text.push_str(&format!("\"{name}\",{document_type},{number},{rest}\n"));
        }
        Ok(Expected { name, text })
    }
}

/// The lists of a place today; a gate has none.
pub(super) fn lists(scene: Scene, authority: &DemoAuthority) -> Result<Vec<Expected>> {
    let mut people = People { holders: authority.holders() };
    let noted = |lines: &'static [(&str, &str)]| {
        lines.iter().map(|(label, note)| (*label, (*note).to_owned()))
    };
    let flying = |flight: &'static str, lines: &'static [(&str, &str)]| {
        lines.iter().map(move |(label, seat)| (*label, format!("{flight},{seat}")))
    };
    let mut lists = match scene {
        Scene::General => Vec::new(),
        Scene::Hotel => {
            let guests = GUESTS
                .iter()
                .map(|(label, room, nights, note)| (*label, format!("{room},{nights},{note}")));
            vec![people.list("今晚到店", "房号,入住晚数,备注", guests)?]
        }
        Scene::Hospital => vec![
            people.list("今日探视", "备注", noted(&VISITORS))?,
            people.list("今日门诊预约", "备注", noted(&PATIENTS))?,
        ],
        Scene::Airport => vec![
            people.list("MF8561 福州—北京", "航班,座位", flying("MF8561", &TO_BEIJING))?,
            people.list("MF8117 福州—上海", "航班,座位", flying("MF8117", &TO_SHANGHAI))?,
        ],
    };
    // As lists are: somebody twice, somebody without a number.
    if let Some(first) = lists.first_mut() {
        let twice = authority.holder(ANYBODY)?;
        let empty =
            ",".repeat(first.text.lines().next().unwrap_or_default().matches(',').count() - 2);
        let Holder { name, document_type, number, .. } = twice;
        first.text.push_str(&format!("{name},{document_type},{number}{empty}\n"));
        first.text.push_str(&format!("吴某,,{empty}\n"));
    }
    Ok(lists)
}
