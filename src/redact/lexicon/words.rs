//! The words themselves. Keys are written as [`super::split`] leaves them: lower case, without marks and separators
//! (`prénom` is `prenom`, `e-mail` is `email`, `Straße` is `strasse`).
//!
//! Languages: English, German, French, Spanish, Italian, Dutch, Polish, Swedish, Turkish, Portuguese, and Japanese,
//! Chinese, Arabic and Hindi both in their own script and in Latin letters, with the abbreviations that developers use.

use super::super::Kind;

/// What a word, or words run together, says of the value under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// Personal as a whole.
    Personal(Kind),
    /// A secret as a whole.
    Secret(Kind),
    /// A person's own words.
    FreeText(Kind),
    /// Personal in some places only; the value's shape or its neighbours decide.
    Doubtful(Kind),
    /// The head of a name: whose it is decides.
    Name,
    /// The head of an address: what it is of decides.
    Address,
    /// The head of a place (`city`, `state`, `region`): personal within an address.
    Place,
    /// A message: the log's own, or a person's.
    Message,
    /// An operator's datum.
    Keep,
}

/// Senses of whole keys and of their last words.
pub(super) const SENSES: &[(Sense, &str)] = &[
    (Sense::Personal(Kind::Email), EMAIL),
    (Sense::Personal(Kind::Phone), PHONE),
    (Sense::Personal(Kind::Name), NAME),
    (Sense::Personal(Kind::Postal), POSTAL),
    (Sense::Personal(Kind::Postcode), POSTCODE),
    (Sense::Personal(Kind::Place), PLACE),
    (Sense::Personal(Kind::Card), CARD),
    (Sense::Personal(Kind::Account), ACCOUNT),
    (Sense::Personal(Kind::Tail), TAIL),
    (Sense::Personal(Kind::Tax), TAX),
    (Sense::Personal(Kind::Identity), IDENTITY),
    (Sense::Personal(Kind::Birth), BIRTH),
    (Sense::Personal(Kind::Device), DEVICE),
    (Sense::Personal(Kind::Agent), AGENT),
    (Sense::Personal(Kind::Geo), GEO),
    (Sense::Personal(Kind::Address), IP),
    (Sense::Personal(Kind::Value), VALUE),
    (Sense::Personal(Kind::Gift), GIFT),
    (Sense::Personal(Kind::Document), DOCUMENT),
    (Sense::Personal(Kind::Health), HEALTH),
    (Sense::Secret(Kind::Password), PASSWORD),
    (Sense::Secret(Kind::Session), SESSION),
    (Sense::Secret(Kind::Token), TOKEN),
    (Sense::Secret(Kind::Secret), SECRET),
    (Sense::FreeText(Kind::Text), TEXT),
    (
        Sense::Doubtful(Kind::Name),
        "handle displayname user customer buyer client member guest usr uname kunde klant cliente kunden alias author auteur autor autora autore verfasser cn approver to from \
        assignee reviewer operator agent employee staff caller subscriber owner technician driver picker packer cashier clerk salesperson pagador pagadora pagatore pagante payeur payer zahler zahlungspflichtiger betaler ordenante recebedor salesrep accountmanager dispatcher courier supervisor acctname",
    ),
    (Sense::Doubtful(Kind::Token), "code key nonce challenge verifier codeverifier codechallenge credential auth"),
    (
        Sense::Doubtful(Kind::Tax),
        "vies podatkowy podatkowa podatkowe fiscale fiscal tributario tributaria vergi vergisi fiscaal skattemessig danove danovy danova \
        porezni davcna adoszama",
    ),
    (Sense::Doubtful(Kind::Postal), "via piano scala interno portal gate"),
    (Sense::Doubtful(Kind::Postcode), "kod cod pcode pc"),
    (Sense::Doubtful(Kind::Geo), "la lo location loc ubicacion standort locatie posizione konum"),
    (
        Sense::Doubtful(Kind::Device),
        "mac device serial apns kennung identifiant identificador identificativo identyfikator tunniste",
    ),
    (Sense::Doubtful(Kind::Card), "card karte tarjeta carte cartao kart"),
    (Sense::Doubtful(Kind::Account), "account konto cuenta compte conto rekening conta hesap reference acct"),
    (Sense::Doubtful(Kind::Birth), "age alter edad eta leeftijd wiek"),
    (Sense::Doubtful(Kind::Text), "input prompt utterance transcript raw rawtext reason reasontext"),
    (Sense::Doubtful(Kind::Document), "contents labelurl trackingurl document attachment"),
    (Sense::Name, "name names nom nombre nome naam nazwa namn isim ad adi namen nm"),
    (
        Sense::Address,
        "address addr adress adresse addresse direccion indirizzo adres endereco adrs adr addresses adressen \
        adresses direcciones indirizzi enderecos dir addy",
    ),
    (Sense::Place, "state region county district province area zone municipality"),
    (Sense::Message, "message msg messages text txt content textbody"),
    (Sense::Keep, KEEP),
];

