//! Lines of a business's programs: what is its own stays, what is somebody's goes.

use super::text;

/// What must go stands between `⟦` and `⟧`; all else must stay as it is.
pub(super) const LINES: &[&str] = &[
    // Sites.
    r#"{"carrier":"PostNL","depotCity":"Kutno","tour":"T1","depot":{"code":"ORY4","city":"Rheinberg"}}"#,
    r#"{"warehouse":{"city":"Getafe","timezone":"Europe/Madrid"},"boxes":24}"#,
    r#"{"warehouse":{"name":"⟦Jane Doe⟧","street":"⟦Ilica 12⟧","city":"⟦Zagreb⟧"}}"#,
    r#"{"ip":"⟦203.0.113.9⟧","city":"⟦Zagreb⟧","hub":"x"}"#,
    // Programs and browsers.
    r#"{"userAgent":"aws-cli/2.17.9 Python/3.11.9","ua":"SellerTool/3.2 (Language=Java/17; Platform=Linux)"}"#,
    r#"{"userAgent":"⟦AcmeShop/5.1 CFNetwork/1410 Darwin/22.6⟧"}"#,
    r#"ua="Mozilla/5.0 (compatible; examplebot/2.0; +http://bot.example/about)" 200"#,
    // Templates.
    r#"{"@mt":"Customer {CustomerName} changed delivery address","CustomerName":"⟦Jane Doe⟧"}"#,
    r#"{"messageTemplate":"Buyer {Name} moved to {Street}","buyerName":"⟦Jane Doe⟧"}"#,
    "fmt=%(asctime)s customer=%(customer)s ip=%(remote_addr)s",
    // Ids.
    r#"{"receipt_id":2294065449,"buyer_email":"⟦a@b.example⟧","parcel":{"id":317338092,"name":"⟦Jane Doe⟧"}}"#,
    r#"{"receiver":{"email":"⟦a@b.example⟧"},"reference":"098-5502329-3298273","merchantAccount":"AcmeCOM"}"#,
    r#"{"purchaseOrderNumber":"THYLBMAYW","buyer":{"purchaseOrderNumber":"⟦PO-96654⟧"}}"#,
    r#"{"customer_bank_accounts":{"iban":"⟦GB51FSSI60069706613868⟧","metadata":{"seller":"S-15715"}}}"#,
    // Firms.
    r#"{"shipper":{"name1":"Lager Nord GmbH"},"consignee":{"name1":"⟦Jane Doe⟧"}}"#,
    r#"{"shipper":{"contact":{"companyName":"Ceramica Lupo S.r.l."}},"sender":{"name":"⟦Maria Schmidt⟧"}}"#,
    "<Name>Acme Procurement Ltd</Name><DeliverTo>⟦Jane Doe⟧</DeliverTo>",
    // Messages.
    "task: id: <710e444d1e3f@bulk.example>, from: <⟦maite@b.example⟧>, id=bd368d7a7c63fd43@mx.example S=1",
    "From: ⟦Jane Doe⟧ <⟦a@b.example⟧> Subject: RMA 802358 Date: Thu, 27 Nov 2026 00:52:07 +0100 Message-ID: <95ea3da9@mx.example>",
    r#"{"to":"⟦222943639⟧","from":"AcmeShop","num_segments":"1"}"#,
    "MessageSid=x&Body=⟦Wo+ist⟧+EB-47-92837-91553+⟦bitte+ja⟧&NumMedia=0",
    "'⟦677161184⟧' is not a valid E.164 number, FormatException: '⟦677161185⟧' is not a valid phone number",
    // Goods.
    "stock JU-1 lot L2, supplier Otto Kern",
    r#"{"item_name":[{"value":"Emma Matratze One 140x200"}],"brand":[{"value":"Peter Kaiser"}],"sku":"x"}"#,
    "sku;titel;marke;bestand;preis / M1;Emma Matratze One 140x200;Paul Hewitt;380;6.28",
    "produkt=USB+Kabel&hersteller=Thomas+Sabo&gtin=3015224782660&lagerort=R5&menge=83&bemerkung=Charge+gesperrt",
    "sku=AB-1&bestellung=7&menge=1&bemerkung=⟦bitte+bei+Nachbarn+abgeben⟧",
    // Versions.
    "deploy buyer-service v7.15.8-rc1 -> 1.2.1.80 commit b113c97b",
    "rollback payments from v3.4.1.12 to 3.4.0.77, client moved ⟦203.0.113.4⟧ -> ⟦203.0.113.9⟧",
    // Schemas.
    "q: { email: \"⟦a@b.example⟧\" } planSummary: IXSCAN { email: 1 } createIndexes { email: 1, address: -1 }",
    "  Customer Load (5.7ms)  SELECT 1, Address Exists? (0.9ms)",
    // Paths.
    "git clone https://x-access-token:⟦ghp_c2WnhtucLxEbdROHo45trwcpgVqJe6qdfo7q⟧@github.com/acme/label-core.git exit 128",
    "user=⟦jdoe⟧ host=sftp.example dir=/in/desadv _wp_http_referer=%2F%3Fwc-ajax%3Dupdate_order_review",
    "executeQuery: (from [::ffff:172.23.176.110]:41234) SELECT 1",
    // Tables within a line.
    "row 118: order-id|sku|buyer-name|ship-address-1|ship-postal-code => SO-51083|IZ-1|⟦Jane Doe⟧|⟦40 Ilica, floor 2⟧|⟦987197⟧",
    "preview: Nr;Kunde;Strasse;PLZ / 1;⟦Jane Doe⟧;⟦Ilica 12⟧;⟦3456⟧ / 2;⟦John Doe⟧;⟦Gate 3 / 4⟧;⟦08409⟧",
    // Keys of known parts.
    r#"{"Telefonocontacto":"⟦91 550 95 21⟧","personalIdentity":"⟦61071332269⟧","first_line":"⟦Skolgatan 65⟧"}"#,
    "barcode=GLS1&signee=⟦Horv%C3%A1th+Enik%C5%91⟧&scanner=TC26",
    // What neighbours say.
    r#"ORA-12899: bind[0]="⟦Jane Doe⟧" bind[1]="⟦Im Brühl 6⟧" sqlid=ea"#,
    "insert into `a` (`full_name`, `street`, `postcode`, `phone`) values (⟦Ananya Joshi⟧, ⟦B-704, Lotus Heights, 797724⟧, ⟦+91 98473 39533⟧)",
    "WHERE nachname LIKE '⟦van Ginkel%⟧' AND x = 1",
    "NAD+DP+++⟦SANNE TERPSTRA⟧+⟦Weg 9⟧+⟦Utrecht⟧++⟦1492XB⟧+NL'CTA+IC+:⟦Terpstra⟧'LIN+1",
    r#"f"bad address for ⟦Anca Stănescu⟧: ⟦Str. Mihai Eminescu nr. 94, sc. B, ap. 9, 874940 Cluj-Napoca⟧")"#,
    "Bitte an ⟦Davor Horvat⟧, ⟦Ulica kralja Tomislava 8, 66951 Split⟧ senden",
    "PAN in ticket T-004259 by ⟦Chidinma Balogun-Cole⟧",
    r#"%{"address" => %{"city" => "⟦Zagreb⟧", "line_one" => "⟦Ilica 12⟧"}}"#,
];

#[test]
fn what_is_the_business_s_own_stays_and_what_is_somebody_s_goes() {
    let wrong = wrong(LINES);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Those of `lines` that come out otherwise than their marks say, with what came out.
pub fn wrong(lines: &[&str]) -> Vec<String> {
    let outs = lines.iter().filter_map(|sample| {
        let out = text(&sample.replace(['⟦', '⟧'], ""));
        (!is_as_marked(sample, &out)).then(|| format!("{sample}\n    {out}"))
    });
    outs.collect()
}

fn is_as_marked(sample: &str, out: &str) -> bool {
    let mut rest = out;
    for (index, part) in sample.split(['⟦', '⟧']).enumerate() {
        if index % 2 == 1 {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
            if !rest.starts_with("pii_") {
                return false;
            }
            rest = &rest[end..];
        } else if let Some(behind) = rest.strip_prefix(part) {
            rest = behind;
        } else {
            return false;
        }
    }
    rest.is_empty()
}
