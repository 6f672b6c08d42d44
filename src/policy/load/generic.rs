//! Names that stand for a desk or a device rather than for somebody: `info@…`, `admin`, `shared-login-2` (ID-2). What
//! several people log in with tells nobody who it was. `excused:` lets one through, with a reason that stays on paper.

use std::collections::{HashMap, HashSet};

use super::decode::Decoder;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::source::Span;
use crate::policy::yaml::Node;

/// Excuses of a policy: more would be a list of everybody.
const MAX_EXCUSED: usize = 1000;
/// Shortest reason that can say something.
const MIN_REASON_BYTES: usize = 8;
/// Longest.
const MAX_REASON_BYTES: usize = 300;

/// Names of default and shared accounts, and of desks whose mailbox many read, in the languages of the marketplaces:
/// English, German, French, Italian, Spanish, Portuguese, Dutch, Swedish, Polish, Turkish. Lower case, ASCII folded.
const WORDS: &[&str] = &[
    "abuse",
    "accounting",
    "accounts",
    "admin",
    "administracja",
    "administrador",
    "administrateur",
    "administration",
    "administrator",
    "administratore",
    "amministratore",
    "amministrazione",
    "anonymous",
    "anwender",
    "ayuda",
    "benutzer",
    "besteld",
    "bestellung",
    "bestellungen",
    "billing",
    "biuro",
    "boekhouding",
    "booking",
    "buchhaltung",
    "buero",
    "bureau",
    "clientes",
    "clients",
    "commande",
    "commandes",
    "commercial",
    "compras",
    "compta",
    "comptabilite",
    "comunicazione",
    "contabilidad",
    "contabilita",
    "contact",
    "contacto",
    "contato",
    "contatti",
    "customer",
    "customercare",
    "customerservice",
    "debug",
    "default",
    "demo",
    "destek",
    "dev",
    "developer",
    "dienst",
    "einkauf",
    "empfang",
    "ekonomi",
    "enquiries",
    "enquiry",
    "everybody",
    "everyone",
    "facture",
    "facturacion",
    "facturation",
    "faktura",
    "fatture",
    "faturamento",
    "finance",
    "ftp",
    "gast",
    "gebruiker",
    "gemeinsam",
    "generic",
    "gerencia",
    "guest",
    "hello",
    "help",
    "helpdesk",
    "hilfe",
    "hola",
    "hostmaster",
    "impiegato",
    "info",
    "informacion",
    "informacje",
    "informatie",
    "information",
    "informationen",
    "informazioni",
    "inkoop",
    "invitado",
    "invite",
    "invoice",
    "invoices",
    "it",
    "klantenservice",
    "konto",
    "kontakt",
    "kunde",
    "kunden",
    "kundendienst",
    "kundenservice",
    "kundservice",
    "kullanici",
    "lager",
    "login",
    "logistics",
    "logistik",
    "logistique",
    "logowanie",
    "magasin",
    "magazyn",
    "mail",
    "mailer",
    "manager",
    "marketing",
    "misafir",
    "noc",
    "nobody",
    "noreply",
    "office",
    "oficina",
    "operator",
    "order",
    "ordercentraal",
    "orders",
    "ordini",
    "password",
    "pedidos",
    "personal",
    "postmaster",
    "prova",
    "prueba",
    "public",
    "purchasing",
    "reception",
    "receptie",
    "rh",
    "rezeption",
    "root",
    "rrhh",
    "sa",
    "sale",
    "sales",
    "satis",
    "scanner",
    "secretariat",
    "sekretariat",
    "service",
    "serviceclient",
    "servicio",
    "servizio",
    "shared",
    "shop",
    "siparis",
    "soporte",
    "sprzedaz",
    "staff",
    "suporte",
    "support",
    "supporto",
    "sysadmin",
    "system",
    "team",
    "temp",
    "test",
    "teste",
    "tester",
    "testing",
    "tienda",
    "tmp",
    "user",
    "usuario",
    "utente",
    "utilisateur",
    "uzytkownik",
    "vendas",
    "vendite",
    "ventas",
    "vente",
    "ventes",
    "verkauf",
    "verkoop",
    "versand",
    "vertrieb",
    "warehouse",
    "webmaster",
    "winkel",
    "zamowienia",
    "zubehoer",
];

/// Words that make a name no more personal beside one of the above, and are none by themselves.
const FILLERS: &[&str] = &[
    "a", "acc", "account", "amazon", "box", "co", "common", "de", "desk", "do", "ebay", "es", "eu", "fr", "group",
    "it", "jp", "local", "login", "mailbox", "main", "new", "no", "old", "one", "online", "pc", "pl", "prod", "reply",
    "se", "seller", "sp", "store", "team", "the", "two", "uk", "us", "user", "x",
];

/// Workloads are named for what they do, so that of a service's name only what nobody does is generic.
const SERVICE_WORDS: &[&str] = &[
    "admin",
    "administrator",
    "anonymous",
    "default",
    "demo",
    "everybody",
    "everyone",
    "generic",
    "guest",
    "nobody",
    "password",
    "root",
    "shared",
    "temp",
    "test",
    "tester",
    "tmp",
    "user",
];