const EMAIL: &str = "email mail emails emailaddress emailaddresses emailaddr mailaddress mailaddr useremail mailto mailfrom rcptto \
    rcpt emailid emailto emailfrom replyto copyemails notificationemails correo correos correoelectronico courriel mel epost \
    epostadress epostadresse mailadres emailadres emailadresse mailadresse posta postaelettronica indirizzoemail indirizzomail \
    adresseemail adressemail adresemail adrese eposta epostaadresi enderecoemail direccionemail emailadress xfrom cc bcc ccs bccs \
    envelopefrom envelopeto returnpath deliveredto originalto xoriginalto gmail upn userprincipalname \
    preferredusername mejl mailadr buzonelectronico meru meruadoresu dianziyouxiang youxiang imel \
    メール メールアドレス eメール 電子メール 邮箱 電子郵件 电子邮件 邮件 邮箱地址 电邮 البريد البريدالالكتروني البريدالإلكتروني ईमेल ईमेलपता \
    emailhash hashedemail emailmd5 emailsha256 emailsha1 sha256email";

const PHONE: &str = "ph mobilnr mobiltel hpno hp handynr telf telf1 telefonmobil telmobil gsmnr telnum1 celno phone telefonu nrtelefonu telp notelp phones tel tels mob mobile cell cellphone telephone telefon telefono telefone telefoon telefonnummer \
    telefoonnummer telephonenumber phonenumber phonenum phoneno mobilenumber mobilephone mobileno mobilenum mobil mobilnummer \
    mobiel handy handynummer movil celular tele telno telnr telnum tlf tfno gsm cep ceptelefonu ceptel telefonnr fonenumber fone \
    fon fax faxnumber faxno telefax msisdn e164 whatsapp whatsappnumber wanumber smsto callerid callingnumber callednumber ani dnis \
    dialednumber komorka komorkowy telkom cellulare portable telefonoportatile telmovil telefonomovil numerodetelephone \
    numerotelephone numerodetelefono numerotelefono numerodicellulare numerodetelefone numertelefonu telefonnumarasi contactphone \
    contactno contactnumber landline homephone workphone dayphone eveningphone callbacknumber extension phoneext smsnumber \
    denwa denwabango keitai dianhua shouji shoujihao lianxidianhua hatif jawwal raqmalhatif dooravani mobailnambar \
    電話 電話番号 携帯 携帯電話 携帯番号 手机 手机号 手机号码 手機 電話號碼 电话 电话号码 联系电话 الهاتف رقمالهاتف هاتف جوال رقمالجوال \
    फोन फ़ोन मोबाइल दूरभाष मोबाइलनंबर फोननंबर";

const NAME: &str = "giftfor giftto giftfrom destad1 expead1 empfangername kaufername absendername bestellername xforwardeduser xremoteuser remoteuser xauthrequestuser xwebauthuser authuser enduserid endusername xforwardedpreferredusername custnm name1 name2 name3 usrname suser duser accountname vorundnachname nomeprenom nomesobrenome firstname fname lastname lname fullname surname familyname givenname middlename mname forename christianname \
    maidenname nickname legalname nonlatinname screenname realname personname givennames familynames birthname \
    firstnames lastnames username userlogin loginname loginid login accountname accountholder accountholdername cardholder \
    cardholdername nameoncard holdername ccname cardname bankaccountholdername payeename payee payeefirstname payeemiddlename \
    payeelastname signedforbyname receivedbyname signedbyname acceptedbyname partnername requestername signedforby signedby signatory receivedby acceptedby pickedupby attention attn \
    recipient recipients recipientname consignee consigneename consignor addressee shipto shiptoname billto billtoname \
    deliverto soldto toname fromname sendername sender receivername receiver buyername customername clientname contactname \
    contactperson contact guestname patientname passengername travelername travellername ownername employeename drivername \
    technicianname inviteename invitedby mothername mothersname mothermaidenname fathername spousename beneficiary \
    beneficiaryname nominee insuredname subscribername membername studentname applicantname organizername attendeename \
    company companyname companylegalname organisation organization businessname buyercompanyname buyerlegalcompanyname \
    legalcompanyname firma firmenname firmaname societe raisonsociale empresa razonsocial azienda ragionesociale bedrijf \
    bedrijfsnaam foretag sirket sirketadi razaosocial nomefantasia firme nazwafirmy \
    vorname vornamen nachname nachnamen familienname zuname rufname geburtsname anrede empfaenger empfanger empfaengername \
    absender ansprechpartner kundenname kaufer kaeufer kaeufername kontoinhaber karteninhaber lieferadressename rechnungsname \
    prenom prenoms nomdefamille nomcomplet nomclient nomprenom destinataire expediteur acheteur titulaire titulairecarte \
    nomutilisateur nombrecompleto nombres apellido apellidos primerapellido segundoapellido nombredepila destinatario remitente \
    comprador titular titulardelatarjeta nombredeusuario nombrecliente cognome cognomi nomecompleto nomecognome destinatario \
    mittente acquirente intestatario nomeutente nomecliente voornaam voornamen achternaam tussenvoegsel volledigenaam ontvanger \
    geadresseerde afzender koper kaarthouder rekeninghouder gebruikersnaam klantnaam imie imiona nazwisko imieinazwisko imienazwisko \
    odbiorca nadawca kupujacy nabywca posiadacz nazwauzytkownika fornamn efternamn fullstandigtnamn mottagare avsandare kopare \
    kortinnehavare anvandarnamn soyad soyadi soyisim adsoyad adisoyadi isimsoyisim alici alicisadi aliciadi gonderen musteriadi \
    musteri kullaniciadi kartsahibi sobrenome apelido primeironome ultimonome nomedocliente nomecliente remetente titulardocartao \
    usuario utilisateur benutzer benutzername gebruiker kullanici uzytkownik anvandare utente \
    namae shimei myoji furigana kanamei kana lastnamekana firstnamekana namekana atena uketorinin xingming shoujianren \
    mingzi ism alism upnaam \
    氏名 名前 お名前 姓 名 姓名 お客様名 フリガナ ふりがな 宛名 受取人 受取人名 会社名 顧客名 购买人 收件人 收件人姓名 收货人 收货人姓名 客户姓名 联系人 \
    名字 真实姓名 用户名 昵称 公司名称 公司 الاسم اسم الاسمالكامل الاسمالأول اسمالعائلة اسمالمستلم المستلم اسمالعميل नाम पूरानाम उपनाम \
    प्राप्तकर्ता ग्राहकनाम ग्राहककानाम";

