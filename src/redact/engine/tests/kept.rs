//! Lines of a shop and of its machines in which little or nothing is anybody's.

use super::samples::is_as_marked;
use super::text;

/// What must go stands between `⟦` and `⟧`; all else must stay as it is.
const LINES: &[&str] = &[
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
    "Duplicate entry 'A-1001' for key 'products.uk_sku'",
    "incompatible join fields 8192, 1024",
    // Words of programs under keys that people have as well.
    r#"level=info msg="Retype the new password:" component=login"#,
    r#"{"msg":"Keep this mode for future sessions:","pid":412}"#,
    "PASS: net/dial.exp: refused twice",
    "confusing state in second pass: 42",
    "cvc-elt.1: Cannot find the declaration of element 'beans'.",
    "CC='gcc' LDSHARED='gcc -shared' make",
    "-p, --password PASSWORD     use that one; --tpm-signature=PATH",
    "usage: git repack [--git-dir <dir>] [--bare] [--addr <addr>] [len]",
    "<html><body><h1>502 Bad Gateway</h1>",
    r#"<ul style="margin-top: 0.25em;"><li>Item 1</li>"#,
    r#"ts=42 epoch=3 cpu=8192 lat=1024 tail=60000123 cookie=4812 sessions: 21"#,
    "interface=org.freedesktop.login1.Manager member=Inhibit cookie=22",
    r#"{"errorStr":"output buffer too short","evalStr":"True is only supported with it"}"#,
    r#"{"tlsDetails":{"cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256"},"userAgent":"autoscaling.amazonaws.com"}"#,
    r#"{"authorizationInfo":[{"permission":"compute.instances.create","granted":true}]}"#,
    r#"{"user":{"username":"system:serviceaccount:shop:runner"},"authorization.k8s.io/reason":"RBAC: allowed by it"}"#,
    "Last State:     Terminated",
    "could not bind to address 'web-01': it is in use",
    "see RFC: https://rfc.example/rfc4511#section-4",
    "Assertion `fd >= 0' failed; rustc -C debug-assertions=off",
    "install topology-conf:all <none> 1.2.5.1-2",
    "081109 203615 148 INFO dfs.DataNode: terminating",
    "link/loopback 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff",
    "= note: expected struct `String` found reference `&str`",
    r#"query="sum(rate({app=\"checkout\"}[5m]))" query_type=metric"#,
    // Why a call of the system failed, behind a word for people.
    "Failed to fork the agent: Too many open files",
    "Invalid unit name: Connection refused; could not read the token: Permission denied",
    "could not translate the host to address: Network is unreachable; extra input: Operation timed out",
    "set_raw: ioctl failed; recvmsg: expected 1 got 443",
    // What programs call their parts.
    "TLS 1.3, client CertificateVerify; the SSL client CA chain",
    "TCP User Timeout value; Backend Client Host Name Buffer",
    "sending MQTT CONNECT request; received a STREAM PREPARE message",
    "agent: Checking it now; imap-login: Disconnected (auth failed)",
    "do not add it after the variable name. Only set-var does",
    "Provider name: SUN; java.runtime.name = OpenJDK Runtime Environment",
    "Files opened for reading only; cache lookup failed for user mapping 8192",
    r#"msg="Received ACK for block 60000, expecting 42""#,
    r#"msg="Failed to kill process 3 via kill(), ignoring: tcp""#,
    // And people who stand where they do.
    "client: ⟦Kowalski⟧ called about his refund",
    "User ⟦Dupont⟧ logged in; MODIFY USER ⟦KOWALSKI⟧",
    "name: ⟦Zdenka Novotna⟧ phoned",
    "Invalid user ⟦jdoe⟧ from ⟦203.0.113.9⟧ port 51234",
    "userAgent=⟦Mozilla/5.0⟧",
    "session opened for ⟦jdoe⟧ by root",
    "password: ⟦hunter2x⟧",
    "lat=⟦52.52001⟧ lon=⟦13.40495⟧",
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
