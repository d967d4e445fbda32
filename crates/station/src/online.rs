//! The authority's own answer, asked for beside the desk's.
//!
//! The desk has shown its verdict already. What comes back is judged together with what
//! the desk knew; when the answer changes anything, the screen changes and a second entry
//! says so.

use std::sync::PoisonError;
use std::time::Instant;

use yanma_domain::document::DocumentHash;
use yanma_domain::encounter::{ColourFact, DocumentFact, Presented, Source, View};
use yanma_domain::judge::judge;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::Secret;
use yanma_protocol::verify::{
    DocumentRef, LegalBasis, VerifyAnswer, VerifyItem, VerifyRequest, VerifyResponse,
};

use crate::authority::AuthorityError;
use crate::check::{Checked, Judged};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::record::{Amends, Receipt};
use crate::status::Connection;

/// What was asked about, in the order of the items.
enum Asked {
    Code((IssuerId, StatusIndex)),
    Document(DocumentHash),
}

impl Desk {
    /// Asks the authority about the people of a verdict. `None` when its answer changes
    /// nothing, or when there is nothing to ask about.
    ///
    /// # Errors
    /// When the authority did not answer in time, or not properly. The desk's own verdict
    /// stands.
    pub async fn ask(&self, checked: &Checked) -> Result<Option<Checked>, DeskError> {
        let started = Instant::now();
        let (asked, items) = questions(checked);
        if items.is_empty() {
            return Ok(None);
        }
        let authority = self.authority()?;
        let request = VerifyRequest { items };
        let asked_at = tokio::time::Instant::now();
        let answer = tokio::time::timeout(self.deadline.now(), authority.verify(&request)).await;
        let answer = answer.unwrap_or(Err(AuthorityError::TimedOut));
        if matches!(answer, Ok(_) | Err(AuthorityError::TimedOut)) {
            self.deadline.note(asked_at.elapsed());
        }
        self.set_connection(match &answer {
            Ok(_) => Connection::Online,
            Err(_) => Connection::Offline,
        });
        if let Err(error) = &answer {
            self.heed(error, &authority);
        }
        let answer = answer?;
        self.hear_time(answer.at);
        let policy = self.policy()?;
        let one_word = self.one_word_at_a_time();
        // Since the question was asked, more may have been shown, or the person been finished
        // with: the answer is judged together with that, and amends that.
        let newest = self.said_since(checked.entry)?;
        let (mut receipt, entry, before, reasons, methods) = match &newest {
            None => (
                checked.receipt.clone(),
                checked.entry,
                checked.verdict.decision,
                checked.verdict.reasons(),
                checked.methods.clone(),
            ),
            Some((body, receipt)) => {
                let reasons = yanma_domain::verdict::reasons(&body.findings);
                (receipt.clone(), body.id, body.decision, reasons, body.methods.clone())
            }
        };
        self.take_answers(&asked, &answer, &mut receipt);
        let now = self.now();
        let verdict = judge(&receipt.encounter, &receipt.view, &policy, now);
        let done = newest.as_ref().map(|(body, _)| body).filter(|body| body.is_done());
        // What was shown later is asked about by itself; meanwhile this answer may warn.
        let half = newest.is_some() && done.is_none();
        let changes = if half {
            verdict.decision > before
        } else {
            verdict.decision != before || verdict.reasons() != reasons
        };
        if !changes {
            return Ok(None);
        }
        let judged = Judged { verdict: verdict.after(before), receipt, at: now };
        let amends = Amends { entry, decision: before, by_authority: true };
        let later = self.record(judged, methods, Some(amends), done, started)?;
        drop(one_word);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.amend(entry, &later);
        Ok(Some(later))
    }

    /// Takes what the authority answered into the view, and what the lists say of whom it names:
    /// the answer is not signed and the lists are, so [`judge`] believes it only where it says
    /// what they do not, or worse.
    fn take_answers(&self, asked: &[Asked], response: &VerifyResponse, receipt: &mut Receipt) {
        let position = FeedPosition { epoch: response.epoch, sequence: response.sequence };
        let source = Source::Authority(position);
        // The authority's time is believed only as far as its signed feeds go; an answer
        // counts as given now, by the desk's clock, and after the lists that the desk has, also
        // where that clock is a little behind.
        let View { colours, documents, .. } = &mut receipt.view;
        let listed = colours.iter().map(|fact| fact.as_of);
        let listed = listed.chain(documents.iter().map(|fact| fact.as_of)).max();
        let as_of = listed.unwrap_or_default().max(self.now());
        let colour = |(issuer, index), colour| ColourFact { issuer, index, colour, source, as_of };
        for (asked, answer) in asked.iter().zip(&response.answers) {
            match (asked, answer) {
                (Asked::Code(holder), VerifyAnswer::Known { colour: seen, .. }) => {
                    colours.push(colour(*holder, Some(*seen)));
                }
                (Asked::Code(holder), VerifyAnswer::Unknown) => colours.push(colour(*holder, None)),
                (
                    Asked::Document(hash),
                    VerifyAnswer::Known { issuer, index, colour: seen, .. },
                ) => {
                    let holder = (*issuer, *index);
                    documents.push(DocumentFact {
                        hash: *hash,
                        holder: Some(holder),
                        source,
                        as_of,
                    });
                    colours.push(colour(holder, Some(*seen)));
                }
                (Asked::Document(hash), VerifyAnswer::Unknown) => {
                    documents.push(DocumentFact { hash: *hash, holder: None, source, as_of });
                }
                // The desk checks signatures itself; a refusal tells it nothing new. A question
                // that the authority cannot read has no answer.
                (
                    _,
                    VerifyAnswer::Refused { .. }
                    | VerifyAnswer::Rejected { .. }
                    | VerifyAnswer::Unchecked,
                ) => {}
            }
        }
        self.knowledge().add_colours(&mut receipt.view);
    }
}

/// What can be asked about: codes whose signature held here, and documents.
fn questions(checked: &Checked) -> (Vec<Asked>, Vec<VerifyItem>) {
    let view = &checked.receipt.view;
    let mut asked = Vec::new();
    let mut items = Vec::new();
    for presented in &checked.receipt.encounter.presented {
        match presented {
            Presented::Code(code) if view.vouches_for(code) => {
                let body = code.body();
                asked.push(Asked::Code((body.key.issuer, body.index)));
                items.push(VerifyItem::Code(Secret::new(code.digits())));
            }
            Presented::Document(document) => {
                if let Some(hash) = document.hash {
                    let document_type = document.document_type;
                    asked.push(Asked::Document(hash));
                    // Whoever lays a card on the reader agrees to being looked up.
                    let basis = LegalBasis::Consent;
                    let key = view.hashed.map_or(1, |hashed| hashed.generation);
                    let document = DocumentRef { document_type, hash, basis, key };
                    items.push(VerifyItem::Document(document));
                }
            }
            _ => {}
        }
    }
    (asked, items)
}
