//! Firms that a shop's logs name again and again: who carries its parcels, and what its machines run. None of them is
//! anybody, whatever key they stand under.

use std::sync::LazyLock;

use smallvec::SmallVec;

use super::text::{Listed, run, run_back};
use super::words::Words;

/// First words of carriers' names, or all of them.
static CARRIERS: Listed = Listed::new(&[
    "dhl",
    "dpd",
    "gls",
    "ups",
    "usps",
    "tnt",
    "fedex",
    "hermes",
    "evri",
    "yodel",
    "parcelforce",
    "chronopost",
    "colissimo",
    "colisprive",
    "inpost",
    "paczkomaty",
    "paczkomat",
    "postnl",
    "postnord",
    "bring",
    "posti",
    "matkahuolto",
    "posten",
    "bpost",
    "packeta",
    "zásilkovna",
    "correos",
    "seur",
    "mrw",
    "nacex",
    "ctt",
    "brt",
    "bartolini",
    "sda",
    "poczta",
    "yamato",
    "sagawa",
    "ヤマト運輸",
    "佐川急便",
    "日本郵便",
    "顺丰速运",
    "中通快递",
    "cainiao",
    "yunexpress",
    "4px",
    "aramex",
    "delhivery",
    "ekart",
    "bluedart",
    "purolator",
    "ontrac",
    "lasership",
    "auspost",
    "fastway",
    "aras",
    "yurtiçi",
    "sürat",
    "cargus",
    "sameday",
    "omniva",
    "venipak",
    "lpexpress",
    "trunkrs",
    "dynalogic",
    "packlink",
    "sendcloud",
    "shippo",
    "easypost",
    "geodis",
    "dachser",
    "schenker",
    "kuehne",
    "amazon",
]);

/// Names of carriers of two words.
const PAIRS: [&str; 14] = [
    "royal mail",
    "mondial relay",
    "poste italiane",
    "la poste",
    "deutsche post",
    "an post",
    "swiss post",
    "canada post",
    "australia post",
    "japan post",
    "mng kargo",
    "ptt kargo",
    "fan courier",
    "uk mail",
];

/// Programs that act by themselves.
static PROGRAMS: Listed = Listed::new(&[
    "grafana",
    "prometheus",
    "jenkins",
    "renovate",
    "dependabot",
    "terraform",
    "ansible",
    "argocd",
    "flux",
    "gitlab",
    "github",
    "vault",
    "consul",
    "elastic",
    "kibana",
    "logstash",
    "kafka",
    "airflow",
    "spinnaker",
    "datadog",
    "newrelic",
    "sentry",
    "pagerduty",
    "opsgenie",
    "zabbix",
    "nagios",
    "puppet",
    "salt",
    "snyk",
    "sonarqube",
    "nexus",
    "harbor",
    "nginx",
    "haproxy",
    "traefik",
    "envoy",
    "istio",
    "kubernetes",
    "kubelet",
    "docker",
    "containerd",
    "systemd",
    "celery",
    "sidekiq",
    "hangfire",
    "quartz",
    "magento",
    "shopify",
    "woocommerce",
    "prestashop",
    "odoo",
    "salesforce",
    "zendesk",
    "intercom",
    "mailchimp",
    "klaviyo",
    "stripe",
    "paypal",
    "klarna",
    "adyen",
    "mollie",
    "rabbitmq",
    "mongodb",
    "mysql",
    "postgresql",
    "elasticsearch",
    "varnish",
    "cloudflare",
    "akamai",
    "fastly",
    "tomcat",
    "jetty",
    "node",
    "python",
    "java",
    "dotnet",
    "ruby",
    "php",
    "perl",
    "rails",
    "django",
    "laravel",
    "symfony",
    "spring",
    "backup",
    "nobody",
    "amavis",
    "postfix",
    "dovecot",
    "exim",
    "clamav",
    "spamd",
    "opendkim",
    "sshd",
    "proxysql",
    "pgbouncer",
    "www-data",
    "mail",
    "http",
    "ftp",
]);

/// Whether a value is a carrier's name, with the service behind it: `DHL Paket`, `Royal Mail Tracked 48`.
pub fn is_carrier(value: &[u8]) -> bool {
    if value.len() > 48 {
        return false;
    }
    // `FAN+Courier` of a form.
    let plain: SmallVec<[u8; 48]> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let value = &plain[..];
    let first = &value[..run(value, 0, 24, |byte| byte != b' ' && byte != b'_' && byte != b'-')];
    value.len() <= 48
        && (CARRIERS.has(first)
            || PAIRS.iter().any(|pair| {
                value.first().is_some_and(|first| first | 0x20 == pair.as_bytes()[0])
                    && value.get(..pair.len()).is_some_and(|start| start.eq_ignore_ascii_case(pair.as_bytes()))
                    && matches!(value.get(pair.len()), None | Some(b' '))
            }))
}

