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
    // A label elsewhere says what a field is.
    "CEF:0|Acme|WAF|14.7|CSRF|Violation|7|src=⟦203.0.113.9⟧ cs1Label=session cs1=⟦f9663f9986efd1ec648a4178c1d02a2d⟧ rt=1760243174472",
    "CEF:0|Acme|WAF|14.7|CSRF|Violation|7|cs2=⟦Jorid Sandnes⟧ cs2Label=Customer Name act=blocked",
    "CEF:0|Acme|WAF|14.7|CSRF|Violation|7|cs3=R-7 cs3Label=Rule ID flexString1=⟦jorid⟧ flexString1Label=Username",
    // What is told to somebody.
    r#"{"buyer":{"login":"⟦jorid55⟧"},"messageToSeller":"⟦graag bij de buren op nr. 31⟧"}"#,
    r#"{"message_from_buyer":"⟦don't knock, Jorid works nights⟧","is_gift":true}"#,
    r#"{"noteForDriver":"⟦Klingel Sandnes, Hund im Garten⟧","deliveryHint":"⟦dietro la scala di Jorid⟧"}"#,
    r#"{"nachrichtAnVerkaeufer":"⟦bitte bei Sandnes klingeln⟧"}"#,
    r#"Content-Disposition: form-data; name="defect_description" | ⟦ma fille Jorid a six ans et le jouet est cassé⟧ | x"#,
    r#"{"note_attributes":[{"name":"gift_for","value":"⟦Jorid⟧"}]}"#,
    // How a value is compared says nothing of what it is.
    "GET /admin/orders?q%5Bbill_address_lastname_start%5D=⟦Sandnes⟧&q%5Bstate_eq%5D=complete&q%5Bs%5D=completed_at+desc 200",
    "GET /buyers?lastname__icontains=⟦Sandnes⟧&page=2 200",
    r#"{"term":{"lastName.keyword":"⟦Sandnes⟧"}}"#,
    "GET /api/people?filters[lastname][$containsi]=⟦Sandnes⟧&sort=id:asc 200",
    "GET /v1/tracking/CA117521181ES?verify_zip=⟦33734⟧ HTTP/1.1",
    r#"{"ship":{"nm":"⟦Jorid Sandnes⟧","l1":"⟦Bakkehaugen 4⟧","pc":"⟦H-2094⟧"}}"#,
    // Changes.
    "~ resource \"kubernetes_secret\" \"db\": data.password ⟦4hui$c8AGA⟧ -> (known after apply) metadata.resource_version 8633",
    "vault: api_key ⟦Zk93hq0PlwTR⟧ -> ⟦b8RtQ17xxYd0⟧ applied",
    // Bytes and printable characters.
    r"parameters: $1 = '15580092', $2 = '\⟦x4a6f7269642053616e646e65733b42616b6b65686175676e203431203530313920426572676e3b6a6f7269644073686f702e6578616d706c65⟧', $3 = 'open'",
    "body (quoted-printable): Lieferung an ⟦Erika Beispiel⟧=2C ⟦Beispielweg 98=2C 94897⟧ bitte =E2=80=94 ticket=23430124",
    // Links and visitors.
    "url: /bot⟦695501990:AAFexampleExampleExampleExample12345⟧/sendMessage?chat_id=9058980188",
    "GET https://shop.example/unsubscribe?e=⟦jorid%40shop.example⟧&t=⟦b18ef7e0060ff971bd16d30aa9b050b1⟧ HTTP/2.0",
    "POST /g/collect?v=2&tid=G-4XQ2K3HYZZ&cid=⟦1764187120.1749055275⟧&sid=1762704697&sct=4 204",
    "GET /matomo.php?idsite=3&rec=1&_id=⟦ae09076b5318fa9f⟧&res=1536x864 204",
    r#"{"client_details":{"accept_language":"de-DE","session_hash":"⟦0f90798953bff028dd3ac5efbe1e4e77⟧"}}"#,
    // People of a line.
    r#"{"customer":{"national_identification_number":"⟦840501-4948⟧"},"status":"PENDING"}"#,
    r#"send: b'{"to":"⟦+343409494619⟧","text":"Moin ⟦Jorid⟧, dein Paket kommt heute","from":"SHOP"}' reply: 'HTTP/1.1 202 Accepted'"#,
    "Sent SMS [SVC:parcelnotify] [from:ACMESHOP] [to:⟦+343475555379⟧] [flags:-1:1:-1:0:31] [msg:88:Hej ⟦Jorid⟧, din kod är ⟦509437⟧] [udh:0:]",
    "hostapd: wlan1-2: STA ⟦4b:80:89:37:a7:80⟧ WPA: handshake completed (RSN), identity '⟦jorid.sandnes⟧' (AKM=WPA-EAP-SHA256)",
    "[pid 16320] [⟦jorid⟧] OK UPLOAD: Client \"⟦203.0.113.9⟧\", \"/in/ORDERS_D96A.edi\", 36584 bytes",
    "Set(\"PJSIP/hotline-00005527\", \"CALLERID(all)=⟦Jorid Sandnes⟧ <⟦4755501990123⟧>\") in new stack",
    "Executing Set(\"SIP/1\", \"CALLERID(num)=⟦4755501990⟧\")",
    // Complaints that name a field or a type.
    r#"Cannot deserialize value of type `shop.geo.PostalCode` from String "⟦79-013⟧": not a valid representation"#,
    r#"Cannot deserialize value of type `long` from String "⟦NP2 6FQ⟧": bad (through reference chain: shop.Order["address"]->shop.Address["postalCode"])"#,
    "failed to parse field [shipping.phone] of type [long] in document with id 'wbeQWSzk3bb5'. Preview of field's value: '⟦01 99 00 15 05⟧'",
    r#"expected ',' before: '⟦Jorid Sandnes⟧","⟦jorid@shop.example⟧"' (at row 4896) (in query: INSERT INTO buyers_raw FORMAT JSONEachRow)"#,
    r#"{"type":"CarrierRejected","value":"no service for ⟦72419-096⟧"}"#,
    "The zip code ⟦60378⟧ and the city do not match for ⟦Ernst-August Boucsein⟧",
    // Labels, and values in the order of their places.
    r#"CLS TEXT 40,60,"3",0,1,1,"⟦Jorid Sandnes⟧" TEXT 40,100,"3",0,1,1,"⟦15834 Example Street⟧" BARCODE 40,320,"128""#,
    r#"CLS TEXT 40,100,"3",0,1,1,"⟦шосе Базарна, буд. 86⟧" PRINT 1"#,
    r#"<td class="addr">⟦Jorid Sandnes⟧<br/>⟦18 Station Road<br/>M72 0NL⟧</td>"#,
    r#"INSERT INTO "Recipients" ("id","fullName","addr1","zip") VALUES (DEFAULT,$1,$2,$3) RETURNING "id"; ["⟦Jorid Sandnes⟧", "⟦Bakkehaugen 4⟧", "⟦060717⟧"]"#,
    r#"INSERT INTO profile (holder, iban, vat_id) VALUES (?, ?, ?) (parameters: array{"1":"⟦Jorid  A. Sandnes⟧","2":"⟦DE89370400440532013000⟧","3":"⟦SE757572404801⟧"}, types: array{"1":2,"2":2})"#,
];