const POSTAL: &str = "destad2 destad3 destad4 expead2 expead3 expead4 stras addrdtl anschriftzeile strassenr strassehausnr gateadresse gade vej ulice street streets streetname streetnumber streetaddress street1 street2 addr1 addr2 addr3 address1 address2 address3 \
    address4 line1 line2 line3 addressline addresslines addressline1 addressline2 addressline3 addrline1 addrline2 addrline \
    shippingaddress billingaddress shipaddress billaddress deliveryaddress homeaddress mailingaddress postaladdress postaddress \
    invoiceaddress customeraddress recipientaddress shippingaddr billingaddr returnaddress workaddress officeaddress \
    residentialaddress permanentaddress currentaddress fulladdress formattedaddress addresstext addressfull physicaladdress pickupaddress \
    deladdr houseno housenumber housenum housenr buildingnumber buildingname building apartment apartmentnumber apt aptno flat flatno flatnumber \
    suite unitnumber floor doorno doorcode complement neighborhood neighbourhood extendedaddress thoroughfare premise subpremise \
    pobox addressinstructions addressinstruction additionallocationinfo additionaladdressnotes landmark careof deliverypoint \
    strasse str strassenr hausnummer hausnr postfach anschrift lieferadresse lieferanschrift rechnungsadresse \
    rechnungsanschrift adresszusatz adresszeile strassehausnummer adressezeile1 \
    rue adresse1 adresse2 adresselivraison adressedelivraison adressefacturation adressedefacturation adressepostale numerorue \
    voie nomvoie batiment etage complementadresse lieudit calle calleynumero numeroexterior numerointerior numext numint colonia \
    domicilio direccionenvio direcciondeenvio direccionfacturacion direccionpostal piso puerta escalera avenida \
    numerocivico civico indirizzospedizione indirizzodispedizione indirizzofatturazione indirizzodifatturazione \
    residenza straat straatnaam huisnummer huisnr huisnummertoevoeging toevoeging bezorgadres afleveradres \
    factuuradres verzendadres woonadres ulica ul nrdomu nrmieszkania numerdomu numermieszkania adresdostawy adreszamieszkania \
    adreswysylki lokal gata gatuadress gatunamn husnummer leveransadress faktureringsadress portkod vaningsplan \
    sokak cadde mahalle adresi teslimatadresi faturaadresi kapino daireno binano apartman adressatiri acikadres \
    rua logradouro numerocasa bairro enderecoentrega enderecodeentrega enderecocobranca morada andar \
    juusho jusho banchi tatemono jusyo dizhi xiangxidizhi shouhuodizhi unwan alunwan makaan gali \
    住所 住所1 住所2 番地 建物名 町名 丁目 お届け先 届け先住所 配送先 配送先住所 請求先住所 地址 收货地址 详细地址 收件地址 街道 街道地址 门牌号 \
    العنوان عنوان عنوانالشحن الشارع شارع पता गली सड़क मकाननंबर डिलीवरीपता";

const POSTCODE: &str = "τκ postlcode postlcod postcod pstlz postlz postalzone postcode postalcode zip zipcode zip4 zipplus4 postal postalorzipcode plz postleitzahl cp codepostal codigopostal \
    codpostal cap codicepostale codiceavviamentopostale postnr postnummer kodpocztowy kodpoczt postakodu cepcode codigocep pincode \
    postkode shipzip billzip postindex yubin yuubinbangou yubinbango postno youbian youzhengbianma shipostal \
    郵便番号 邮编 邮政编码 郵遞區號 الرمزالبريدي पिनकोड पिन";

