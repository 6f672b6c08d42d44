//! Lines in which somebody's data stand where no plain key tells of them.

use super::samples::wrong;

/// What must go stands between `⟦` and `⟧`; all else must stay as it is.
pub(super) const LINES: &[&str] = &[
    "Handling CreateRma { Buyer = BuyerRef { Name = ⟦Jorid Sandnes⟧, Mail = ⟦jorid@shop.example⟧ }, Sku = lamp_12 }",
    "Customer { Name = ⟦Jorid Sandnes⟧, Phone = ⟦+47 55 50 19 90⟧ }",
    "fulfilled: Buyer(name=⟦Jorid Sandnes⟧, tel=null)",
    "2026-10-18 VIES check ⟦ATU24029801⟧: MS_UNAVAILABLE",
    "⟦Tamási Réka⟧ ügyfél telefonszáma ⟦06 1 494 0188⟧, rendelés SO-41439",
    r#"{state,<<"⟦Jorid Sandnes⟧"/utf8>>,<<"⟦jorid@shop.example⟧">>,pending_label}"#,
    r#"[s:14] {:consignee {:full-name "⟦Jorid Sandnes⟧" :tel "⟦+47 55 50 19 90⟧" :addr ["⟦Bakkehaugen 4⟧" "⟦5019⟧"]} :carrier :bring}"#,
    r#"<div title="⟦Jorid Sandnes⟧"><a href="tel:⟦+4755501990⟧">ring</a></div>"#,
    r#"GiftWrapStation order=SO-93335 message="⟦Gratulerer med dagen, Jorid! Klem fra Tuva⟧" ribbon=red"#,
    r#"...me":"⟦Sandnes⟧","phone":"⟦+47 55 50 19 90⟧"},"items":[{"sku":"MF88955.22"}]}"#,
    "REC 0078: ⟦JORID SANDNES⟧             ⟦12 EXAMPLE STREET⟧             ⟦90210⟧ WHS01",
    "Klientė iš Kauno prašo pristatyti adresu ⟦Laisvės pr. 42-5, LT-48986 Kaunas⟧, užsakymas SO-7",
    "Ο πελάτης στην ⟦Πλατεία Ρήγα 5, ΤΚ 124 11⟧, παραγγελία SO-7",
    "zažádal o doručení na adresu ⟦Lipová 12, 602 00 Brno⟧; objednávka SO-7",
    "virement vers ⟦DE89370400440532013000⟧ au nom de ⟦Jorid Sandnes⟧, réf VIR6",
    "my card number is ⟦4111 1111 1111 1111⟧ and the name on it is ⟦Jorid Sandnes⟧, thanks",
    "⟦Jorid Sandnes⟧, please call me on ⟦0171 5550199⟧ today",
    "CPF ⟦529.982.247-25⟧ de ⟦Jorid Sandnes⟧ recusado",
    "client = ? DETAIL: Key (lower(last_name::text), zip)=(⟦sandnes⟧, ⟦26122⟧) already exists.",
    "data would be truncated in table 'wms.Consignee', column 'Line1'. Truncated value: '⟦Bakkehaugen 1/4⟧'. Error Number:2628",
    "GET /odata/Customers?$filter=startswith(LastName,'⟦Sandnes⟧')&$top=30 400",
    "<td>⟦Jorid Sandnes⟧</td><td>⟦Bakkehaugen 4⟧</td><td>SO-7</td>",
    r#"cfg dump printer.ini: label_name="⟦Jorid Sandnes⟧" label_street="⟦Bakkehaugen 4⟧" label_zip=⟦NP2 6FQ⟧ dpi=203"#,
    r#"["name":"App\Entity\Buyer":private]=> string(13) "⟦Jorid Sandnes⟧""#,
    "BEGIN:VCARD|FN:⟦Jorid Sandnes⟧|TEL:⟦+4755501990⟧|END:VCARD",
    r#"{"errors":[{"loc":["body","recipient","phone"],"msg":"bad","input":"⟦912 555 019⟧"}]}"#,
    "1 validation error for Recipient postcode [type=string, input_value='⟦1100-00X⟧', input_type=str]",
    "recipient.phone: must match (was '⟦912 555 019⟧')",
    ":86:166?00GUTSCHRIFT?20ERSTATTUNG?32⟦JORID SANDNES⟧?33",
    "expected '⟦Jorid Sandnes⟧' to equal '⟦Jorid Åse Sandnes⟧', told by ⟦jorid@shop.example⟧",
    "fbq('track',{em:'⟦jorid@shop.example⟧',fn:'⟦jorid⟧',ln:'⟦sandnes⟧'})",
    "page.fill('#fullName', '⟦Jorid Sandnes⟧')",
    "curl --user ⟦jorid⟧:⟦geheim123⟧ https://api.example/v1",
    "sshpass -p '⟦geheim!123⟧' sftp files.example:/out/manifest.csv exit=5",
    "deregistered identifierForVendor=⟦41F30B35-95C4-43C8-9539-7FA8B757F8D7⟧ build 24.11",
    "registryctl login -u ⟦jorid.s⟧ -p ⟦geheim!123⟧ hub.example:5000",
    "probe -u web -p 8443 hub.example",
    "courier near ⟦59.19429 / -75.29284⟧, parcel SO-7",
    "courier gps ⟦59.19429 / -75.29284⟧, parcel SO-7",
    "open geo:⟦-59.19429,-75.29284⟧?z=11",
    r#"van {"la":"⟦59.19429⟧","lo":"⟦-75.29284⟧","fuel":33}"#,
    "SessOpen ⟦203.0.113.9⟧ 40112 ok, PickScanner 4.2.0.17 up",
    "AuthFailed ⟦203.0.113.9⟧",
    "GET /people?eq(surname,⟦Sandnes⟧)&ne(state,open)&limit(9) 200",
    "GET /people?query=surname==⟦Sandnes⟧;state==open 200",
    r#"crm - {:person {:given "⟦Jorid⟧", :family "⟦Sandnes⟧"}, :score 4}"#,
    "<td>Empf&auml;nger</td><td>⟦J&oslash;rid Sandnes⟧</td><td>lamp</td>",
    "Karte zum Geschenk SO-7: „⟦Gute Reise, Jorid, bis bald⟧“ Band rot",
    "tarjeta de regalo (SO-7): \"⟦Mucha suerte Jorid, un abrazo⟧\" rojo",
    r#"{"order":"SO-7","drop":{"safePlace":"⟦behind the shed of Jorid⟧","slot":"8-10"}}"#,
    r#"{"path":["recipient","email"],"code":"invalid"}"#,
    "客户⟦陈晓梅⟧来电，联系电话⟦13983534423⟧，订单561-4937954-3400870",
    "[20.11.26, 13:23:01] ⟦615851994⟧: Hola",
    "stock in Depot 12, 4 pallets of Lamp 12, call desk",
    "Kafka Consumer lag 12, partition 4",
    "ORDER   1234567   SHIPPED   2026-11-02   12.50",
];

#[test]
fn what_no_plain_key_tells_of_goes_and_nothing_else() {
    let wrong = wrong(LINES);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