#[test]
fn what_no_plain_key_tells_of_goes_and_nothing_else() {
    let wrong = wrong(LINES);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scratch() {
    for line in [
        "i18n=de | accept-language: de-DE,de;q=0.9 | x-forwarded-proto: https",
        "accept-language: de-DE,de;q=0.9",
        r#"{"slip":"8","お届け先名":"\u4f50\u3005\u6728 \u62d3\u771f","お届け先住所":"\u897f\u533a\u307f\u306a\u3068\u307f\u3089\u30442-7-1 \u30cf\u30a4\u30c4307","お届け先郵便番号":"229-7435"}"#,
        r#"{"お届け先住所":"西区みなとみらい2-7-1 ハイツ307","x":"229-7435"}"#,
        "smbd_audit: svc-labels|192.168.78.99|labels$|openat|ok|w|/exports/2026-11/050-2843313-4270456_Guarino Galilei.pdf",
        "attachment; filename*=UTF-8''Lieferschein_364-6281001-8871029_Tonia%20Pisani.pdf | content-type: application/pdf",
        "(quoted-printable): Lieferung an Christl Hauffer=2C Ercan-Baum-Platz 98-61=2C 94897 bitte stornieren =E2=80=94 ticket=31423771",
        "(plain): Lieferung an Christl Hauffer, Ercan-Baum-Platz 98-61, 94897 bitte stornieren",
        r"DETAIL:  parameters: $1 = '15580092', $2 = '\xe988b4e69ca820e4bfaee5b9b33be7a78be794b0e79c8ce5b79de5b48ee5b882e9ab98e6b4a5e58cbae897a4e987913234e4b881e79bae3135e795aa36e58fb720e6b9afe5aeaee382b7e383a3e383abe383a03339393b3132312d30303035', $3 = 'pending_review'",
        r"DETAIL:  parameters: $1 = '96330783', $2 = '\xc3897469656e6e652054757270696e3b352c206176656e7565206465204769726172643b3434333030', $3 = 'pending_review'",
        "鈴木 修平;秋田県川崎市高津区藤金24丁目15番6号 湯宮シャルム399;121-0005",
        "Étienne Turpin;5, avenue de Girard;44300",
        r#"{"time":"2026-09-14T04:46:35Z","auth":{"display_name":"oidc-eliza_dywan56@xn--bcher-kva.example","policies":["fulfil-ro"]}}"#,
    ] {
        println!("{line}\n    {}", super::text(line));
    }
}
