//! Words beside the names of people: titles, roles, what is done to somebody, and what is no name.

/// Words after which a name stands, in lower case. After a title one word is enough, whatever it is.
pub(super) const TITLES: &str = "mr mrs ms miss mx dr prof professor sir madam lady herr herrn frau fräulein monsieur madame mademoiselle mme \
    mlle señor señora señorita srta don doña dona sig signor signora signorina dott dottoressa pan pani dhr mevr \
    mevrouw meneer bay bayan shri smt kumari moin servus grüezi hallöchen coucou hejsan heippa terve hoj";

/// Roles of people in the shop's life, and words of greeting.
pub(super) const ROLES: &str = "importer exporter importeur exporteur importateur exportateur importatore esportatore importador exportador declarant innehavare kontoinnehavare kortinnehavare innehaver kontohaver korthaver rekeninghouder kaarthouder tilinomistaja kortinhaltija właściciel posiadacz majitel držitel δικαιούχος κάτοχος titularul visitor visiteur besucher besucherin ola oi olá goedendag goedemorgen goedenavond buongiorno buonasera días noches dia napot ziua день пациент клиентът клиентката клиенту покупателю получателю klientė klientas pirkėjas klients ügyfelünk ügyfelem megrendelő καταναλωτής αγοραστής titolare intestatario inhaber inhaberin kontoinhaber citofono klingel interphone clientul clientei clienta cumpărătorul destinatarul πελάτης πελάτη πελάτισσα παραλήπτης zákaznice příjemce vevő címzett العميل заказчик покупательница покупателя клиента клиентка picker packer debtor creditor debitor kreditor ordonnateur welcome buyer buyers customer client recipient consignee addressee shopper purchaser payer payee beneficiary \
    cardholder holder guest patient passenger tenant applicant subscriber reviewer complainant sender signer \
    signatory receiver employee driver courier technician agent user member owner contact dear hello hi hey attn hej hei hoi hallå tjena ahoj cześć szia salut salve ciao merhaba selam привет здравствуйте moi dag hiya bună dobrý kjære kære bästa \
    kunden klanten kundens klanta zákazník zákazníka ügyfél asiakas mottagaren modtager modtageren mottaker mottakeren adresat клиент покупатель \
    получатель client's attn \
    attention regards sincerely thanks cheers name named kunde kundin käufer käuferin empfänger empfängerin \
    besteller hallo liebe lieber acheteur acheteuse destinataire bonjour cher chère comprador compradora cliente \
    destinatario destinataria hola querido querida estimado estimada acquirente ciao caro cara gentile klant \
    koper ontvanger beste kupujący klient klientka odbiorca köpare kund mottagare alıcı müşteri sayın olá \
    prezado prezada destinatário \
    payor remitter lessee occupant occupier householder homeowner policyholder claimant neighbour neighbor concierge \
    receptionist doorman accountholder undersigned guardian käufers empfängers empfängern adressat adressatin \
    bestellerin auftraggeber auftraggeberin rechnungsempfänger rechnungsempfängerin rechnungsadressat warenempfänger \
    endempfänger leistungsempfänger zahler zahlerin schuldner schuldnerin zahlungspflichtiger zahlungspflichtige \
    mieter mieterin untermieter vermieter vermieterin nachmieter bewohner bewohnerin hausbewohner mitbewohner \
    mitbewohnerin nachbar nachbarin nachbarn nachbars patientin versicherungsnehmer versicherungsnehmerin \
    unterzeichner unterzeichnerin unterzeichnende kontoinhaberin karteninhaber karteninhaberin zessionar zessionarin \
    antragsteller antragstellerin hausmeister pförtner pförtnerin ehefrau ehemann abholer abholerin anrufer \
    anruferin beschwerdeführer acheteurs acquéreur acquéreuse acquereur destinataires commanditaire consignataire \
    réceptionnaire titulaire payeur payeuse débiteur débitrice locataire voisin voisine patiente signataire \
    soussigné soussignée cessionnaire résident résidente occupante gardien gardienne demandeur demandeuse réclamant \
    réclamante appelant appelante bénéficiaire détenteur souscripteur souscriptrice abonné abonnée épouse époux \
    conjoint livreur compradores consignatario consignataria titular pagador pagadora deudor deudora inquilino \
    inquilina arrendatario arrendataria vecino vecina paciente tomador firmante suscriptor suscriptora abonado \
    cesionario cesionaria residente ocupante portero portera conserje solicitante reclamante interesado interesada \
    beneficiario beneficiaria huésped esposa esposo llamante repartidor acquirenti compratore compratrice \
    cessionario cessionaria committente consegnatario intestataria pagante pagatore debitore debitrice conduttore \
    affittuario affittuaria vicino vicina paziente contraente firmatario firmataria sottoscritto sottoscritta \
    sottoscrittore abbonato abbonata portiere portinaio portinaia custode richiedente ricevente ospite moglie marito \
    kopers koopster ontvangers ontvangster geadresseerde bestelster opdrachtgever betaler betaalster debiteur \
    schuldenaar huurder huurster bewoner bewoonster buurman buurvrouw buurmeisje patiënt patiënte verzekeringnemer \
    ondertekenaar ondergetekende rekeninghoudster kaarthoudster cessionaris aanvrager aanvraagster conciërge \
    huismeester klager klaagster begunstigde houder beller bezorger kupująca kupującego kupującej kupującemu nabywca \
    nabywcy nabywczyni odbiorcy odbiorczyni adresatka adresata zamawiający zamawiająca zamawiającego płatnik \
    płatnika dłużnik dłużnika dłużniczka najemca najemcy lokator lokatorka lokatora mieszkaniec mieszkanka sąsiadka \
    sąsiadki sąsiadem pacjent pacjentka pacjenta ubezpieczający podpisujący podpisany posiadacza posiadaczka \
    właściciela właścicielka cesjonariusz klienta klientki klientce klientowi wnioskodawca wnioskodawczyni \
    reklamujący reklamująca zgłaszający zgłaszająca beneficjent dozorca portier żona mąż köparen köpares köparens \
    mottagarens kunds adressaten beställare beställaren betalare betalaren gäldenär gäldenären hyresgäst hyresgästen \
    grannen granne boende patienten försäkringstagare försäkringstagaren undertecknare undertecknaren undertecknad \
    innehavaren kontoinnehavaren kortinnehavaren sökande sökanden klagande anmälare anmälaren portvakt vaktmästare \
    køber køberen kjøper kjøperen bestiller bestilleren betaleren lejer lejeren leietaker leietakeren nabo naboen \
    beboer beboeren pasient underskriver innehaveren kontohaveren ostaja ostajan vastaanottajan maksaja vuokralainen \
    naapuri potilas allekirjoittaja tilaaja asiakkaan haltija alıcının alıcıya alıcısı müşterinin müşterisi \
    müşterimiz komşu komşusu komşunun kiracı kiracısı ödeyen borçlu hastası sigortalısı imzalayan imzacı sahibi \
    hamili muhatap temellük başvuran şikayetçi siparişveren kapıcı görevlisi destinatária consignatário \
    consignatária devedor devedora locatário locatária arrendatário vizinho vizinha signatário signatária subscritor \
    assinante cessionário cessionária morador moradora porteiro porteira zelador zeladora requerente beneficiário \
    beneficiária hóspede marido favorecido kupující kupujícího zákaznici objednatel objednatelka plátce dlužník \
    nájemník nájemnice nájemce soused sousedka sousedce souseda pacient pacientka pojištěnec podepsaný držitele \
    majitele adresát adresátka kupujúci zákazníčka príjemca nájomca sused susedka vásárló vásárlónk fizető adós \
    bérlő szomszéd aláíró cumpărător cumpărătoarea destinatara plătitor plătitorul datornic debitorul chiriaș \
    chiriașul vecin vecinul pacientul asiguratul semnatar semnatarul titularului";