const PLACE: &str = "city cities town village suburb locality sublocality stateorregion stateorprovince stateorprovincecode \
    stateprovince districtorcounty prefecture cityname shipcity billcity shipstate billstate shipcounty billingcity shippingcity \
    ort stadt wohnort ortsteil bundesland ville commune departement ciudad poblacion localidad municipio provincia citta comune \
    localita plaats plaatsnaam woonplaats gemeente provincie miasto miejscowosc wojewodztwo powiat gmina stad postort \
    sehir ilce cidade concelho distrito freguesia uf buyercounty placeofbirth birthplace geburtsort lieudenaissance \
    luogodinascita lugardenacimiento hometown todofuken shikuchoson chengshi sheng madina sheher shahar zilla \
    都道府県 市区町村 市町村 市 城市 省 区 省份 区县 المدينة مدينة शहर जिला राज्य";

const CARD: &str = "cardnumber cardno cardnum cardnr ccnumber ccnum ccno creditcard creditcardnumber creditcardno debitcard debitcardnumber \
    pan primaryaccountnumber ccn kartennummer kreditkarte kreditkartennummer numerocarte numerodecarte cartebancaire cartebleue \
    numerotarjeta numerodetarjeta tarjetacredito numerocarta cartadicredito kaartnummer creditcardnummer numerkarty kortnummer \
    kartnumarasi kartno numerodocartao numerocartao cartaodecredito xinyongka kahao カード番号 クレジットカード番号 卡号 信用卡号 银行卡号 \
    رقمالبطاقة कार्डनंबर";

const ACCOUNT: &str = "iban bban accountnumber accountno accountnum acctno acctnum acctnumber bankaccount bankaccountnumber bankacct \
    routingnumber routingno sortcode bankcode blz bic swift swiftcode swiftbic ifsc ifsccode bsb clabe cbu abarouting kontonummer \
    kontonr bankverbindung bankleitzahl numerocompte numerodecompte rib numerocuenta numerodecuenta cuentabancaria numeroconto \
    contocorrente coordinatebancarie rekeningnummer numerkonta nrkonta kontonum bankkonto hesapno hesapnumarasi numerodaconta \
    contabancaria agencia vpa upi upiid pixkey chavepix pix bankname paymentreference customerpaymentreference paymenttransactionid \
    acquirerid authorizationcode mandateid mandatereference sepamandate payeraccount payerid accounttoken \
    口座番号 银行账号 银行账户 账号 رقمالحساب आईबान खातासंख्या";

const TAIL: &str = "last4 lastfour cardlast4 cardtail accounttail tail bankaccountnumbertail panlast4 ccexp cardexpiry cardexp expmonth \
    expyear expirymonth expiryyear expirationmonth expirationyear carddigits last4digits lastdigits ssnlast4 phonelast4 ";

const TAX: &str = "steueridentifikationsnummer steueridentnummer steueridnr umsatzsteuernummer umsatzsteueridentifikationsnummer mehrwertsteuernummer skattenummer \
    momsnummer cvrnummer cvrnr identificacionfiscal numeroidentificacionfiscal numerodeidentificacionfiscal identifiantfiscal numeroidentificationfiscale \
    identificativofiscale identificacaofiscal numerodecontribuinte codigofiscal codfiscal codulfiscal adoazonositojel danovecislo danoveidentifikacnicislo \
    poreznibroj davcnastevilka numerpodatkowy nrpodatkowy identyfikatorpodatkowy belastingnummer fiscaalnummer vergikimliknumarasi \
    инн идентификационныйномер 税号 纳税人识别号 法人番号 納税者番号 사업자등록번호 사업자번호 tvaintra vatreg vatcode vatnr ustnr mwstnr ddvnr pvnnr adoszam adoazonosito fiscalcode fiscalnumber fiscalid taxid taxnumber taxno taxpayerid taxregistrationnumber taxregistrationid buyertaxregistrationid taxidentifier \
    regiontaxid buyertaxoffice taxoffice taxingregion vat vatid vatno vatnumber vatin vatregistrationnumber vatregistration gstin \
    gstnumber gstno ein tin itin abn acn utr steuerid steuernummer steuernr ustid ustidnr umsatzsteuerid uidnummer \
    idnr siren siret numerotva tvaintracom numtva numerofiscal spi nif nie cif rfc curp \
    partitaiva piva codicefiscale fiscalcode codfisc cf codicedestinatario sdi btwnummer btwnr btw bsn kvk kvknummer nip regon pesel \
    numernip orgnr organisationsnummer orgnummer momsnr vkn vergino verginumarasi vergikimlikno tckn tckimlikno cpf cnpj cpfcnpj \
    nifcontribuinte nipc inscricaoestadual contribuinte mynumber hojinbango aadhaar aadhar pancard pannumber panno \
    マイナンバー 法人番号 税号 纳税人识别号 الرقمالضريبي आधार आधारनंबर पैन";

