//! What the demo shows, each claim checked before it is made.

use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use super::client::{Answer, Client};
use super::home::{Home, PICKER, Person, SUPPORT};
use super::record::{Follower, Record};
use super::seller::{CUSTOMER, EMAIL_IN_URL, ORDER, Seller};
use super::{Complaint, LOOK};
use crate::cli::files;
use crate::clock::Clock;

/// How long a record may take from the end of its request to the file.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls that are shown.
const CALLS: usize = 3;
/// The e-mail address once it is decoded.
const EMAIL: &str = "jane.roe@mail.example";

fn say(text: &str) -> Result<(), Complaint> {
    files::say(text).map_err(|fault| fault.to_string())
}

/// Who is where.
pub(super) fn opening(home: &Home, gate: &SocketAddr, app: SocketAddr) -> Result<(), Complaint> {
    say(&format!(
        "Portcullis demo: the gate at https://localhost:{}, behind it a sample app at http://{app}\n\
         Keys, policy and records: {}, removed at the end\n",
        gate.port(),
        home.path().display()
    ))
}

/// The calls with their records, and what the records do not hold.
pub(super) fn calls(home: &Home, client: &Client, records: &mut Follower, seller: &Seller) -> Result<(), Complaint> {
    let stage = &mut Stage { home, client, records };

    let address = format!("/orders/v0/orders/{ORDER}/address");
    let (answer, record) = stage.call("1. Mia packs parcels. She asks where one goes to.", PICKER, &address)?;
    claim(answer.status == 200 && has(&answer, CUSTOMER[1]), "the picker gets the address")?;
    claim(record.decision() == "allowed", "the record says that the call was allowed")?;
    claim(record.text("/authorizations/0/policy/name") == Some("fulfilment"), "the record names the role")?;
    claim(record.text("/http_request/url/path") == Some("/orders/v0/orders/{order_id}/address"), "a template")?;
    say(&record.block())?;

    let (answer, record) = stage.call("\n2. Tom answers customers. He asks the same.", SUPPORT, &address)?;
    claim(answer.status == 403 && !has(&answer, CUSTOMER[1]), "support does not get the address")?;
    claim(record.decision() == "role_missing", "the record says why the call was refused")?;
    let id = record.text("/metadata/uid").unwrap_or("no id");
    claim(has(&answer, id), "the refusal names the record and nothing else")?;
    say(&format!("   He gets {}", String::from_utf8_lossy(&answer.body).trim_end()))?;
    say(&record.block())?;

    let search = format!("/orders/v0/orders?MarketplaceIds=ATVPDKIKX0DER&BuyerEmail={EMAIL_IN_URL}");
    let (answer, record) = stage.call("\n3. Tom searches, with a customer's e-mail address.", SUPPORT, &search)?;
    claim(answer.status == 200, "the search is allowed")?;
    claim(record.shown() == ["MarketplaceIds=ATVPDKIKX0DER"], "the parameter that the policy names is shown")?;
    claim(record.hidden() == 1, "the other one is counted and hidden")?;
    say(&record.block())?;

    claim(seller.heard_email(), "the app gets the e-mail address")?;
    say(&search_report(home, &self::search(home)?))
}

struct Stage<'a> {
    home: &'a Home,
    client: &'a Client,
    records: &'a mut Follower,
}

impl Stage<'_> {
    /// Calls, says so, and waits for the record.
    fn call(&mut self, title: &str, who: Person, target: &str) -> Result<(Answer, Record), Complaint> {
        let answer = self.client.get(target, &self.home.token(who)?)?;
        say(&format!("{title}\n   GET {target} -> {}", answer.status))?;
        Ok((answer, self.record()?))
    }

    /// The record of the request that was just answered.
    fn record(&mut self) -> Result<Record, Complaint> {
        let clock = Clock::system();
        let deadline = clock.ticks().plus(PATIENCE);
        loop {
            match self.records.next().map_err(|error| format!("the records cannot be read: {error}"))? {
                Some(record) if record.is_request() => return Ok(record),
                Some(_) => {}
                None if clock.ticks() > deadline => return Err("not as claimed: a call left no record".to_owned()),
                None => thread::sleep(LOOK),
            }
        }
    }
}

/// How a search of the records went.
pub(super) struct Searched {
    records: usize,
    bytes: usize,
    texts: usize,
}

/// Looks for everything personal that the demo sent or received in everything that the gate wrote.
pub(super) fn search(home: &Home) -> Result<Searched, Complaint> {
    let written = fs::read_to_string(home.records()).map_err(|error| format!("the records cannot be read: {error}"))?;
    let written = written.to_lowercase();
    let texts: Vec<&str> =
        [EMAIL, EMAIL_IN_URL, "jane", ORDER, PICKER.subject, SUPPORT.subject].into_iter().chain(CUSTOMER).collect();
    for text in &texts {
        claim(!written.contains(&text.to_lowercase()), "the records are free of personal data")?;
    }
    let records = written.lines().count();
    // An empty file is free of everything.
    claim(
        records >= CALLS && written.contains("order-address"),
        "the records that were searched are those of the calls",
    )?;
    Ok(Searched { records, bytes: written.len(), texts: texts.len() })
}

fn search_report(home: &Home, searched: &Searched) -> String {
    let Searched { records, bytes, texts } = searched;
    format!(
        "\nThe app got {EMAIL}; the trail did not: {texts} planted texts (the e-mail as sent and\n\
         as meant, names, street, phone, order id) were searched for in all {records} records, {bytes} bytes: found 0.\n\
         The records themselves: {}",
        home.records().display()
    )
}

/// What to do next.
pub(super) fn things_to_try(home: &Home, gate: &SocketAddr) -> Result<(), Complaint> {
    let (directory, curl) = (home.path().display(), "curl --cacert certs/ca.pem");
    say(&format!(
        "\nTry it from another terminal; tokens are valid for an hour. Records appear here. Ctrl-C ends it.\n  \
         cd {directory}; G=https://localhost:{}\n  \
         {curl} -H @tokens/picker $G/orders/v0/orders/{ORDER}/address\n  \
         {curl} -H @tokens/support $G/admin\n  \
         {curl} --cert certs/client.pem --key certs/client.key $G/orders/v0/orders",
        gate.port()
    ))
}

fn has(answer: &Answer, text: &str) -> bool {
    String::from_utf8_lossy(&answer.body).contains(text)
}

fn claim(holds: bool, what: &str) -> Result<(), Complaint> {
    if holds { Ok(()) } else { Err(format!("not as claimed: {what}")) }
}
