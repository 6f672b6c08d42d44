//! Samples of the rows of the table that have many: what they find stands between `⟦` and `⟧`.

/// What the row `e-mail address` finds.
pub const E_MAIL_ADDRESS_HITS: &[&str] = &[
    "to ⟦jane.doe+x@mail.example.co.uk⟧, ok",
    "name='⟦o''brien@example.com⟧'",
    "<⟦jürgen@bücher.example⟧>",
    "⟦田中@例え.jp⟧ logged in",
    "a=⟦b@xn--bcher-kva.example⟧&c",
    "⟦jane＠example.org⟧",
    "see ⟦jane@example.com⟧.",
    "['⟦a.b@example.com⟧','x']",
    "⟦\"jane doe\"@example.com⟧",
    "⟦root@[203.0.113.9]⟧",
    "\\r\\n⟦jane@example.com⟧\\r",
    "entry '⟦jane@shop.example⟧-A1B2C3D4' for key",
];

/// What the row `e-mail address` must not find.
pub const E_MAIL_ADDRESS_MISSES: &[&str] = &[
    "lodash@4.17.21",
    "git@github.com:acme/x.git",
    "app@sha256:abc",
    "Obj@1a2b3c",
    "@types/node@20.1.0",
    "a @ b.c",
    "@home",
    "worker@3-blue.service: Main process exited",
    "Message-ID: <20261120.7f3a@mail.example.net>",
    "message-id=<7f3a@mail.example.net>, queued",
];

/// What the row `telephone number` finds.
pub const TELEPHONE_NUMBER_HITS: &[&str] = &[
    "⟦(206) 555-0100⟧",
    "call ⟦2065550100⟧",
    "⟦503.555.2710⟧ ok",
    "⟦06 24 08 80 51⟧",
    "⟦080-8650-6172⟧",
    "様より電話 ⟦03-5550-1988⟧、注文",
    "⟦0044 20 7946 0018⟧",
    "⟦(31) 95486-4958⟧",
    "kan træffes på ⟦28 72 48 42⟧ nu",
    "pod numerem ⟦501 864 587⟧ w",
];

/// What the row `telephone number` must not find.
pub const TELEPHONE_NUMBER_MISSES: &[&str] = &[
    "028-0340236-1234567",
    "2026-11-14 15:18:00",
    "1763923967121",
    "took 1234567 ms",
    "10.0.0.1",
    "+0000",
    "9400113623423563757011",
    "6f253ba5-8017-4066-9549-123456789012",
    "1.234.567,89",
    "200 1532 0.123",
    "GET /calls?type=caller 200 2957",
    "0.047 0.000 200 200 892 1344 x",
    "MAWB 020-66521150 flight",
    "261114:0931+37528557'",
    "libexample2 (30+20221128-1) ...",
    "awb=020-66521150 pieces=3",
];

/// What the row `name after a title, a role or an act` finds.
pub const NAME_AFTER_A_TITLE_A_ROLE_OR_AN_ACT_HITS: &[&str] = &[
    "Buyer ⟦Alfredo Manzoni⟧ requested",
    "Dear ⟦Mr. John O'Neill⟧, your",
    "for customer ⟦Yasmine van de Ven⟧ now",
    "buyer ⟦斎藤 康弘⟧ requested",
    "delivered to ⟦Maria Lopez⟧ at",
    "Frau ⟦Müller⟧ rief an",
    "Hej ⟦Ebba⟧! Vi",
    "opened by ⟦Fatou Ndiaye⟧ today",
    "parcel 1Z7OV7PJ7571468257 for ⟦Quill Ndiaye⟧ left",
];

/// What the row `name after a title, a role or an act` must not find.
pub const NAME_AFTER_A_TITLE_A_ROLE_OR_AN_ACT_MISSES: &[&str] = &[
    "Customer Service called",
    "Buyer ID missing",
    "BuyerService Started Fine",
    "delivered to Queue now",
    "com.acme.Buyer Manager",
    "{\"message\":\"Gateway Timeout\"}",
    "triggered by GitHub Actions",
    "\"Customer Supplied Package\"",
    "RECEIVER'NAD+DP+++X",
    "Customer Care Berlin backlog",
    "\"size\":[\"M\",\"L\"]",
    "Colour \"Lady Blush\" not in palette",
];