const IDENTITY: &str = "nationalidentificationnumber personalidentificationnumber personalidentitynumber personalidnumber identificationnumber fodselsnummer cprnummer cprnumber rodnecislo kimliknumarasi ssn socialsecurity socialsecuritynumber socialinsurancenumber sin nino nationalid nationalinsurancenumber nationalidentifier \
    identitynumber idnumber idcard idcardnumber identitycard passport passportno passportnumber passportnum passportid visanumber \
    driverslicense driverslicence driverlicense driverlicence drivinglicence drivinglicense licensenumber licencenumber dlnumber \
    driverslicensenumber licenseplate licenceplate numberplate vehiclelicenseplate platenumber plateno registrationplate vin \
    governmentid voterid nhsnumber medicarenumber healthcardnumber insurancenumber policyholdernumber studentid employeeid patientid \
    personnummer personnr samordningsnummer ausweis ausweisnummer personalausweis personalausweisnummer reisepass reisepassnummer \
    fuehrerschein fuhrerschein sozialversicherungsnummer svnr kennzeichen pieceidentite numeroidentite numsecu numerosecu nir \
    numerosecuritesociale passeport numeropasseport permisdeconduire immatriculation dni documentoidentidad pasaporte numeropasaporte \
    matricula numeroseguridadsocial cartaidentita cartadidentita passaporto patente targa tesserasanitaria paspoort paspoortnummer \
    rijbewijs identiteitskaart burgerservicenummer kenteken dowod dowodosobisty numerdowodu paszport numerpaszportu prawojazdy \
    korkort passnummer pasnr legitimation kimlik kimlikno tckimlik pasaport pasaportno ehliyet plaka rg rgnumero \
    cartaodecidadao passaportenumero cnh placa buyerid personid shenfenzheng shenfenzhenghao huzhao \
    身份证 身份证号 身份证号码 护照 护照号 旅券番号 免許証番号 パスポート番号 رقمالهوية رقمالجواز पासपोर्ट";

const BIRTH: &str = "born bornon birthdayon geboren dob dateofbirth birthdate birthday birthyear birthmonth birthdt bday yearofbirth geburtsdatum geburtstag gebdat \
    gebdatum geburtsjahr datedenaissance datenaissance naissance fechanacimiento fechadenacimiento fecnac nacimiento datadinascita \
    datanascita nascita geboortedatum gebdatum dataurodzenia urodziny fodelsedatum fodelsedag fodelsear dogumtarihi dogumgunu \
    datanascimento datadenascimento nascimento gender sex geschlecht sexe sexo sesso geslacht plec cinsiyet maritalstatus \
    nationality ethnicity religion seinengappi tanjobi shengri chushengriqi tarikhalmilad janmtithi \
    生年月日 誕生日 性別 出生日期 生日 性别 تاريخالميلاد الجنس जन्मतिथि लिंग";

const DEVICE: &str = "deviceid deviceuuid deviceudid udid imei imsi iccid meid esn macaddress macaddr hwaddr wifimac btmac \
    bluetoothmac ethmac bssid idfa idfv vendorid identifierforvendor gaid aaid adid advertisingid advertiserid googleadid googleadvertisingid androidid openudid \
    serialnumber serialno serialnumbers orderitemserialnumbers deviceserial deviceserialnumber dsn installationid installid \
    firebaseinstanceid fcmtoken apnstoken pushtoken devicetoken registrationtoken hardwareid hwid machineid visitorid fingerprintid \
    browserid clientuuid cookieid anonymousid distinctid amplitudeid gclid fbclid msclkid gaclientid muid xdeviceid rida tifa lgudid \
    geraetekennung geraetkennung seriennummer numerodeserie numeroserie numerodiserie serienummer numerseryjny serinumarasi geraeteid \
    seriennr 設備號 设备号 设备id 端末id デバイスid 序列号 シリアル番号 رقمالجهاز";

const AGENT: &str = "secchuaplatformversion secchuabitness secchuawow64 secchuafullversion secchuaformfactors useragent ua uastring httpuseragent browseragent xuseragent fingerprint devicefingerprint browserfingerprint canvashash \
    ja3 ja3hash ja4 ja4h fp secchua secchuaplatform secchuamodel secchuafullversionlist secchuamobile secchuaarch \
    screenresolution webglrenderer csuseragent uafull";

const GEO: &str = "lat lng lon latitude longitude latlng latlon lnglat lonlat ll geo geolocation geoloc geopoint geocode geocodes \
    gps gpslocation gpsposition coordinates coords coordinate geohash pluscode altitude elevation breitengrad laengengrad latitud longitud latitudine \
    longitudine breedtegraad lengtegraad szerokosc dlugosc szerokoscgeograficzna dlugoscgeograficzna latitud enlem boylam what3words \
     geocoordinates centroid lastknownlocation weidu jingdu 緯度 経度 纬度 经度 خطالعرض خطالطول अक्षांश देशांतर";

const IP: &str = "ip ipaddress ipaddr ipv4 ipv6 ips clientip clientipaddress userip remoteip remoteaddr remoteaddress remotehost \
    peeraddr peeraddress peerip sourceip sourceaddress sourceipaddress srcip srcaddr srcaddress destip dstip clientaddr clientaddress \
    xforwardedfor forwardedfor forwarded xrealip realip trueclientip cfconnectingip cfconnectingipv6 xclientip xclusterclientip \
    xoriginatingip xoriginalforwardedfor xenvoyexternaladdress fastlyclientip flyclientip xazureclientip xappengineuserip \
    xazuresocketip downstreamremoteaddress downstreamdirectremoteaddress lastloginip loginip signupip registrationip cip rhost \
    httpxforwardedfor ipadresse adresseip direccionip indirizzoip ipadres adresip ipadress ipadresi enderecoip httpclientip viewerip \
    clienthost ipアドレス ip地址 عنوانip आईपी xffip xff";

