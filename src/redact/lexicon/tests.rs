//! What keys mean, one by one. `parent>key` stands for a key within another.

use proptest::prelude::*;

use super::*;

fn shown(meaning: Meaning) -> String {
    match meaning {
        Meaning::Personal(kind) | Meaning::Secret(kind) => kind.word().to_owned(),
        Meaning::FreeText(kind) => format!("free {}", kind.word()),
        Meaning::Doubtful(kind) => format!("{}?", kind.word()),
        Meaning::Message => "message".to_owned(),
        Meaning::Keep => "keep".to_owned(),
        Meaning::Unknown => "unknown".to_owned(),
    }
}

fn of(key: &str) -> String {
    shown(match key.split_once('>') {
        Some((parent, key)) => meaning(key.as_bytes(), Some(parent.as_bytes())),
        None => meaning(key.as_bytes(), None),
    })
}

const TABLE: &[(&str, &str)] = &[
    (
        "email",
        "email e-mail E-Mail emailAddress customer_email buyerEmail BuyerEmail CUSTOMER_EMAIL customeremail user[email] user.email \
         contact.emails[0] new_email email_1 secondary-email correo correo_electronico courriel e_post E-Postadresse adresse_email \
         mailadres adres_email eposta メールアドレス 邮箱 emailHash email_hash email_md5 hashed_email MAIL_FROM rcpt-to reply-to \
         copyEmails notificationEmails email>value email>address emails>0 X-User-Email bcc indirizzo_email replyToAddress>email",
    ),
    (
        "phone",
        "phone tel mob mobile Phone phoneNumber phone_number phone_no phoneNo PhoneNum buyer-phone-number ship-phone-number telefon Telefonnummer \
         telefono teléfono téléphone telefone telefoon handy Handynummer movil móvil celular cellulare nr_telefonu numer_telefonu mobilnummer cep_telefonu telefon_no \
         電話番号 携帯 手机号码 الهاتف मोबाइल fax fax_number msisdn contact.phone customerPhone customer_mobile_number phones[1] phone2 \
         phone>number phone>value shippingAddress>phone work_phone mobilePhone tel_no carrierPhoneNumber alt_phone whatsapp",
    ),
    (
        "name",
        "cust_name vor_und_nachname buyer_name buyerName BuyerName recipient-name recipientName ship_name bill-name first_name firstName fname lname last_name surname \
         givenName family_name full_name fullname middleName vorname Nachname nachname prenom prénom nom_de_famille apellido apellidos nombre_completo \
         cognome voornaam achternaam imie imię nazwisko förnamn efternamn soyad soyadı ad_soyad sobrenome 氏名 姓名 收件人 الاسم नाम username user_name \
         login_name buyer>name recipient>name shippingAddress>name ShippingAddress>Name customer>name deliveryAddress>name contact.name \
         card_holder cardholderName account_holder_name accountHolderName signedForBy companyName company company_name buyer-company-name BuyerLegalCompanyName \
         attention attn consignee billing_name shipToName shiptoname customername buyername recipient kundenname name>first name>last name>full \
         employee_name contact_person destinatario remitente empfänger employer>contact_name user>displayName payeeFirstName nonLatinName requesterName",
    ),
    (
        "address",
        "address addr addr1 addr2 address1 address_2 address_line_1 addressLine1 AddressLine2 ship-address-1 bill-address-3 shipping_address billingAddress street \
         street_name streetName straße strasse Hausnummer hausnr house_no rue adresse adresse_livraison calle direccion dirección indirizzo straat huisnummer \
         ulica adres gatuadress adresse1 adress sokak mahalle logradouro endereco endereço rua 住所 地址 العنوان पता deliveryAddress>complement \
         shipping>lines extendedFields>neighborhood addressLines[0] customer.address shipToAddress home_address shippingaddress AddressInstructions additionalLocationInfo \
         apartment apt_no flat_no suite building_name landmark line1 lieferadresse rechnungsadresse",
    ),
    (
        "postcode",
        "zip zipcode zip_code postcode post_code postal_code postalCode PostalCode ship-postal-code plz PLZ postleitzahl cp code_postal codigo_postal cap \
         kod_pocztowy postnummer posta_kodu 郵便番号 邮编 pincode address>zip billing_zip shippingPostalCode postalOrZipCode",
    ),
    (
        "place",
        "city City ship-city town village ship_state stateOrRegion StateOrProvinceCode address>state shippingAddress>region ort wohnort ville ciudad citta città \
         woonplaats miasto stad şehir cidade bairro_cidade DistrictOrCounty shippingAddress>county ShippingAddress>District municipio 市区町村 城市 BuyerCounty",
    ),
    (
        "card",
        "card_number cardNumber card-no cc_number ccnum creditCardNumber credit_card pan kartennummer numero_carte numero_tarjeta kaartnummer カード番号 卡号",
    ),
    (
        "account",
        "iban IBAN customer_iban bank_account bankAccountNumber account_number accountNo bic swift routingNumber sort_code ifsc kontonummer blz rib clabe paymentReference \
         hesap_no rekeningnummer numero_conto upi_id pix_key bankName",
    ),
    ("tail", "last4 card_last4 lastFour accountTail bankAccountNumberTail AccountTail expMonth exp_year card_expiry"),
    (
        "tax",
        "taxId tax_id tax_number vat vat_id VATNumber taxRegistrationNumber BuyerTaxRegistrationId steuer_id steuernummer ust_id cpf CNPJ nif nie rfc curp siret siren partita_iva \
         codice_fiscale cod_fisc btw_nummer nip pesel regon orgnr vkn tckn gstin ein abn マイナンバー customer_vat_number buyer.taxId",
    ),
    (
        "identity",
        "ssn social_security_number passport passport_no passport_number driver_license drivers_license_number license_plate vehicleLicensePlate national_id id_number \
         dni kimlik_no 身份证号 paspoort personnummer buyerId ausweisnummer carta_identita",
    ),
    (
        "birth",
        "dob DOB date_of_birth dateOfBirth birth_date birthday geburtsdatum date_naissance fecha_nacimiento data_di_nascita geboortedatum data_urodzenia födelsedatum dogum_tarihi gender sexe 生年月日 nationality",
    ),
    (
        "device",
        "device_id deviceId x-device-id imei IMEI idfa gaid android_id mac_address macAddress serial_number orderItemSerialNumbers udid advertisingId fcm_token push_token device_token visitor_id installation_id",
    ),
    (
        "agent",
        "user_agent userAgent User-Agent user-agent http_user_agent ua sec-ch-ua Sec-CH-UA-Platform fingerprint browser_fingerprint ja3",
    ),
    (
        "geo",
        "lat lng lon latitude longitude Latitude geocode coordinates coords gps latlng ll customer_lat delivery.longitude geolocation breitengrad 緯度",
    ),
    (
        "ip",
        "ip ip_address ipAddress client_ip clientIp CLIENT_IP remote_addr REMOTE_ADDR remoteAddress x-forwarded-for X-Real-IP http_x_forwarded_for sourceIPAddress src_ip userIp user_ip ipv4 \
         cf-connecting-ip True-Client-IP customer.ip last_login_ip client.ip remote_address peer_addr forwarded",
    ),
    ("value", "referer Referer http_referer purchaseOrderNumber BuyerPurchaseOrderNumber customizedUrl CustomizedURL"),
    (
        "gift",
        "giftMessage gift_message gift-message-text GiftMessageText giftMessageText grussbotschaft message_cadeau ギフトメッセージ greeting messageToCustomer engraving_text",
    ),
    ("document", "labelStream invoiceContent download_url deliveryPhotoUrl presigned_url signature_image"),
    ("health", "prescriptionId usageInstructions diagnosis"),
    (
        "password",
        "password passwd pwd PASSWORD user_password passwort kennwort mot_de_passe contraseña contrasena senha wachtwoord hasło şifre lösenord otp otp_code pin cvv cvc CVV2 \
         db_password DB_PASS POSTGRES_PASSWORD new_password passwordHash parola パスワード 密码 security_code lockerAccessCode verification_code mfa_code passphrase",
    ),
    (
        "session",
        "session sid sessionid session_id sessionId PHPSESSID JSESSIONID connect.sid cookie Cookie set-cookie Set-Cookie csrf csrf_token _csrf X-CSRF-Token xsrf-token authenticity_token csrfmiddlewaretoken remember_token",
    ),
    (
        "token",
        "token access_token accessToken refresh_token refreshToken id_token api_key apiKey API_KEY x-api-key authorization Authorization proxy-authorization x-amz-access-token X-Amz-Security-Token \
         AWS_ACCESS_KEY_ID bearer jwt auth_token spapi_oauth_code restrictedDataToken signature sig X-Amz-Signature samlResponse reset_token GITHUB_TOKEN github_token STRIPE_API_KEY authCode \
         oauth_verifier assertion X-Vault-Token access_key authKey personal_access_token",
    ),
    (
        "secret",
        "secret client_secret clientSecret CLIENT_SECRET private_key privateKey secret_key SECRET_KEY_BASE AWS_SECRET_ACCESS_KEY secretAccessKey signing_key encryption_key psk shared_secret credentials \
         lwa_client_secret jwt_secret connection_string",
    ),
    (
        "free text",
        "q query search search_term note notes comment comments feedback review subject body answer customer_note delivery_instructions deliveryInstructions special_instructions kommentar bemerkung commentaire \
         comentario observaciones opmerking uwagi yorum コメント 备注 ملاحظات टिप्पणी gift>message review>text survey>text chat>message sms>text email>content customer_message reviewText emailBody mail_subject \
         bericht nachricht grund buyer>message reasonComment displayableOrderComment ValueAsString ndrFeedback",
    ),
    ("message", "message msg Message error>message log>message text exception>message err>msg"),
    ("name?", "name Name user customer buyer owner client cliente member agent"),
    ("token?", "state code key nonce error>key"),
    ("card?", "card"),
    ("account?", "account conto"),
    ("geo?", "location"),
    (
        "keep",
        "order_id orderId AmazonOrderId amazon-order-id asin sku SellerSKU marketplace_id MarketplaceIds marketplaceIds trace_id traceId request_id X-Amzn-RequestId x-request-id level logger thread status \
         statusCode duration duration_ms version commit git_commit host hostname pod_name podName node_name file_name fileName filename table_name tableName event_name eventName product_name productName item_name \
         route_name service_name className method_name function_name brand_name queue_name bucket_name column_name thread_name loggerName phone_verified email_verified emailVerified email_count emails_sent \
         has_address hasAddress is_email_valid address_type addressType address_count token_type tokenType phone_type name_length password_changed_at mailbox_size email_domain address_id addressId tracking_number \
         trackingId carrier country country_code countryCode ts time timestamp created_at updatedAt product>name route>name service>name marketplace>name amount currency price quantity qty \
         shipment_id invoice_number batch_id ean card_type cardType order_number orderNumber product>title carrier_name feed_name password_length session_timeout session_count cookie_name num_emails show_email send_email \
         token_count phone_format user_id customer_id customerId ip_version host_name spring.application.name kubernetes.pod_name container>name metadata>namespace app.kubernetes.io/name k8s.pod.name service.name otel.scope.name event.name \
         pedido Bestellnummer contact>pedido password_reset_count api_key_id email_template address_validation email_status emails_total aws_region x-amzn-trace-id",
    ),
    (
        "unknown",
        "foo bar xyz colourful shipments widget payload data items params headers memory_addr contract>foo region_code filter_expression",
    ),
];

