//! Keys in the languages of the marketplaces' neighbours: Danish and Norwegian, Finnish, Czech and Slovak, Hungarian,
//! Romanian, the south Slavic languages, the Baltic ones, Greek, Russian and Ukrainian, Korean, Vietnamese, Indonesian,
//! Hebrew and Thai; and what developers make of English keys when a column may have eight letters.
//!
//! Written as [`super::words`] is. A word that is English as well is left out.

use super::super::Kind;
use super::words::Sense;

/// Senses of whole keys and of their last words, after those of [`super::words::SENSES`].
pub(super) const SENSES: &[(Sense, &str)] = &[
    (Sense::Personal(Kind::Email), EMAIL),
    (Sense::Personal(Kind::Phone), PHONE),
    (Sense::Personal(Kind::Name), NAME),
    (Sense::Personal(Kind::Postal), POSTAL),
    (Sense::Personal(Kind::Postcode), POSTCODE),
    (Sense::Personal(Kind::Place), PLACE),
    (
        Sense::Personal(Kind::Birth),
        "syntymaaika fodselsdato fodselsdag datumnarozeni datumnarodenia datumrodenja datumrojstva szuletesidatum \
        szuletesiido datanasterii gimimodata dzimsanasdatums imerominiagennisis brthdt dtofbirth birthd датарождения \
        деньрождения датанародження 생년월일 생일 ngaysinh tanggallahir tgllahir תאריךלידה วันเกิด ημερομηνιαγεννησης",
    ),
    (
        Sense::Personal(Kind::Identity),
        "henkilotunnus hetu cprnr cprnummer fodselsnummer rodnecislo szemelyi szemelyiszam jmbg emso amka isikukood \
        asmenskodas personaskods cnpcod паспорт номерпаспорта снилс 주민등록번호 여권번호 cccd cmnd socancmnd noktp nik \
        תעודתזהות เลขบัตรประชาชน passprt pasportno identcard idcardno",
    ),
    (
        Sense::Personal(Kind::Tax),
        "инн oib adoszam adokod codfiscal npwp afm masothue eik pdv davcnastevilka ytunnus cvrnr \
        사업자등록번호 taxpayerno txid taxnr",
    ),
    (
        Sense::Personal(Kind::Account),
        "tilinumero kontonr cislouctu bankovniucet szamlaszam bankszamlaszam numarcont brojracuna номерсчета \
        расчетныйсчет 계좌번호 sotaikhoan norek nomorrekening bnkacct acctnm acctnbr accnbr accno accnum",
    ),
    (
        Sense::Personal(Kind::Card),
        "korttinumero kortnr cislokarty kartyaszam numarcard brojkartice номеркарты 카드번호 sothe nomorkartu crdno \
        crdnum cardnbr ccnbr",
    ),
    (
        Sense::Personal(Kind::Gift),
        "lahjaviesti gavehilsen gavekort darkovazprava ajandekuzenet loinhan 선물메시지 gftmsg",
    ),
    (
        Sense::Secret(Kind::Password),
        "salasana passord adgangskode heslo jelszo lozinka geslo kodikosprosvasis slaptazodis parool matkhau katasandi \
        kodesandi пароль 비밀번호 סיסמה รหัสผ่าน κωδικοσ passwrd pswd pssword usrpwd userpw loginpw",
    ),
    (
        Sense::FreeText(Kind::Text),
        "kommentti viesti huomautus lisatieto besked poznamka komentar sprava zprava megjegyzes uzenet comentariu \
        observatii napomena poruka sxolia комментарий сообщение примечание отзыв коментар 메모 배송메모 배송메시지 요청사항 \
        리뷰 후기 문의내용 ghichu loinhankhach catatan pesanpembeli הערות หมายเหตุ custcmt custcmnt cmnts rmks",
    ),
    (
        Sense::Doubtful(Kind::Name),
        "actor principal createdby updatedby requestedby submittedby approvedby deletedby modifiedby cancelledby canceledby placedby \
        orderedby bookedby openedby closedby handledby contactedby lastmodifiedby changedby paidby returnedby whom who \
        reportedby attendedby fahrer chauffeur conducteur conductor repartidor autista corriere kierowca kurier sofor kurye \
        motorista motorist zusteller bezorger bearbeiter sachbearbeiter gestionnaire operador operatore medewerker asiakas zakaznik ugyfel кто клиент покупатель",
    ),
    (
        Sense::Doubtful(Kind::Identity),
        "identity identidad identita identite identitat identiteit identitet tozsamosc kimlik totoznost",
    ),
    (Sense::Doubtful(Kind::Geo), "breite laenge breddegrad lengde bredde lange"),
    (
        Sense::Name,
        "navn nimi nev nume nama ime onoma jmeno meno имя име імя 이름 성명 hoten ชื่อ שם όνομα ονομα vards vardas ainm \
        nme",
    ),
    (
        Sense::Keep,
        "hersteller fabricant fabricante produttore fabrikant producent tillverkare uretici valmistaja vyrobce gyarto producator \
        lieferant fournisseur proveedor fornitore leverancier dostawca leverantor tedarikci fornecedor leverandor toimittaja \
        dodavatel beszallito furnizor marke marque marca merk marka varumarke maerke brandlabel supplier suppliername vendor \
        vendorname herstellername markenname lieferantenname производитель бренд поставщик \
        produkt artikel produit article producto articulo prodotto articolo produto urun towar tuote vare vara \
        executequery sqlquery slowquery dbquery rawquery namedquery \
        titel titre titulo titolo tytul baslik bezeichnung artikelbezeichnung artikelname produktname produktbezeichnung \
        productnaam nombreproducto nomeprodotto nomproduit nazwaproduktu urunadi designation libelle descripcion descrizione \
        beschreibung omschrijving opis barkod barcode strichcode codebarres codigobarras codigodebarras kodkreskowy ean13 \
        charge tilaus tilausnumero ordre ordrenr ordrenummer objednavka cisloobjednavky rendeles rendelesszam comanda \
        narudzba narocilo заказ номерзаказа 주문 주문번호 상품명 수량 상태 donhang madonhang nomorpesanan статус наименование название товар артикул цена склад количество бренд назва кількість склад",
    ),
];