const VALUE: &str = "purchaseordernumber buyerpurchaseordernumber referer referrer refererurl referrerurl httpreferer customizedurl \
    customizationurl socialhandle twitterhandle instagram facebookid linkedinurl skypeid wechat wechatid weixin lineid telegram \
    telegramid qqnumber snapchat profileurl avatarurl iosurl membercardnumber loyaltynumber loyaltycardnumber frequentflyer ubid";

const GIFT: &str = "giftmessage giftmessagetext giftnote gifttext giftcardmessage giftcardtext greeting greetingmessage giftgreeting greetingcard \
    messagetocustomer personalmessage personalisation personalization engraving engravingtext giftmsg dedication dedicace grusstext grusswort dedykacja widmung \
    geschenknachricht grussbotschaft geschenktext grusskarte messagecadeau mensajeregalo mensajederegalo messaggioregalo \
    messaggiodauguri cadeaubericht cadeautekst wiadomoscprezentowa presentmeddelande hediyemesaji hediyenotu mensagempresente \
    mensagemdepresente dedicatoria dedica ギフトメッセージ メッセージカード のし 礼品留言 贺卡 رسالةالهدية उपहारसंदेश";

const DOCUMENT: &str = "invoicecontent labelstream labeldata labelcontent labelimage base64encodedcontent downloadurl presignedurl signedurl \
    printabledocumentsurl printabledocumentdownloadurl rmapageurl invoicedocumenturl invoicesdocumenturl invoiceurl receipturl \
    deliveryphotourl deliveryphoto photourl proofofdelivery proofofdeliveryurl podurl podimage signatureimage signatureurl selfie \
    selfieurl idphoto passportphoto faceimage avatar profilepicture profilephoto customertrackinglink pdf labelbase64 pdfbase64 \
    voicerecording recordingurl attachments imagedata";

const HEALTH: &str = "prescriptionid prescription totalrefillsauthorized usageinstructions diagnosis allergies medication medicalrecord \
    medicalrecordnumber mrn bloodtype icd10";

const PASSWORD: &str = "pruefziffer kartenpruefnummer pruefnummer codigoseguridad cryptogramme codicesicurezza password passwd pwd pass passphrase passcode pswd psw passwort kennwort motdepasse mdp contrasena contrasenya clave \
    parola parolachiave wachtwoord haslo losenord sifre parol senha palavrapasse anshou mima shenmima kalimatalmurur pasvard \
    pin pinnumber otp otpcode totp totpcode onetimepassword onetimecode verificationcode smscode mfacode twofactorcode \
    mfatoken backupcode recoverycode securitycode securityanswer secretanswer cvv cvc cvv2 cvc2 cvn csc cardcvv cardcvc \
    cardverificationvalue lockeraccesscode accesscode pickupcode pickupotp deliveryotp returnotp unlockcode oldpassword newpassword \
    currentpassword confirmpassword passwordconfirmation passwordhash pwhash hashedpassword encryptedpassword passworddigest \
    userpassword userpwd dbpassword dbpass smtppassword mysqlpwd pgpassword redispassword proxypassword basicauth \
    keystorepassword truststorepassword パスワード 暗証番号 密码 口令 验证码 كلمةالمرور كلمةالسر पासवर्ड";

const SESSION: &str = "sessionhash cookie cookies setcookie session sessionid sessid sess sid phpsessid jsessionid aspsessionid aspnetsessionid connectsid \
    sessionkey sessiontoken sessioncookie usersession rememberme remembertoken rememberuser xsrf csrf csrftoken xsrftoken \
    csrfmiddlewaretoken authenticitytoken xcsrftoken xxsrftoken requestverificationtoken antiforgery viewstate laravelsession \
    railssession sessionsecret atmain sessmain ubidmain sessiontok httpcookie sitzung sesion jsession gsessionid";

const TOKEN: &str = "xamzsecuritytoken securitytoken token tokens accesstoken refreshtoken idtoken authtoken bearertoken bearer jwt jws jwe apikey apikeys apitoken xapikey authkey \
    authorization authorisation proxyauthorization xamzaccesstoken xamzsecuritytoken securitytoken xauthtoken xaccesstoken \
    xamznoidcaccesstoken xamznoidcdata xamznoidcidentity restricteddatatoken rdt lwatoken lwaaccesstoken lwarefreshtoken spapioauthcode oauthcode oauthtoken oauthverifier \
    oauthtokensecret authcode oauthsignature granttoken assertion clientassertion samlresponse samlrequest samlassertion logintoken \
    resettoken passwordresettoken resetpasswordtoken confirmationtoken activationtoken verificationtoken invitetoken invitationtoken magiclink \
    unsubscribetoken onetimetoken subscriptionkey ocpapimsubscriptionkey accesskey awsaccesskeyid accesskeyid xamzcredential xamzsignature \
    signature sig hmac xhubsignature xhubsignature256 xsignature stripesignature xamzcontentsignature webhooksecret webhooktoken slacktoken githubtoken \
    gitlabtoken npmtoken pypitoken bottoken telegramtoken twiliotoken sendgridapikey stripekey licensekey vaulttoken xvaulttoken \
    privatetoken personalaccesstoken pat sastoken sharedaccesssignature sas xgoogsignature xgoogcredential tkn accesstok jeton tokenvalue \
    ticketgrantingticket kerberosticket cfaccesstoken cfaccessjwtassertion xgoogiapjwtassertion idtokenhint codeauth paymenttoken \
    paymentnonce cardtoken stripetoken トークン 令牌 رمزالوصول टोकन";

