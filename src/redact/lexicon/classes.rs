//! Words that say whose a datum is, or that it is none. Written as [`super::split`] leaves them.

/// What a word does to the words after or before it, or as the key of what is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A person, or where one lives: `customer_name` is a name.
    Person,
    /// A thing: `product_name` is none.
    Thing,
    /// As a last word it makes a datum about a datum: `email_count`.
    Measure,
    /// As a first word it makes a yes or no, or a number: `has_address`.
    Question,
    /// As a last word it changes nothing: `email_value`.
    Clear,
    /// As a last word it makes a number of what is before: `phone_no`.
    Number,
}

/// Words for what a program holds a record in, whoever it is of.
pub(super) fn is_holder(word: &str) -> bool {
    matches!(word, "ref" | "model" | "entity" | "struct" | "bean" | "view" | "proto" | "resource" | "object" | "table")
}

/// What words do to the words around them.
pub(super) const CLASSES: &[(Class, &str)] = &[
    (
        Class::Person,
        "enduser voller volle vollstandiger vollstaendiger vollstandig ganzer kompletter complet complete completo completa entier pelny pelna pelne cely cele teljes fullstandig fullstandigt hela koko taysi tam tum deplin puna celoten celkove buyer buyers cust customer customers client clients recipient recipients consignee consignor addressee person people persons user users usr member \
         members guest guests sender receiver contact contacts owner holder cardholder accountholder payer payee beneficiary shipping ship \
         shipto shipfrom billing bill billto delivery deliver deliverto soldto invoice residential residence home mailing address addresses \
         addr shippingaddress billingaddress deliveryaddress shipaddress originaddress destinationaddress shiptoaddress shipfromaddress \
         buyeraddress returnaddress pickupaddress postaladdress destination origin party first last full given family \
         sur middle maiden fore display legal nick real birth personal private employee employees staff technician driver patient passenger traveler \
         traveller student applicant attendee organizer visitor subscriber profile identity individual household spouse mother father child kid \
         emergency nextofkin guardian insured landlord author reviewer assignee approver requester reporter signer signatory attorney \
         odbiorcy nadawcy kupujacego klienta nabywcy platnika adresata prijemce odesilatele zakaznika telefonico contacto contatto contato contactpersoon kontaktperson ansprechpartner buyerinfo customerinfo customerdetails contactinfo contactdetails contactinformation userinfo userdetails personalinfo personaldata recipientinfo \
          billingdetails shippingdetails cardholderinfo giver giftee friend invitee inviter \
         partner login account acct card creditcard attention company business firm buyercompany organization organisation \
         kunde kunden kaeufer empfaenger absender liefer rechnungs rechnung lieferung benutzer destinataire acheteur expediteur \
         livraison facturation utilisateur cliente clientes comprador destinatario remitente envio facturacion usuario titular acquirente mittente \
         spedizione fatturazione utente klant koper ontvanger afzender bezorg factuur gebruiker klient odbiorca nadawca kupujacy dostawa dostawy uzytkownik kund kopare mottagare \
         leverans faktura anvandare musteri alici gonderen teslimat fatura kullanici comprador entrega cobranca usuario okyakusama kokyaku \
         cnee cnor cnsgn rcpt rcvr rcv recv rcpnt recip cstmr csmr clnt ctct cntct byr sndr bnf benef hldr caller actor principal prsn pers emp trav \
         shopper purchaser asiakas vastaanottaja toimitus laskutus zakaznik prijemce dorucovaci fakturacni modtager mottaker leverings \
         ugyfel vevo cimzett szallitasi szamlazasi cumparator destinatar livrare kupac primatelj dostava stranka pelatis paraliptis \
         pelanggan pembeli penerima pengirim khachhang nguoinhan клиента покупателя получателя отправителя контактное \
         고객 구매자 수령인 수취인 주문자 받는분 顧客 お客様 購入者 受取人 客户 买家 收件人 العميل المستلم ग्राहक",
    ),
    (
        Class::Thing,
        "screen screens activity fragment dialog modal popup tap gesture ecran pantalla schermata tela scherm skarm naytto ekran bildschirm maske servicepoint pudo parcelshop relaypoint accesspoint branch facility hub locker depot hardware runtime specification submodule section signal initgpty offer offers listing listings lineitem lineitems pickuppoint dimension dimensions deal bundle io otel k8s kubernetes telemetry scope file files host hosts table event service services svc class method function func logger thread product products item items brand category \
         categories route routes domain server servers node pod container image namespace cluster queue topic bucket db database schema column field \
         parameter param params header cookie metric job task template module package app application project repo repository branch tag key role roles group \
         groups policy plan rule env environment region zone country currency language locale os browser font color colour size report feed carrier marketplace \
         store shop site warehouse stream operation action command step stage attribute property variant theme campaign promotion coupon tax error exception \
         log level resource path dir directory folder bucketname object artifact build process program worker device model sensor vehicle hotel \
         restaurant airport station channel chain network interface nic volume disk partition index view trigger procedure constraint sequence dataset dashboard alert \
         monitor check probe test spec feature flag experiment segment list menu page widget button form tab style script \
          workflow pipeline lambda stack layer distribution cdn proxy upstream downstream gateway listener backend \
         frontend endpoint api sdk library plugin provider vendor manufacturer supplier seller merchant org tenant team unit \
         department memory heap bind listen contract smart virtual base start end ref register offset mount socket unix \
         bean entity type kind enum struct mutation fragment dag scheduler cron trace span instrumentation \
          machine computer subnet vpc hostname timezone measurement course title psp gateway acquirer processor problem incident chart release room dashboard panel \
         metoda methode metodo metod yontem metode typ tipo rodzaj tur soort usluga servizio servicio dienst hizmet \
         receipt voucher coupon ticket barcode shop plan tier segment subscription license \
         produkt artikel datei produit article fichier producto archivo prodotto articolo bestand produkt plik fil urun dosya produto arquivo",
    ),
    (
        Class::Measure,
        "count counts total totals type types kind verified valid validated validity status enabled disabled required optional length len size format formats index idx \
         template templates at time ts ms sec seconds date on source sources version limit limits max min provider providers field fields column columns attempts attempt ttl expiry \
         expires expiration expired rate policy class mode error errors changed updated created deleted present missing exists found match matches matched confirmed confirmedat \
         confirmationstatus sent opened bounced delivered queue queued topic table bucket schema score ratio percent percentage bytes lines rows regex regexp pattern patterns validator validation \
         domain domains host port server service handler controller job worker task config configuration settings setting preference preferences optin optout consent consented \
         subscribed unsubscribed visible hidden masked redacted duration latency timeout retries retry interval frequency priority order sort filter filters \
         hit hits miss misses lookup lookups cache cached endpoint path route api sdk enum hint placeholder tooltip icon color width height strategy algorithm alg allowed denied blocked \
         processed failed failures success successes ok flag flags state states step stage level levels category tld mx mxrecord group groups scope scopes \
         country countrycode language lang locale timezone tz currency region",
    ),
    (
        Class::Question,
        "has have is are was were can could should will did does do nb cnt count total max min show hide enable disable require requires required allow allows send sends \
         skip use uses validate valid verify needs need wants missing invalid empty without supports support avg sum",
    ),
    (
        Class::Clear,
        "value values val text string str raw plain plaintext hash hashed md5 sha1 sha256 sha512 encrypted enc b64 base64 normalized normalised original old new current previous prev \
         input list array set primary secondary main alt alternate alternative work business personal other default confirm confirmation again repeat info data \
         details detail json local international formatted full e164 latin kana kanji native ascii utf8 unicode lower upper clean sanitized trimmed \
         decoded encoded before after snapshot display first second third one two three four line tmp temp ",
    ),
    (Class::Number, "number no num nr nbr numero nummer numer numara numarasi номер nro nummern bango"),
];