const EMAIL: &str = "sahkoposti sahkopostiosoite sposti epasts elpastas elpostas drotposta emailcim mailcim elpost epostaadress \
    почта электроннаяпочта элпочта имейл емейл мейл електроннапошта 이메일 이메일주소 메일 메일주소 thudientu surel alamatemail \
    דואל דוארלאלקטרוני อีเมล ημειλ ηλεκτρονικοταχυδρομειο pochta eml emladdr emlid emailadd mailid emladr";

const PHONE: &str = "puhelin puhelinnumero puhelinnro matkapuhelin kannykka tlfnr telefonnr mobiltelefon telefonszam mobilszam \
    telefonnicislo telefoncislo cislotelefonu mobilni mobilnitelefon brojtelefona brojmobitela mobitel telefonskastevilka \
    telefonas talrunis telefons numartelefon numardetelefon tilefono kinito телефон номертелефона мобильный \
    мобильныйтелефон тел номертел мобільний 전화 전화번호 휴대폰 휴대폰번호 휴대전화 휴대전화번호 연락처 핸드폰 sodienthoai \
    dienthoai sdt didong nohp nomorhp nomortelepon telepon nombortelefon nowa nomorwa nowhatsapp טלפון נייד \
    เบอร์โทร เบอร์โทรศัพท์ โทรศัพท์ τηλεφωνο τηλέφωνο κινητο κινητό phn phnno phnum phonenbr telnbr mbl mblno \
    waid whatsapp whatsappnumber whatsappid mobno mobnum mobnr celular1 telemovel ntelemovel nrtelemovel numerotelemovel geriarama rueckruf rueckrufnummer ruckruf ruckrufnummer \
    terugbellen contactnum callon reachat reachon callbackno";

