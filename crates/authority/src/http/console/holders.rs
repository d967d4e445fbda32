//! Finding a holder, seeing who it is, withdrawing the code, and ending an account.

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::holders::{
    END_ACCOUNT_PATH, EndAccountRequest, EndedAccount, HolderRecord, REVEAL_PATH, RevealRequest,
    Revealed, SEARCH_PATH, SearchRequest, SearchResponse, WITHDRAW_CODE_PATH, WithdrawCodeRequest,
};

use super::App;
use crate::clerks::needed::{EndAccounts, FindHolders, WithdrawCodes};
use crate::holders;
use crate::http::answers::Json;
use crate::http::body::Body;
use crate::http::callers::{Address, Official};
use crate::http::describe::{Routes, Service, Tag};
use crate::http::error::Failure;
use crate::limits::Rates;

pub(super) fn routes() -> Routes {
    let rates = Rates::default();
    let (rate, whom) = (rates.clerk_lookup, "person at the console");
    let (of_address, there) = (rates.lookup_address, "network address");
    Routes::new(Tag::Holders)
        .post(SEARCH_PATH, search, "Find a holder, masked", |it| {
            it.says("Noted before it is answered.")
                .limited(rate, whom)
                .limited(of_address, there)
                .stands_for(Service::Query)
        })
        .post(REVEAL_PATH, reveal, "See who a holder is", |it| {
            it.says("Noted before it is answered.")
                .refuses(&[ErrorCode::NotFound])
                .limited(rate, whom)
                .limited(of_address, there)
        })
        .post(WITHDRAW_CODE_PATH, withdraw, "Withdraw a code at the counter", |it| {
            it.says(
                "Whoever claimed it, and with the paper of its person. Whoever is entitled may \
                 claim again, also from another account. One that was withdrawn stays as it is.",
            )
            .refuses(&[ErrorCode::NotFound])
            .limited(rate, whom)
            .limited(of_address, there)
        })
        .post(END_ACCOUNT_PATH, end_account, "End an account at the counter", |it| {
            it.says(
                "That of the person with a document, whoever opened it. Nobody is logged in any \
                 more, every code that it claimed is withdrawn with its paper, and the person may \
                 register anew, also with the same telephone.",
            )
            .refuses(&[ErrorCode::NotFound])
            .limited(rate, whom)
            .limited(of_address, there)
        })
}

async fn search(
    State(authority): App,
    Official { clerk, .. }: Official<FindHolders>,
    Address(address): Address,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchResponse>, Failure> {
    let now = authority.clock.now();
    let holders = holders::search(&authority, (&clerk, address), request, now).await?;
    Ok(Json(SearchResponse { holders }))
}

async fn reveal(
    State(authority): App,
    Official { clerk, .. }: Official<FindHolders>,
    Address(address): Address,
    Body(request): Body<RevealRequest>,
) -> Result<Json<Revealed>, Failure> {
    let now = authority.clock.now();
    Ok(Json(holders::reveal(&authority, (&clerk, address), request, now).await?))
}

async fn withdraw(
    State(authority): App,
    Official { clerk, .. }: Official<WithdrawCodes>,
    Address(address): Address,
    Body(request): Body<WithdrawCodeRequest>,
) -> Result<Json<HolderRecord>, Failure> {
    let now = authority.clock.now();
    Ok(Json(holders::withdraw(&authority, (&clerk, address), request, now).await?))
}

async fn end_account(
    State(authority): App,
    Official { clerk, .. }: Official<EndAccounts>,
    Address(address): Address,
    Body(request): Body<EndAccountRequest>,
) -> Result<Json<EndedAccount>, Failure> {
    let now = authority.clock.now();
    Ok(Json(holders::end_account(&authority, (&clerk, address), request, now).await?))
}