const SECRET: &str = "secret secrets clientsecret appsecret apisecret secretkey secretaccesskey awssecretaccesskey privatekey \
    privkey signingkey signingsecret encryptionkey encryptkey masterkey rootkey sharedkey presharedkey psk sharedsecret \
    consumersecret hmackey hmacsecret jwtsecret jwtkey secretkeybase djangosecretkey railsmasterkey appkey cookiesecret sessionkeysecret \
    kmskeymaterial seed mnemonic seedphrase recoveryphrase sshkey sshprivatekey pgpkey gpgkey sslkey tlskey pemkey pfx keymaterial \
    pepper salt accountkey storageaccountkey sharedaccesskey connectionstring connstr \
    credentials creds serviceaccountkey geheimnis segredo secreto segreto \
    clesecrete claveprivada chiaveprivata schluessel clientsecretvalue";

const TEXT: &str = "safeplace safeplacenote leavewith leavesafe safedrop ablageort abstellort wunschablageort ablagehinweis neighbournote verbatim verbatims openended openanswer nachricht mensaje messaggio bericht wiadomosc meddelande mesaj mensagem mensagens nachrichten grund motif raison motivo reden powod anledning sebep returnreasontext reclamo reclamation beschwerde klacht q query search searchterm searchterms searchquery searchtext searchstring keyword keywords term note notes comment comments \
    freetext freeform feedback review reviewtext reviewbody customercomment customernote customernotes ordernote ordernotes ordercomment sellernote \
    deliverynote deliverynotes deliveryinstructions deliveryinstruction shippinginstructions shippingnotes specialinstructions specialrequest \
    specialrequests instructions remark remarks subject mailsubject emailsubject emailbody mailbody body messagebody messagetext messagecontent \
    chatmessage chattext answer answers freetextanswer surveyanswer surveyresponse reply replytext complaint complainttext reasoncomment \
    returncomment displayableordercomment displayablecomment buyercancelreason cancelreasontext refundcomment valueasstring \
    suchbegriff suche suchtext kommentar kommentare bemerkung bemerkungen notiz notizen anmerkung lieferhinweis betreff antwort anfrage \
    bewertung recherche commentaire commentaires remarque remarques sujet objet reponse avis instructionslivraison busqueda \
    consulta comentario comentarios observaciones observacion nota notas asunto respuesta resena ricerca commento commenti osservazioni \
    oggetto risposta recensione zoekterm zoekopdracht opmerking opmerkingen notitie onderwerp antwoord wyszukiwanie szukaj komentarz uwagi \
    notatka temat odpowiedz sok sokord sokning kommentarer anteckning amne svar arama yorum yorumlar konu cevap aciklama busca \
    pesquisa observacoes observacao assunto resposta bio aboutme statement memo whatsonyourmind inquiry enquiry question \
    texto texte testo tekst metin tekstas opinion opinione opinia valoracion avaliacao resenatexto testimonial freitext ticketbody ticketdescription issuedescription smsbody smstext ndrfeedback fieldvalue otherattributes voicemail narrative autocomplete \
    配送メモ 配達メモ 配送指示 配達指示 配送備考 配達備考 配送备注 送货备注 配送说明 送货说明 快递备注 \
    ملاحظاتالتوصيل تعليماتالتوصيل ملاحظةالتوصيل डिलीवरीनिर्देश डिलीवरीनोट コメント 備考 検索 本文 件名 問い合わせ お問い合わせ 回答 メモ 备注 留言 评论 搜索 关键词 内容 反馈 主题 بحث ملاحظة ملاحظات تعليق الموضوع \
    टिप्पणी खोज विवरण संदेश";

