//! Firms that a shop's logs name again and again: who carries its parcels, and what its machines run. None of them is
//! anybody, whatever key they stand under.

use super::text::{Listed, run};

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
    let first = &value[..run(value, 0, 24, |byte| byte != b' ' && byte != b'_' && byte != b'-')];
    value.len() <= 48
        && (CARRIERS.has(first)
            || PAIRS.iter().any(|pair| {
                value.get(..pair.len()).is_some_and(|start| start.eq_ignore_ascii_case(pair.as_bytes()))
                    && matches!(value.get(pair.len()), None | Some(b' '))
            }))
}

/// Whether a value ends in what a company's form is called.
pub fn is_company(value: &[u8]) -> bool {
    const FORMS: [&str; 22] = [
        " gmbh",
        " ag",
        " kg",
        " ohg",
        " ug",
        " ltd",
        " ltd.",
        " limited",
        " llc",
        " inc",
        " inc.",
        " plc",
        " s.r.l.",
        " srl",
        " spa",
        " s.p.a.",
        " bv",
        " b.v.",
        " sarl",
        " sas",
        " sp. z o.o.",
        " oy",
    ];
    FORMS
        .iter()
        .any(|form| value.len() > form.len() && value[value.len() - form.len()..].eq_ignore_ascii_case(form.as_bytes()))
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
}