/// Words of a firm's legal form, dots and spaces aside, that are nothing else.
const FORMS: &str = "gmbh mbh ggmbh kg ohg kgaa ag ug se ltd limited plc llp llc inc corp corporation incorporated sarl sas sasu \
    eurl snc srl srls spa sapa sl slu slne sau bv bvba nv vof cv ab aktiebolag oy oyj as asa aps ehf spzoo zoo \
    spk spj sro kft zrt nyrt bt doo dd ood eood ad ltda eireli epp lda sadecv uab sia ou oü ooo оoo ооо оао зао \
    tic ltdşti şti sti pvt pty bhd sdn gk kk 株式会社 有限会社 合同会社 有限公司 pte jsc llp gbr eg ev";

/// Words for who makes or sells goods, in lower case.
const MAKERS: &str = "supplier manufacturer vendor brand maker designer publisher hersteller lieferant marke verlag fournisseur \
    fabricant marque éditeur proveedor fabricante marca editorial fornitore produttore editore leverancier \
    fabrikant merk uitgever dostawca producent marka wydawca leverantör tillverkare märke varumärke tedarikçi \
    üretici fornecedor leverandør producenten toimittaja valmistaja dodavatel výrobce gyártó beszállító furnizor \
    producător поставщик производитель бренд";

const LEGAL: u8 = 1;
const MAKER: u8 = 2;

static FORM: LazyLock<Words> = LazyLock::new(|| Words::new(&[FORMS, MAKERS]));

/// Whether a value is a firm's name: words, and a legal form as the last or the first of them.
pub fn has_legal_form(value: &[u8]) -> bool {
    if !(4..=120).contains(&value.len()) || value.iter().any(|byte| matches!(byte, b'@' | b'=' | b'{' | b'<' | b'"')) {
        return false;
    }
    if ["株式会社", "有限会社", "合同会社", "有限公司"]
        .iter()
        .any(|form| value.starts_with(form.as_bytes()) || value.ends_with(form.as_bytes()))
    {
        return true;
    }
    let words: SmallVec<[&[u8]; 16]> =
        value.split(|byte| matches!(byte, b' ' | b',')).filter(|word| !word.is_empty()).take(16).collect();
    // Without dots and strokes, as many as three words together: `Sp. z o.o.`, `S. L.`, `GmbH & Co. KG`.
    let is_form = |words: &[&[u8]]| {
        let form: SmallVec<[u8; 24]> =
            words.concat().into_iter().filter(|byte| !matches!(byte, b'.' | b'/' | b'&' | b'(' | b')')).collect();
        FORM.lists(&form) & LEGAL != 0
            && words[0][0] != b'('
            && !words.iter().all(|word| word.iter().all(u8::is_ascii_lowercase))
    };
    let count = words.len();
    count >= 2
        && ((1..count.min(4)).any(|last| is_form(&words[count - last..]))
            || words[0].iter().all(|byte| *byte >= 0x80) && is_form(&words[..1]))
}

/// Whether the word before `from` says who makes or sells goods: `supplier Otto Kern`.
pub fn is_made_by(text: &[u8], from: usize) -> bool {
    let end = from - run_back(text, from, 3, |byte| matches!(byte, b' ' | b':' | b'=' | b'"' | b'\''));
    let start = end - run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    start < end && end < from && FORM.lists(&text[start..end]) & MAKER != 0
}

/// Whether a word is a program's name.
pub fn is_program(word: &[u8]) -> bool {
    PROGRAMS.has(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_are_known_by_their_first_words() {
        for name in ["DHL Paket", "Royal Mail Tracked 48", "ヤマト運輸", "ups", "GLS-Business"] {
            assert!(is_carrier(name.as_bytes()), "{name}");
        }
        for name in ["Royal Bakery", "Jane Doe", "", "Upsala Kommun"] {
            assert!(!is_carrier(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn firms_are_known_by_their_legal_forms() {
        for name in [
            "Lager Nord GmbH",
            "Acme Procurement Ltd",
            "Acme Trading Ltd.",
            "Huber & Söhne GmbH & Co. KG",
            "Ceramiche Rossi S.r.l.",
            "Meble Polska Sp. z o.o.",
            "Fietsen B.V.",
            "Nordic Toys AB",
            "Kenkä Oy",
            "Textiles du Nord SAS",
            "Widgets, Inc.",
            "株式会社サンプル",
            "ООО Ромашка",
        ] {
            assert!(has_legal_form(name.as_bytes()), "{name}");
        }
        for name in ["Jane Doe", "Ag", "Marco Spa in x", "GmbH", "jane doe ab", "Se", "Kai Sell"] {
            assert!(!has_legal_form(name.as_bytes()), "{name}");
        }
    }
}