#[test]
fn keys_mean_what_they_say() {
    let mut wrong = Vec::new();
    for (expected, keys) in TABLE {
        for key in keys.split_ascii_whitespace() {
            let found = of(key);
            if found != *expected {
                wrong.push(format!("{key}: {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn pairs_are_known() {
    assert_eq!(pair(b"name"), Some(Pair::Name));
    assert_eq!(pair(b"FieldName"), Some(Pair::Name));
    assert_eq!(pair(b"value"), Some(Pair::Value));
    assert_eq!(pair(b"order_id"), None);
}

#[test]
fn the_filter_passes_every_word() {
    for (_, keys) in TABLE {
        for key in keys.split_ascii_whitespace().filter(|key| !key.contains('>')) {
            assert!(of(key) == "unknown" || !is_strange(key.as_bytes()), "{key}");
        }
    }
    let strange =
        ["fooqux", "shipmentxyzzy", "gadzookr", "blorpfv"].iter().filter(|key| is_strange(key.as_bytes())).count();
    assert!(strange >= 3, "the filter lets too much through");
}

proptest! {
    #[test]
    fn no_key_is_too_strange(key in proptest::collection::vec(any::<u8>(), 0..300), parent in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40))) {
        let found = meaning(&key, parent.as_deref());
        let _ = (pair(&key), is_person(&key));
        if parent.is_none() && is_strange(&key) && !key.contains(&b'.') && !key.contains(&b'[') {
            prop_assert_eq!(found, Meaning::Unknown);
        }
    }

    #[test]
    fn writing_does_not_matter(key in "(customer|buyer|ship_to|recipient)_(email|phone|name|address|zip_code|iban|first_name)") {
        let camel: String = key.split('_').enumerate().map(|(index, word)| {
            let mut word = word.to_owned();
            if index > 0 { word[..1].make_ascii_uppercase(); }
            word
        }).collect();
        for other in [key.to_uppercase(), key.replace('_', "-"), camel, key.replace('_', " "), format!("x[{key}]"), format!("a.b.{key}")] {
            prop_assert_eq!(of(&other), of(&key), "{}", other);
        }
    }
}