/// What is done to, for or by somebody. A preposition may follow.
pub(super) const ACTS: &str = "assuré assurée asegurado asegurada assicurato assicurata segurado segurada ubezpieczony ubezpieczona ubezpieczonego verzekerde versicherter versicherte versicherten försäkrad försäkrade vakuutettu pojištěný sigortalı biztosított asigurat insured \
    paczka paczki paczkę paczce zlecenie bestelling zending pakje beställning tilaus objednávka balíček rendelés rendelése comandă narudžba naročilo siparişi pedido commande ordine zamówienie подарок zakázka saadetis siuntinys pasūtījums pakkumine nachsendung umleitung zustellversuch nom nombre nome naam namen issued refund zwrot rimborso remboursement reembolso erstattung review rating comment adresse adres address adresa dirección indirizzo endereço adresi avviso captured abholung propre left zgłosił zgłosiła odebrał odebrała reclamación réclamation rückfrage klient pakken pakke paketti paketet forsendelse försändelse lähetys zásilka balík csomag colet pošiljka sending отправление посылка доставка label étiquette etikett etikette etichetta etiqueta etykieta delivered shipped ship deliver send dispatch dispatched buren buur nachbar nachbarn neighbour neighbor neighbours voisin voisine voisins vecino vecina vicino vicina \
    vizinho vizinha naboen grannen sąsiad sąsiada komşu contact contactar contactez kontakt kontakta assigned reassigned zugewiesen übergeben entgegengenommen quittiert unterzeichnet assigné asignado assegnato toegewezen przypisano recogido ritirato ontvangen podpisano odebrano mottaget nachbarin buurman buurvrouw sąsiadka addressed emailed mailed calling called contacted notify notified notifying \
    refunding refunded signed approved requested placed written submitted invited spoke talked handed reported \
    received sent ordered purchased bought paid invoiced billed accepted collected escalated greeting behalf \
    registered welcome welcomed reviewed complaint message reply replied letter parcel package c/o declined refused cancelled canceled verified \
    charged credited reimbursed transferred wired settled returned collected geliefert zugestellt unterschrieben abgeholt angenommen verweigert \
    versendet refusé livré signé remis retiré reçu envoyé entregado firmado recibido rechazado enviado consegnato firmato ricevuto rifiutato \
    spedito bezorgd getekend geweigerd afgehaald doręczono odebrane podpisane entregue assinado recebido recusado levererat undertecknat \
    imzaladı matched compared merged anruf zustellung lieferung versand rückruf anfrage nachricht beschwerde retoure sendung brief \
    rechnung gutschrift llamó llamada entrega envío paquete reembolso reclamo queja appel livraison colis remboursement réclamation chiamata \
    consegna pacco rimborso reclamo bezorging levering pakket klacht dostawa przesyłka telefon zwrot leverans paket encomenda entrega \
    reclamação ligação shipment delivery refund return replacement";