const NAME: &str = "etunimi sukunimi kokonimi vastaanottaja vastaanottajannimi lahettaja fornavn etternavn efternavn mellemnavn \
    mellomnavn fuldenavn modtager mottaker modtagernavn mottakernavn kundenavn prijmeni celejmeno krestnijmeno prijemce \
    odesilatel kupujici priezvisko krstnemeno prijemca odosielatel teljesnev vezeteknev keresztnev csaladnev utonev cimzett vevo \
    vevonev prenume numecomplet numefamilie numesiprenume destinatar cumparator expeditor prezime imeiprezime primatelj \
    primalac posiljatelj priimek imeinpriimek prejemnik eponymo onomateponymo paraliptis фамилия отчество фио \
    имяполучателя получатель отправитель контактноелицо прізвище одержувач отримувач imya familiya otchestvo fio \
    poluchatel pokupatel 성 수령인 수취인 받는사람 받는분 고객명 구매자 구매자명 주문자 주문자명 보내는사람 예금주 회사명 \
    수령자 hovaten hovatendem tennguoinhan nguoinhan nguoigui tenkhachhang namalengkap namadepan namabelakang penerima \
    namapenerima pengirim namapengirim namapembeli namapelanggan שםפרטי שםמשפחה שםמלא נמען นามสกุล ผู้รับ επωνυμο \
    επώνυμο παραληπτησ παραλήπτης perekonnanimi eesnimi saaja uzvards gavejas pavarde fnm lnm fullnm frstnm lstnm \
    frstname lstname fstname srname srnm rcptnm recipnm shpnm shiptonm billtonm custnme cneename cneenm fullnme \
    signee signer undersigned unterzeichner unterzeichnerin signataire firmante firmatario ondertekenaar podpisujacy \
    undertecknare imzalayan assinante allekirjoittaja underskriver unterschrieben unterschriebenvon signepar firmadopor \
    firmatoda ondertekenddoor recibidopor ricevutoda recupar odebralprzez ontvangendoor angenommenvon empfangenvon \
    leadpax paxname paxnm contactperson1 deliveredtoname drivername";

const POSTAL: &str = "osoite katuosoite katu lahiosoite toimitusosoite laskutusosoite kotiosoite gateadresse gatenavn vejnavn \
    vejnr vejognr vejoghusnr leveringsadresse fakturaadresse bopel adresa adresadoruceni dorucovaciadresa \
    fakturacniadresa bydliste cislopopisne cislodomu dorucovacia utca utcahazszam hazszam lakcim cim szallitasicim \
    szamlazasicim emelet strada numarstrada adresalivrare adresafacturare scara etaj apartament kucnibroj adresadostave \
    dieuthinsi odos адрес улица квартира адресдоставки адреса вулиця 주소 배송지 배송주소 배송지주소 상세주소 도로명주소 \
    지번주소 기본주소 diachi duong sonha diachigiaohang alamat alamatpengiriman alamatlengkap jalan כתובת רחוב \
    ที่อยู่ διευθυνση διεύθυνση οδοσ οδός aadress tanav adresas gatve seoladh addln1 addln2 adrln1 adrln2 adrln3 \
    addrln addrln1 addrln2 addrln3 addline1 addline2 adr1 adr2 adr3 ln1 ln2 ln3 strt1 strt2 strtnm strtno strno \
    hsno hseno hsnr hnr adrss addrtxt dropoff dropoffaddress dropaddress pickupaddr deliveraddr delivaddr shpaddr \
    shipto1 shipto2 shipto3 billto1 billto2 deliveryplace townland";

const POSTCODE: &str = "postinumero postnumero psc smerovacicislo iranyitoszam irsz codpostal1 postanskibroj postnastevilka \
    taxydromikoskodikas почтовыйиндекс индекс поштовийіндекс 우편번호 mabuuchinh mabuudien kodepos poskod מיקוד \
    รหัสไปรษณีย์ ταχκωδικασ sihtnumber postiindeks pastaindekss pastokodas eircode pstcd pstcode pcode postcd pcd zp zpcd \
    zipcd zcode postlcd pocode shiptozip";

const PLACE: &str = "postitoimipaikka kaupunki paikkakunta kunta poststed bynavn mesto obec okres telepules varos megye judet \
    localitate oras opcina город область район населенныйпункт місто 도시 시도 시군구 thanhpho quanhuyen phuongxa \
    tinhthanh kota kabupaten kecamatan kelurahan provinsi עיר จังหวัด πολη πόλη maakond pilseta miestas twn ctyname \
    shptocity townname";