/// What operators look for in logs. Only detectors without validation leave it alone; see `Meaning::Keep`.
const KEEP: &str = "matchscore matchlevel matchtype precision accuracy confidence granularity terms paymentterms utmterm utmcampaign utmcontent utmsource utmmedium paginationtoken continuationtoken nextpagetoken synctoken cursortoken skiptoken deltatoken resumetoken scrollid scrolltoken pagingtoken extensions publickeytoken displaymessage bestellung bestellnummer bestellnr auftragsnummer pedido numeropedido nropedido commande numerocommande ordine numeroordine bestelling bestelnummer zamowienie siparis siparisno ordernr auftrag 注文番号 订单号 订单编号 رقمالطلب id ids orderid ordernumber orderno amazonorderid amazonorderids merchantorderid sellerorderid purchaseorderid orderitemid \
    orderitemids shipmentid packageid asin asins sku skus fnsku ean upc gtin isbn mpn partnumber modelnumber itemid productid variantid \
    marketplaceid marketplaceids marketplace sellerid merchantid vendorid tenantid accountid customerid userid clientid appid applicationid \
    traceid xtraceid xamzntraceid spanid parentid parentspanid requestid xrequestid xamznrequestid xamzrequestid correlationid \
    xcorrelationid transactionid eventid messageid batchid jobid taskid runid buildid commitid deploymentid reportid reportdocumentid \
    feedid feeddocumentid documentid connectionid threadid processid pid tid uid gid ppid instanceid nodeid podid containerid hostid clusterid regionid zoneid \
    queryid statementid operationid workflowid executionid invocationid awsrequestid lambdarequestid cfray xcache cfid trackingid trackingnumber trackingno \
    trackingcode notafiscal numeronotafiscal carriertrackingnumber invoiceid invoicenumber invoiceno paymentid refundid returnid rma rmanumber caseid ticketid ticketnumber \
    listingid offerid promotionid couponid campaignid warehouseid fulfillmentcenterid fcid binid locationid lotnumber batchnumber batch lot \
    level loglevel lvl severity logger loggername thread threadname source sourcefile file filename filepath path line lineno \
    linenumber column col function func method module package class classname stack stacktrace exception error err errorcode \
    errortype errormessage status statuscode httpstatus httpstatuscode responsecode result outcome success ok \
    duration durationms elapsed elapsedms latency latencyms took responsetime requesttime upstreamresponsetime time ts timestamp date datetime \
    createdat updatedat createdafter createdbefore lastupdatedafter lastupdatedbefore deletedat startedat finishedat starttime endtime start end expires expiresin expiresat \
    expiry exp iat nbf ttl timeout deadline purchasedate orderdate shipdate deliverydate lastupdatedate invoicedate since until \
    version appversion apiversion sdkversion schemaversion v ver rev revision commit gitcommit gitsha sha sha1 sha256 md5 crc crc32 checksum digest hash etag \
    build buildnumber branch tag release image imagetag env environment stage host hostname hosts nodename podname pod node container \
    containername namespace cluster clustername service servicename svc app appname application applicationname component serverhost server \
    servername vhost instance instancename region awsregion availabilityzone az datacenter dc machine computername workername jobname taskname \
    queue queuename topic topicname partition offset consumergroup bucket bucketname objectkey table tablename database dbname db \
    schema schemaname columnname fieldname indexname eventname event eventtype type kind category categories action operation operationname \
     route routename endpoint url uri requesturi requestpath urlpath template httpmethod verb protocol scheme port serverport bytes bytessent \
    bytesin bytesout size length contentlength contenttype contentencoding accept acceptlanguage acceptencoding encoding charset mimetype count total \
    quantity qty quantityordered amount price itemprice unitprice subtotal tax taxamount shippingprice discount currency currencycode cost fee balance percent \
    ratio rate score rank rating stars page pagesize limit pageno perpage offsetcount nexttoken pagetoken cursor sort sortby order orderby filter fields \
    retry retries attempt attempts maxretries retrycount country countrycode countryname lang language locale timezone tz utcoffset \
    caption heading currencysymbol color colour productname producttitle product title itemname brand brandname manufacturer productbrand \
    productgroup model devicemodel devicetype os osname osversion platform browser browsername browserversion feature featureflag flag flags \
    experiment variant enabled disabled active valid verified isprime isgift hasmore fulfillmentchannel shipservicelevel shippingmethod carrier carriercode \
    carriername servicelevel orderstatus orderstatuses ordertype reporttype reporttypes feedtype feedname reportname dataversion \
    rulename rolename role roles policyname groupname group groups scope scopes granttype responsetype tokentype keyid kid kty alg use iss \
    aud azp typ issuer audience realm provider arn rolearn accountalias awsaccountid userpoolid domain domainname subdomain tld \
    origin hostport listen listenaddress bindaddress upstreamaddress upstream upstreamaddr upstreamcluster upstreamhost memoryaddress heapaddress \
    contractaddress returncode exitcode signal reasoncode errno metric metricname gauge counter histogram label labelname \
      keyname attribute attributename property propertyname paramname parametername headername cookiename \
    methodname functionname procname processname programname program command cmd cmdline args argv step stepname stagename pipeline repository \
    repo reponame project projectname organizationid orgid companyid packagename artifact artifactid groupid jar font fontname stylename themename \
    sitename storename shopname marketplacename regionname zonename countryfull warehousename locationname binname carrierservice \
    querytime sqlstate dialect driverclass driverclassname poolname poolsize cachename cachekey cachehit bloomfilter seq sequence sequencenumber ordinal index idx \
    ステータス 状態 状况 状态 狀態 상태 статус статусзаказа состояние стан статусзамовлення الحالة حالة حالةالطلب حالةالشحن สถานะ סטטוס κατασταση κατάσταση स्थिति durum durumu \
    siparisdurumu tila stav stavobjednavky statut estatus zustand bestellstatus stato statoordine \
    weight height width depth dimension dimensions unit units taxrate vatrate pricecurrency xamzdate xamzncachestatus";