pub(super) const PREPOSITIONS: &str = "to by for from with of an von für bei durch a para per pour par à chez por da di de voor door aan przez dla av till til pro pentru para для от por à";

/// Words between a role and a name.
pub(super) const FILLERS: &str = "back is was name named called - – — ist es";

/// Parts of names that are written small.
pub(super) const PARTICLES: &str = "de van von der den da dos das do del della di du la le las los el al bin bint ibn abu ter ten te zu zum zur \
    y e 't op af av vom san degli dalla lo";

/// Capitalised words that follow a role and are no names.
pub(super) const OTHERS: &str = "certificate certificates verify finished random authentication principal ok cpf cnpj nif nie dni cif rfc curp nit vat ust ustid iban bic pesel nip regon bsn kvk tckn vkn siret siren ssn ein itin ean sku gtin asin tel fax tlf telf mob plz rma \
    fiscal eletrônica electrónica elettronica order orders service services support id ids email e-mail mail address phone info information data error \
    errors not has had was is requested cancelled canceled does did cannot could with without and or the a an no \
    none null nil true false found created updated deleted missing invalid unknown name account accounts profile \
    group type status token session request response message messages exception failed failure success logged \
    load loads exists count pluck upsert destroy reload preload find_by cache \
    login logout ip agent details record records report list table lookup sync job api url uri http https json \
    xml sql notification notifications import imports export exports migration cleanup merge lifetime user-agent care success experience relations journey interface manual rewards benefits club loyalty hotline helpdesk segment segments number country city returned return returns refund portal center central \
    set where select from update insert into values join limit page screen button team amazon marketplace seller buyer customer client user recipient contact for in on at to \
    lager bestellung bestellungen auftrag aufträge lieferung lieferungen rechnung zahlung artikel größe übersicht änderung änderungen prüfung \
    rückgabe rückgaben gerät geräte händler kategorie verfügbarkeit bestände bestand datensätze datensatz fehler schnittstelle warteschlange \
    verbindung zeitüberschreitung ausführung übertragung überprüfung ungültige ungültiger ungültiges gültigkeit schlüssel größen stückzahl \
    commande commandes livraison facture catalogue synchronisation réseau échec état données requête réponse mise délai entrepôt créé créée \
    envoyé erreur connexion pedido pedidos envío envíos almacén catálogo conexión sincronización petición código página número sesión ejecución \
    ordine ordini spedizione magazzino catalogo fattura quantità attività disponibilità bestelling zamówienie zamówienia wysyłka płatność błąd \
    połączenie sipariş siparişi ürün kargo depo güncellendi başarısız hata bağlantı pedido estoque código atualização conexão sessão";