/// What the row `name that is well known` finds.
pub const NAME_THAT_IS_WELL_KNOWN_HITS: &[&str] = &[
    "expected ⟦Margaret O'Hara⟧ but found",
    "for ⟦Ludovica Ferri⟧, order 7",
    "of ⟦Pieter de Groot⟧ and",
    "of ⟦Lachlan Pham⟧.",
    "to ⟦Grant Kowalski⟧ now",
    "by ⟦Jean-Baptiste Lacombe⟧ at",
];

/// What the row `name that is well known` must not find.
pub const NAME_THAT_IS_WELL_KNOWN_MISSES: &[&str] = &[
    "a Grant Type was",
    "in Max Retries mode",
    "the Jackson Mapper failed",
    "for Victoria Station now",
    "the Martin Street office",
    "a Maria",
    "with Amber Light on",
    "raised Hugo Boss Bottled now",
    "EAN 4006381333931 Margaret Kowalski",
    "Chair \"Margaret Kowalski\" replica",
    "new Margaret Kowalski 75 ml at",
    "Pause Young then",
    "at Simon.Says Hello",
];

/// What the row `postal address in prose` finds.
pub const POSTAL_ADDRESS_IN_PROSE_HITS: &[&str] = &[
    "moved to ⟦Calle Mayor 12, 3B, 28013 Madrid⟧, tel",
    "Müller, ⟦Bahnhofstr. 7, 10115 Berlin⟧ created",
    "at ⟦14 Rue de la République, 69002 Lyon⟧",
    "was ⟦1600 Pennsylvania Avenue NW, Washington, DC 20500⟧ ok",
    "⟦上海市浦东新区世纪大道100号⟧ 订单",
    "을 ⟦마포구 월드컵로 53길 4⟧ 로",
    "an ⟦ул. Ленина, д. 97, кв. 15, 126717 Тверь⟧ bestellt",
    "in ⟦Oude Rijn 4 bis, 6235 LK Utrecht⟧ (x",
    "in ⟦Apartment 7, Mill Quay, D08 F84A Galway⟧, ok",
    "to ⟦Nørrebrogade 67, 2. tv., 4648 Aarhus⟧ (x",
    "at ⟦Bd. Unirii 45⟧, ok",
    "op ⟦Dorpsstraat 22-II⟧? Bel",
    "bor i ⟦Kongens gate 43, 0419 Bergen⟧ og",
    "for X, ⟦Västra Storgatan 10, 211 22 Malmö⟧: ok",
    "at ⟦7692 County Road 14⟧, parcel",
];

/// What the row `postal address in prose` must not find.
pub const POSTAL_ADDRESS_IN_PROSE_MISSES: &[&str] = &[
    "Main thread 12 waits",
    "route 12 of 48",
    "12 Google Drive files",
    "via Kafka 12 times",
    "Stage 12 of 14",
    "注文番号209-8866630",
    "Seite 4, 20321 Zeilen gelesen",
];

/// What the row `IPv4 address` finds.
pub const IPV4_ADDRESS_HITS: &[&str] = &[
    "from ⟦203.0.113.9⟧:8080",
    "ip=⟦8.8.8.8⟧,",
    "::ffff:⟦203.0.113.9⟧",
    "http://⟦203.0.113.9⟧/x",
    "peer ⟦203.0.113.9⟧/32",
    "app v1.4.2 client ⟦203.0.113.9⟧ port 443",
    "<key>lastIp</key><string>⟦203.0.113.9⟧</string>",
    "visitor (⟦203.0.113.9⟧) left",
];