/// Generic members that are let through, each with a reason.
#[derive(Default)]
pub(super) struct Excuses<'t> {
    listed: HashMap<&'t str, (Span, bool)>,
}

impl<'t> Excuses<'t> {
    /// Decodes `excused:`, a map of members and reasons.
    pub(super) fn decode(d: &mut Decoder<'_>, node: Option<&'t Node>) -> Self {
        let mut made = Self::default();
        let Some(node) = node else { return made };
        let Some(entries) = d.entries(node, "excused") else { return made };
        if entries.len() > MAX_EXCUSED {
            d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_EXCUSED} excuses")));
        }
        for entry in entries.iter().take(MAX_EXCUSED) {
            if let Some(reason) = d.text(&entry.value, "a reason in excused")
                && !(MIN_REASON_BYTES..=MAX_REASON_BYTES).contains(&reason.len())
            {
                let message = format!("a reason has {MIN_REASON_BYTES} to {MAX_REASON_BYTES} bytes");
                let fault = Fault::new(Code::Generic, entry.value.span, message);
                d.fault(fault.help("say who uses it, what for, and until when"));
            }
            made.listed.insert(&entry.key, (entry.key_span, false));
        }
        made
    }

    /// The running form.
    pub(super) fn compile(&self) -> HashSet<Box<str>> {
        self.listed.keys().map(|member| Box::from(*member)).collect()
    }

    /// Notes a member that is nobody in particular, unless it is excused.
    pub(super) fn check(&mut self, d: &mut Decoder<'_>, member: &str, span: Span) {
        if !is_generic(member) {
            return;
        }
        if let Some((_, used)) = self.listed.get_mut(member) {
            *used = true;
            return;
        }
        let fault = Fault::new(Code::Generic, span, format!("{} is nobody in particular (ID-2)", quote(member)))
            .label("a generic or shared name")
            .help(format!(
                "give each person and service a name of its own, or say under `excused:` why this one is needed: \
                 `\"{member}\": mailbox of …, until 2027-01-31`"
            ));
        d.fault(fault);
    }

    /// Notes excuses for members that are not there, or need none.
    pub(super) fn report_unused(&self, d: &mut Decoder<'_>) {
        // Callers of API keys stand in a file of their own, where their excuses are looked up later.
        let is_needed = |member: &str, used: bool| used || member.starts_with("key:") && is_generic(member);
        let mut unused: Vec<_> = self.listed.iter().filter(|(member, (_, used))| !is_needed(member, *used)).collect();
        unused.sort_by_key(|(_, (span, _))| *span);
        for (member, (span, _)) in unused {
            let message = format!("{} needs no excuse", quote(member));
            let fault = Fault::new(Code::Generic, *span, message).label("no member of a role, or a name of its own");
            d.fault(fault.help("take it out: an excuse that waits for its use is a door left open").warning());
        }
    }
}

/// Whether a member (`user:info@seller.example`) has a name that no single person or service has. Groups are no
/// accounts.
pub fn is_generic(member: &str) -> bool {
    let Some((kind, name)) = member.split_once(':') else { return false };
    match kind {
        "user" | "key" => is_generic_name(local_part(name), WORDS),
        // A workload's URI: its last segment says what it is.
        "cert" if name.contains("://") => {
            is_generic_name(name.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or(name), SERVICE_WORDS)
        }
        "cert" if name.contains('@') => is_generic_name(local_part(name), WORDS),
        "cert" => is_generic_name(name.split('.').next().unwrap_or(name), SERVICE_WORDS),
        _ => false,
    }
}

/// What stands before the last `@`, without a tag behind `+` and without a domain before `\`.
fn local_part(name: &str) -> &str {
    let local = name.rsplit_once('@').map_or(name, |(local, _)| local);
    let local = local.rsplit_once('\\').map_or(local, |(_, local)| local);
    local.split('+').next().unwrap_or(local)
}

/// A name is generic if one of its words is and none of the others is somebody's: `it-support2` is, `alice.admin` and
/// `adminah.smith` are not.
fn is_generic_name(name: &str, words: &[&str]) -> bool {
    let folded = fold(name);
    let parts: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .map(|part| part.trim_matches(|c: char| c.is_ascii_digit()))
        .filter(|part| !part.is_empty())
        .collect();
    let joined = parts.concat();
    let known = |word: &str| words.contains(&word);
    known(&joined)
        || parts.iter().any(|part| known(part)) && parts.iter().all(|part| known(part) || FILLERS.contains(part))
}

/// Lower case, with the letters of the marketplaces' languages that keyboards write in two ways.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => folded.push('a'),
            'ç' | 'ć' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' => folded.push('e'),
            'ğ' => folded.push('g'),
            'ı' | 'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ł' => folded.push('l'),
            'ñ' | 'ń' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' => folded.push('o'),
            'ö' => folded.push_str("oe"),
            'ś' | 'ş' => folded.push('s'),
            'ß' => folded.push_str("ss"),
            'ù' | 'ú' | 'û' => folded.push('u'),
            'ü' => folded.push_str("ue"),
            'ż' | 'ź' => folded.push('z'),
            // What combines with the letter before it.
            '\u{300}'..='\u{36f}' => {}
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests;
