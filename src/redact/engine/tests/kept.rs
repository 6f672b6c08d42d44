//! Lines of a shop and of its machines in which little or nothing is anybody's.

use super::samples::is_as_marked;
use super::text;

/// What must go stands between `⟦` and `⟧`; all else must stay as it is.
pub(super) const LINES: &[&str] = &[
    // Subjects and reasons that a shop wrote.
    r#"subject="Your order 902-3159896-1390916 has shipped" template=order_shipped"#,
    r#"{"template":"refund_issued","subject":"Hemos emitido tu reembolso"}"#,
    "mail queued subject=Reset your password provider=ses",
    "subject=Order+88123+shipped&template=order_shipped",
    r#"subject="Ihr Wunschartikel ist wieder verfügbar" smtp=250"#,
    "subject=⟦Jane, your order is late⟧ template=x",
    "Subject: =?UTF-8?Q?R=C3=BCckfrage?= From: ⟦=?UTF-8?Q?J=C3=B6rg_Beispiel?=⟧ <⟦j@b.example⟧>",
    r#"{"Subject":"ALARM: \"Checkout P99 Latency High\" in EU (Frankfurt)","Message":"ok"}"#,
    "Subject: [shop/web] Build #11822 failed",
    r#"{"Message":"ok","Subject":"order.updated"}"#,
    r#"return created reason="Item arrived too late" rma=RMA802358"#,
    "powod=uszkodzone%20opakowanie&ilosc=12&magazyn=POZ1",
    r#"{"rma":"RMA1","grund":"UNWANTED_ITEM","absender":{"nachname":"⟦Doe⟧"}}"#,
    "Server be/app-3 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\"",
    "Klant ⟦Jorid Sandnes⟧ belt over retour 45164122: morgen ophalen",
    "UPDATE pickup SET contact_tel = '⟦+46 70 174 06 53⟧' WHERE rma = 10198029",
    "migrating to version \"118 - add phone to buyers\" checksum 3019388646 (12ms)",
    // Searches.
    "/catalogue/recherche?q=Oral-B+Pro+3+3000&ean=4006350763929&sort=preis_asc 200",
    "/katalog?q=%D1%87%D0%B0%D0%B9%D0%BD%D0%B8%D0%BA%20x&page=1&sort=price_asc 200",
    "https://app.example.com/search?q=⟦Katharine+Junk⟧&phone=⟦%28305%29+271-5645⟧&asin=B0GEO3AVP7",
    "GET /api/search?query=%7B%22buyer%22%3A%7B%22name%22%3A%22⟦Jane%20Doe⟧%22%7D%2C%22sku%22%3A%22A-1%22%7D 409",
    r#"query="{app=\"checkout\"} |= \"timeout\"" query_type=filter"#,
    "q=B0CXYZ1234",
    "q=sku:KTC-4411+status:open",
    "?createdAfter=2026-10-01&paginationToken=C9jA4AHmE6utEwfslbdecFhC 401",
    // Numbers in people's words.
    "note on 902-3159896-1390916: ⟦please send⟧ parcel 15347987939750 ⟦to Jane Doe, 12 Example Street⟧",
    "Ticket 88123: ⟦customer asks for order⟧ 902-3159896-1390916, ⟦amount 19.99 EUR⟧",
    "Receiver: ⟦Jane Doe⟧, address: ⟦12 Example Street⟧, parcel 20453397267875",
    "Kunde : ⟦Jane Doe⟧ ; Strasse : ⟦Ilica 12⟧ ; Plz : ⟦CF10 8EF⟧ ; Status : Versandbereit",
    r#"{"receiver":{"name":"⟦Jane Doe⟧","addr":"⟦Lange Leem⟧...[truncated 8752 bytes]"#,
    "<a href=\"mailto:⟦jane@b.example⟧?subject=RMA%2039632\">mail</a>",
    "detail=\"consignee.postalCode: ⟦1234⟧ is invalid for DEU\"",
    // Versions and packages.
    "LEEF:2.0|Acme|Portal|29.8.2.74|LoginFailed|^|usrName=⟦jane@b.example⟧^src=⟦203.0.113.9⟧^reason=bad_otp",
    "<dict><key>bundleVersion</key><string>v8.14.7-rc3</string><key>recipientName</key><string>⟦Jane Doe⟧</string></dict>",
    "status unpacked openssh-client:amd64 1:9.2p1-2+deb12u6",
    "scope=customer:read,customer:write ttl=3600",
    // Firms, carriers and sites.
    "absender.firma=Nordlager GmbH empfaenger.name=⟦Jane Doe⟧",
    "nume=⟦Doe⟧&prenume=⟦Jane⟧&curier=FAN+Courier",
    r#"{"events":[{"code":"OF","location":{"city":"Memphis","state":"TN","countryCode":"US"}}]}"#,
    r#"{"id":"TR-11822","from":"Lager Süd","to":"Lager Nord","lines":[{"sku":"ZX-8817-BLK"}]}"#,
    "Filial São Paulo Paulista: estoque sincronizado",
    // Goods.
    r#"Colour "Lady Pink" not in palette, Chair "Charles Eames DSW" replica"#,
    r#"{"артикул": "MF96828.10", "наименование": "Henry Hoover HVR160", "склад": "BTS2"}"#,
    "GC(11420) Pause Young (Normal) (G1 Evacuation Pause) 73201M->826M(4096M) 522.69ms",
    "campaign name='Summer Teaser' utm_term=garten+lounge+set",
    // Programs.
    "source/common/subscription_impl.cc:126] gRPC config rejected",
    "postgresql@15-main.service: Main process exited, code=exited",
    "signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x8a1f2c",
    r#"{"errors":[{"message":"x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
    r#"{"errors":{"phone":["has already been taken"],"street":["can't be blank"]}}"#,
    r#"{"code":"too_small","path":["address","city"]}"#,
    "message Recipient { string name = 1; string street = 2; string postal_code = 3; }",
    "type Customer { id: ID! email: String! firstName: String addresses: [Address!]! }",
    "Start Failed Error: econnrefused child=zebra_conn_71 mfa=zebra:start_link/2",
    "MDM enrol ok os=14.2.1 profile=picker-de",
    "GET /vies/check?country=SE&requester=60a11efa 400",
    "salt: minion web3 returned state.apply 41 succeeded 0 failed",
    "event=invoice.created number=RE-2026-118231 net=50.25 vat=9.55",
    "event=customs.released mrn=26DE123456789012J5 duration=41m",
    "STARTED - STEP SORTSKU RC=0000 DSN=PROD.STOCK.SORT.G1182V00",
    "payment captured psp=Adyen pspReference=8836523561234567 amount=49.90",
    // Signatures: when, and of whose domain.
    r#"Authorization: OAuth oauth_consumer_key="⟦9djdj82h48djs9d2⟧", oauth_signature="⟦bYT5CMsGcbgUdFHObYMEfcx6bsw%3D⟧", oauth_timestamp="1760000137""#,
    r#"Authorization: Hawk id="⟦k7f2⟧", ts="1760000137", mac="⟦6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE=⟧" | Host: b.example"#,
    "DKIM-Signature: v=1; a=ed25519-sha256; d=mail.example; s=k2026; i=⟦jane@mail.example⟧; h=from:to:subject; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=Zm9vYmFy | X-Id: 1",
    "Final-Recipient: ⟦rfc822;jane@b.example⟧ Action: delayed Status: 4.4.1 Last-Attempt-Date: Mon, 02 Feb 2026 08:00:00 GMT",
    // Marks of other tongues.
    "ASSERTION_FAILED in ZCL_SALES_ADDR=>CHECK line 42: x",
    r#"{"customer":{"address":{"street":"⟦12 Example Street⟧","zip":"⟦12345⟧"... (truncated 812 bytes)"#,
    "form%3Aphone=⟦07700900430⟧&form%3Ashop=BLN2&x=1",
    "BYE sip:⟦+15550100042⟧@10.1.2.3:5060;transport=udp",
    "GET https://static.b.example/web/4.12.0.7/runtime.css 200",
    "GET https://⟦203.0.113.7⟧/runtime.css 200",
    "GET /lookup/⟦203.0.113.7⟧/history 200",
    r#"{"body":{"phone":"⟦+48228795158⟧","channel":"⟦Jane Doe⟧"},"msg":"stored"}"#,
    "10:02:11|ERROR|Shop.Orders.LabelWriter|to ⟦12 Example Road⟧",
    "{FirstName=⟦Jane⟧, Order_Origin__c=Webshop, Id=0035}",
    r#"{"Kontoinhaber":"⟦Jane Doe⟧","Steuerschluessel":"19","ApiSchluessel":"⟦9f2c71d09ab3⟧"}"#,
    r#"{"bomFormat":"CycloneDX","serialNumber":"urn:uuid:0b6c1a52-7d1e-4c0b-9a44-2f1f0f2c9a11"}"#,
    r#"{"body":{"phone":"⟦+48228795158⟧","channel":"telegram"},"msg":"stored"}"#,
    "GET /graphql?query=%7Bstock%28sku%3A%22AB-118%22%29%7Bcount%7D%7D 200",
    // Things within somebody's record.
    r#"{"contact":{"name":"⟦Jane Doe⟧","campaign":"Black Friday","owner":"sales-dach"}}"#,
    r#"{"address":{"raw":"⟦12 Example Street⟧","matchscore":100,"precision":"rooftop"}}"#,
    r#"order_confirmation to ⟦jane@b.example⟧: subject "Your order 88123 has shipped", provider SES"#,
    "&lt;p&gt;Hallo ⟦Jane Doe⟧,&lt;/p&gt; Bestellung 456-7394404-2216071 &#8211; Olivia Garden Paddle Brush",
    "Duplicate entry '⟦jane@shop.example⟧-A1ENK2B5PGK4MU' for key 'buyers.mail_seller_uq'",
    // Programs, machines and their protocols.
    "memory alarm set on node 'rabbit@mq-0.mq-nodes.mq.svc.cluster.local'. vm_memory_high_watermark=9550027918",
    "probably closed the socket: address = /10.18.187.231:50083, session = 0x30000a81d4b0017",
    "> Task :shipping-core:compileKotlin FROM-CACHE Build cache key is d025b310c49768e2c946630a9c91ab0a",
    "INFO: Analyzed target //services/address:lint (0 packages loaded)",
    "script '/var/www/index.php' (request: \"GET /index.php?p=3\") executing too slow (11.482201 sec), logging",
    r#"{"userDisplayName":"⟦Jane Doe⟧","ipAddress":"⟦203.0.113.9⟧","location":{"city":"⟦Town⟧"},"appDisplayName":"Seller Admin"}"#,
    "i18n=de | accept-language: de-DE,de;q=0.9 | x-forwarded-proto: https",
    r#"{"proofOfDelivery":{"receivedBy":"⟦Jane Doe⟧","relationship":"NEIGHBOUR"},"depot":"0126"}"#,
    "GET /out?mail=⟦jane@b.example⟧&tel=⟦347.558.8618⟧&cmp=6957003 307",
    "cds: added/updated 2 cluster(s) version_info=a6a76ba6d5497f36 nonce=gnw+q4SJ3kg=e74b79a4-7eb0-4636-9310-1d522e09ef1f",
    r#"Refund paused Refund { OrderNo: "7", Beneficiary: BankParty { Holder: "⟦Jane Doe⟧", Iban: "⟦DE89370400440532013000⟧" }, Amount: 152.32 }"#,
    "Cache restored from key: Linux-node-20-6dd084cc22b85243f13ec9eeacae57e8bd565b736072033b5393cebae42a759b run_id=49910315680",
    "to=<⟦jane@b.example⟧>, relay=mx-in.l.example[198.51.100.26]:25, delay=2.4, dsn=4.2.2, status=deferred",
    "connect from mail.b.example[⟦198.51.100.26⟧]:40112",
    r#"{"ClientInfoString":"Client=OWA;Action=ViaProxy","MailboxOwnerUPN":"⟦jane@b.example⟧","InternetMessageId":"<⟦4CVH29PV@prod.b.example⟧>"}"#,
    "recipient=⟦jane%40b.example⟧&event=opened&client-name=Chrome%20Mobile&tag=shipping-delay",
    "SSL_do_handshake() failed fingerprint=SHA256:7HzSTTC5YpDnh6QyJqntBTRGZa4uM8SPZ5bnM2eI2Wo not_after=2026-09-01",
    "302 -> https://wa.me/⟦4915555501990⟧?text=⟦Hallo%20Jane%2C%20deine%20Bestellung⟧%20325-8041175-4581407%20⟦ist%20da⟧ ref=shipped_v4",
    "<⟦jane@b.example⟧>,⟦jane@b.example⟧,250 2.1.5 Recipient OK,34416,2,,",
    "login failed with code 403, exit code 137, error code is 5001",
    "bot /bots/1234567890/run -> ok, price 12 -> 14, state open -> closed, token expired -> refreshed",
    "no service for carrier 12, route for SO-7",
    "GET /orders?s[order]=created_at:desc&session_start=1762704697 200",
    "INSERT INTO stock (sku, bin, qty) VALUES ($1, $2, $3); [\"ZX-8817\", \"A-12-04\", 7]",
    "celery@worker-3.internal ready; node ejabberd@chat-1.lan up",
    "delivered to mx1.example[198.51.100.26]:25, relay=mx.example.com. [198.51.100.27], dsn=2.0.0",
    "Accept-Language: fr-CH, fr;q=0.9, en;q=0.8 ok",
    "fingerprint=4A:6F:72:69:64:20:53:61:6E:64:6E:65:73:20:31:32:33:34:35:36 session=1762704697123",
    "cache hit key: maven-linux-9f2c71d09ab3aa1055ccdd, sort key: AbCdEfGh1234567890xyz",
    "> Configure project :buyer-api > Task :customer:compileJava UP-TO-DATE",
    r#"{"browser_name":"Mobile Safari","clientName":"⟦Jane Doe⟧","client_name":"Samsung Internet","deliveredTo":"NEIGHBOUR"}"#,
];

#[test]
fn what_nobody_owns_stays() {
    let wrong: Vec<String> = LINES
        .iter()
        .filter_map(|sample| {
            let out = text(&sample.replace(['⟦', '⟧'], ""));
            (!is_as_marked(sample, &out)).then(|| format!("{sample}\n    {out}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