/// What the row `IPv4 address` must not find.
pub const IPV4_ADDRESS_MISSES: &[&str] = &[
    "v1.2.3.4",
    "version 7.52.1.3",
    "Chrome/19.0.895.0",
    "203.0.113.0/24",
    "1.2.3.4.5",
    "1.2.3",
    "fw=4.12.3.29",
    "CEF:0|Example|Firewall|4.12.3.29|7",
    "versão 17.0.5.71;",
    "app ShopScanner 8.3.1.168 at",
    "release: shop@2.6.7.101",
    "300.1.1.1",
    "LEEF:2.0|Example|Portal|9.4.1.7|LoginFailed",
    "<key>appVersion</key><string>9.4.1.7</string>",
    "upgrade libexample3:amd64 9.4.1.7 9.4.1.8",
    "restore Example.Web.Core.Ref 9.4.1.7 -> 9.4.2.0",
    "agent v1.4.2 runner 9.4.1.7 proxy 2.1.0",
    "Unpacking example-topology (9.4.1.7-2) ...",
];

/// What the row `IPv6 address` finds.
pub const IPV6_ADDRESS_HITS: &[&str] =
    &["from ⟦2001:db8::1⟧ port", "[⟦2001:db8:1:2:3:4:5:6⟧]:443", "⟦::ffff:203.0.113.9⟧", "ip:⟦2001:db8::8c3b:defb⟧,"];

/// What the row `IPv6 address` must not find.
pub const IPV6_ADDRESS_MISSES: &[&str] = &[
    "std::fmt",
    "10:15:01",
    "a::b",
    "::",
    "00:1b:44:11:3a:b7",
    "key::value",
    "x=1:2",
    "serial 04:a1:b2:c3:d4:e5:f6:07",
];

/// What the row `VAT number` finds.
pub const VAT_NUMBER_HITS: &[&str] = &[
    "invoice of ⟦ATU13585627⟧, net",
    "⟦DE136695976⟧: ok",
    "⟦PL8567346215⟧ x",
    "⟦FR40303265045⟧,",
    "⟦NL123456789B01⟧",
    "⟦DK13585628⟧ sent",
    "VIES check ⟦ATU24029801⟧: MS_UNAVAILABLE",
    "VAT ⟦IE6388047V⟧ ok",
    "NIF-IVA ⟦ESB58378431⟧.",
    "TVA intracom ⟦RO18547290⟧",
];

/// What the row `VAT number` must not find.
pub const VAT_NUMBER_MISSES: &[&str] = &[
    "DE123456780 shipped",
    "ATU24029801 shipped",
    "SKU-DE136695976",
    "DE136695976-1",
    "IE6388047V shipped",
    "lot XX136695976",
    "RO18547290 shipped",
];

/// What the row `name after a role in Chinese` finds.
pub const NAME_IN_CHINESE_HITS: &[&str] =
    &["客户⟦陈晓梅⟧来电", "收件人：⟦欧阳志强⟧，电话", "买家⟦王伟⟧申请退货", "联系人 ⟦李娜⟧ 已签收"];

/// What the row `name after a role in Chinese` must not find.
pub const NAME_IN_CHINESE_MISSES: &[&str] = &["客户服务", "用户登录失败", "客户端错误", "收件人地址", "客户方已签收"];

/// What the row `card number` must not find.
pub const CARD_NUMBER_MISSES: &[&str] = &[
    "4111 1111 1111 1112",
    "0.4111111111111111",
    "9412627132694182",
    "4111111111111111.5",
    "trace4111111111111111",
    "depth 44251 1761388507579",
    "1234567",
];

pub(super) const PARAMETER_OF_A_PATH_HITS: &[&str] = &[
    "GET /customers/surname/⟦Sandnes⟧ 200",
    "/v1/recipients/lastname/⟦sandnes⟧/orders",
    "GET /api/lookup/phone/⟦601-799-941⟧\"",
    "/phones/⟦0171555019⟧",
    "GET /v1/zip/⟦90210⟧/slots 200",
    "/customers/name/⟦john-smith⟧ 200",
];
pub(super) const PARAMETER_OF_A_PATH_MISSES: &[&str] = &[
    "GET /shops/phone/verify 200",
    "/api/name/available",
    "/name/checkout-service",
    "/tel/list",
    "GET /zip/archive.zip",
    "/phone/v2",
    "/surname/search?q=x",
    "/mobile/4.12.0",
];
