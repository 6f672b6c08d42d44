"""The second set: lines written after the engine had met the first. See README.md."""
import json

from templates import b64, b64url, d

ALL = []


def t(kind):
    def add(build):
        ALL.append((build.__name__, kind, build))
        return build
    return add


@t("url")
def caddy_json(c):
    return d({"level": "info", "logger": c.k("http.log.access"), "request": {"remote_ip": c.p("ip", c.ip()), "client_ip": c.p("ip", c.ip()), "method": "GET", "host": c.k("shop.example"), "uri": "/besteller?suchtext=" + c.p("name", c.name()), "headers": {"User-Agent": [c.p("fingerprint", c.agent())]}}, "status": 200, "size": 1841}), "url"


@t("url")
def iis_w3c(c):
    return f'2026-10-19 10:11:12 W3SVC1 {c.k("WEB04")} GET /konto/adresse plz={c.p("address", c.postcode())}&hausnr={c.p("address", str(c.r.randrange(2, 300)) + "b")} 443 CORP\\{c.p("name", "u" + c.alnum(6).lower())} {c.p("ip", c.ip4())} {c.p("fingerprint", c.agent().replace(" ", "+"))} {c.k("200")} 0 0 {c.k("124")}', "plain"


@t("url")
def fastly_vcl(c):
    return f'<134>2026-10-19T10:11:12Z cache-fra{c.k("19137")} shop[{c.k("5531")}]: client={c.p("ip", c.ip())} geo_lat={c.p("geo", c.lat())} geo_lon={c.p("geo", c.lon())} city="x" url="/s?k={c.k("lamp")}" status={c.k("200")}', "plain"


@t("url")
def varnish_ncsa(c):
    return f'{c.p("ip", c.ip4())} - - [{c.k(c.clf())}] "GET http://shop.example/newsletter/confirm/{c.p("email", c.email())}/{c.k("de")} HTTP/1.1" {c.k("200")} {c.k(c.ms())} "-" "{c.p("fingerprint", c.agent())}" hit', "url"


@t("url")
def tel_scheme(c):
    return f'click out href=tel:{c.p("phone", c.phone().replace(" ", ""))} from={c.k("/help/contact")} session_seconds={c.k("412")}', "plain"


@t("url")
def mailto_scheme(c):
    return f'click out href=mailto:{c.p("email", c.email())}?subject={c.p("survey", c.opinion())} page={c.k("/returns")}', "url"


@t("url")
def google_maps(c):
    return f'GET https://maps.googleapis.com/maps/api/geocode/json?address={c.p("address", c.street())}&key={c.p("api_key", "AIza" + c.alnum(35))} {c.k("200")} {c.k("81ms")}', "plus"


@t("url")
def jwt_fragment(c):
    return f'redirect to https://portal.example/callback#id_token={c.p("jwt", c.jwt())}&expires_in={c.k("3600")}&scope={c.k("openid")}', "plain"


@t("url")
def deep_json_query(c):
    return f'GET /export?filter=%7B%22kunde%22%3A%7B%22nachname%22%3A%22{c.p("name", c.last())}%22%2C%22ort%22%3A%22x%22%7D%7D&format={c.k("csv")} {c.k("200")}', "urljson"


@t("text")
def pg_copy(c):
    return "COPY public.adressen (id, vorname, nachname, strasse, plz) FROM stdin;\\n" + "\t".join([c.k("8812"), c.p("name", c.first()), c.p("name", c.last()), c.p("address", c.street()), c.p("address", c.postcode())]), "plain"


@t("text")
def pg_constraint(c):
    return f'ERROR:  new row for relation "{c.k("customers")}" violates check constraint "{c.k("phone_format")}" DETAIL:  Failing row contains ({c.k("71")}, {c.p("name", c.name())}, {c.p("phone", c.phone())}, null).', "plain"


@t("text")
def mysql_dup(c):
    return f"Duplicate entry '{c.p('email', c.email())}' for key '{c.k('users.uniq_email')}' [SQLSTATE {c.k('23000')}]", "sql"


@t("text")
def oracle_binds(c):
    return f"BINDS #140: Bind#0 value=\"{c.p('name', c.last())}\" Bind#1 value={c.k('4711')} Bind#2 value=\"{c.p('address', c.postcode())}\" /* SELECT * FROM KUNDEN WHERE NACHNAME=:1 AND ID=:2 AND PLZ=:3 */", "plain"


@t("text")
def sqlalchemy_echo(c):
    return f"INFO sqlalchemy.engine.Engine [generated in {c.k('0.00021s')}] {{'surname': '{c.p('name', c.last())}', 'iban': '{c.p('iban', c.iban())}', 'limit': {c.k('25')}}}", "repr"


@t("text")
def activerecord(c):
    return f'Customer Load ({c.k("1.2ms")})  SELECT "customers".* FROM "customers" WHERE "customers"."email" = $1 LIMIT $2  [["email", "{c.p("email", c.email())}"], ["LIMIT", {c.k("1")}]]', "ruby"


@t("text")
def sequelize(c):
    return f"Executing (default): UPDATE \"contacts\" SET \"lastName\"='{c.p('name', c.last())}',\"cellPhone\"='{c.p('phone', c.phone())}' WHERE \"id\" = {c.k('88')}", "sql"


@t("text")
def knex_bindings(c):
    return f"knex:bindings [ '{c.p('email', c.email())}', {c.k('42')}, '{c.p('name', c.name())}' ] undefined +{c.k('3ms')}", "repr"


@t("text")
def neo4j(c):
    return f"MATCH (p:Person {{familyName: '{c.p('name', c.last())}', born: '{c.p('birth', c.dob())}'}})-[:ORDERED]->(o:Order {{id: '{c.k(c.order())}'}}) RETURN p", "repr"


@t("text")
def bigquery_csv(c):
    return f"bad row 17: \"{c.k(c.order())}\",\"{c.p('email', c.email())}\",\"{c.p('phone', c.phone())}\",\"{c.k('DE')}\"", "csv"


@t("text")
def swift_print(c):
    return f"▿ Customer - id: {c.k('771')} - givenName: \"{c.p('name', c.first())}\" - email: Optional(\"{c.p('email', c.email())}\")", "ruby"


@t("text")
def kotlin_data(c):
    return f"E/Checkout: submit failed for ShippingForm(fullName={c.p('name', c.name())}, line1={c.p('address', c.street())}, postcode={c.p('address', c.postcode())}, giftWrap={c.k('false')})", "plain"


@t("text")
def scala_case(c):
    return f"akka.actor: unhandled CreateParcel({c.k(c.order())},Recipient({c.p('name', c.name())},Some({c.p('phone', c.phone())})),{c.k('1.2')})", "plain"


@t("text")
def clojure_map(c):
    return f'WARN shop.core - invalid {{:order-id "{c.k(c.order())}", :buyer {{:full-name "{c.p("name", c.name())}", :e-mail "{c.p("email", c.email())}"}}}}', "ruby"


@t("text")
def erlang_tuple(c):
    return f'{{error,{{invalid_address,#{{<<"street">> => <<"{c.p("address", c.street())}">>,<<"zip">> => <<"{c.p("address", c.postcode())}">>}}}}}} pid={c.k("<0.812.0>")}', "ruby"


@t("text")
def lua_dump(c):
    return f'dump: {{ ["kundenname"] = "{c.p("name", c.name())}", ["tel"] = "{c.p("phone", c.phone())}", ["menge"] = {c.k("3")} }}', "ruby"


@t("text")
def dart_map(c):
    return f"flutter: body={{voornaam: {c.p('name', c.first())}, achternaam: {c.p('name', c.last())}, aantal: {c.k('2')}}}", "plain"


@t("text")
def powershell_hash(c):
    return f"@{{Kunde={c.p('name', c.name())}; Telefon={c.p('phone', c.phone())}; Auftrag={c.k(c.order())}}}", "plain"


@t("text")
def toml_lines(c):
    return f'[contact]\\nnome = "{c.p("name", c.name())}"\\ncellulare = "{c.p("phone", c.phone())}"\\n[server]\\nport = {c.k("8443")}', "ruby"


@t("text")
def properties(c):
    return f"mail.smtp.user={c.p('email', c.email())} mail.smtp.password={c.p('password', c.alnum(14))} server.port={c.k('8080')} spring.application.name={c.k('labels')}", "plain"


@t("text")
def docker_env(c):
    return f"docker run -e MYSQL_ROOT_PASSWORD={c.p('password', c.alnum(12))} -e SP_API_REFRESH_TOKEN='{c.p('lwa_refresh', c.refresh())}' -p {c.k('3306:3306')} {c.k('mysql:8.4.2')}", "plain"


@t("text")
def kubectl_secret(c):
    return f"kubectl create secret generic lwa --from-literal=client_secret={c.p('client_secret', c.client_secret())} -n {c.k('orders-prod')}", "plain"


@t("text")
def aws_cli_env(c):
    return f"aws_session_token = {c.p('aws_secret', 'IQoJb3JpZ2luX2Vj' + c.alnum(180, '/+'))} region = {c.k('eu-central-1')}", "plain"


@t("text")
def git_remote(c):
    return f"fatal: unable to access 'https://oauth2:{c.p('password', 'glpat-' + c.alnum(20))}@{c.k('gitlab.example')}/shop/labels.git/': {c.k('403')}", "plain"


@t("text")
def slack_hook(c):
    return f"posting alert to https://hooks.slack.com/services/T{c.p('api_key', c.alnum(8).upper() + '/B' + c.alnum(8).upper() + '/' + c.alnum(24))} status={c.k('200')}", "plain"


@t("text")
def pem_inline(c):
    return f"key=-----BEGIN EC PRIVATE KEY-----\\n{c.p('password', 'MHcCAQEE' + c.alnum(80, '+/'))}\\n-----END EC PRIVATE KEY----- loaded={c.k('true')}", "plain"


@t("text")
def sshd(c):
    return f"sshd[{c.k('2211')}]: Failed password for invalid user {c.p('name', 'x' + c.alnum(6).lower())} from {c.p('ip', c.ip4())} port {c.k('51822')} ssh2", "plain"


@t("text")
def dovecot(c):
    return f"dovecot: imap-login: Login: user=<{c.p('email', c.email())}>, method=PLAIN, rip={c.p('ip', c.ip4())}, lip={c.k('10.0.0.4')}, mpid={c.k('4411')}, TLS", "plain"


@t("text")
def asterisk(c):
    return f"[2026-10-19 10:11:12] VERBOSE[{c.k('2211')}] app_dial.c: Called SIP/{c.p('phone', c.phone().replace(' ', ''))}@{c.k('trunk-1')}", "plain"


@t("text")
def twilio(c):
    return f"[HTTP 400] Unable to create record: The 'To' number {c.p('phone', c.phone())} is not a valid phone number. code={c.k('21211')}", "plain"


@t("text")
def sendgrid(c):
    return f"bounce email={c.p('email', c.email())} reason=\"550 mailbox unavailable\" sg_message_id={c.k('14c5d75ce93.dfd.64b469')} ip={c.p('ip', c.ip4())}", "plain"


@t("text")
def dhl_error(c):
    return f"DHL 1101 Hard validation error occured. receiver.zip={c.p('address', c.postcode())} receiver.name1={c.p('name', c.name())} product={c.k('V01PAK')}", "plain"


@t("text")
def label_zpl(c):
    return f"^XA^FO50,50^A0N,40,40^FD{c.p('name', c.name())}^FS^FO50,100^FD{c.p('address', c.street())}^FS^FO50,200^BCN^FD{c.k(c.ups())}^FS^XZ", "plain"


@t("text")
def signature_scan(c):
    return f"POD received for {c.k(c.ups())}: signed by {c.p('name', c.name())} at {c.k('14:22')}", "plain"


@t("text")
def prose_call(c):
    return f"agent note {c.k('8812')}: {c.p('name', c.name())} rang, wants parcel sent to {c.p('address', c.street())} instead", "plain"


@t("text")
def prose_it(c):
    return f"Il cliente {c.p('name', c.name())} chiede il rimborso dell'ordine {c.k(c.order())}, contattare al {c.p('phone', c.phone())}", "plain"


@t("text")
def prose_nl(c):
    return f"Pakket {c.k(c.ups())} afgeleverd bij buren, mevrouw {c.p('name', c.last())}, {c.p('address', c.street())}", "plain"


@t("text")
def prose_pl(c):
    return f"Klient {c.p('name', c.name())} zgłosił brak przesyłki, zamówienie {c.k(c.order())}, e-mail {c.p('email', c.email())}", "plain"


@t("text")
def prose_ja(c):
    return f"{c.p('name', '高橋 美咲')}様より注文{c.k(c.order())}のキャンセル依頼、電話番号は{c.p('phone', c.digits('090-dddd-dddd'))}", "plain"


@t("text")
def prose_caps(c):
    return f"SHIP TO: {c.p('name', c.name().upper())} {c.p('address', c.street().upper())} ORDER {c.k(c.order())}", "plain"


@t("text")
def last_first(c):
    return f"matched customer \"{c.p('name', c.last() + ', ' + c.first())}\" score={c.k('0.93')} id={c.k('88121')}", "plain"


@t("text")
def greeting_sms(c):
    return f"sms template={c.k('eta')} rendered=\"Hi {c.p('name', c.first())}, your parcel arrives today\" to={c.p('phone', c.phone())}", "plain"


@t("text")
def diff_line(c):
    return f"audit change field=lieferadresse.strasse old=\"{c.p('address', c.street())}\" new=\"{c.p('address', c.street())}\" by={c.k('job-17')}", "ruby"


@t("text")
def snapshot_arrow(c):
    return f"customer {c.k('771')} email: {c.p('email', c.email())} -> {c.p('email', c.email())}; locale: {c.k('de')} -> {c.k('fr')}", "plain"


@t("text")
def retry_loop(c):
    return f"geocode({c.p('address', c.street())!s}, {c.p('address', c.postcode())}) failed: ZERO_RESULTS, attempt {c.k('2')}", "plain"


@t("text")
def cli_args(c):
    return f"argv: ./label --to-name \"{c.p('name', c.name())}\" --to-zip {c.p('address', c.postcode())} --weight {c.k('1.2')} --token={c.p('api_key', c.api_key())}", "ruby"


@t("text")
def windows_event(c):
    return f"An account failed to log on. Account Name: {c.p('name', 'j' + c.alnum(7).lower())} Source Network Address: {c.p('ip', c.ip4())} Logon Type: {c.k('3')}", "plain"


@t("text")
def cef(c):
    return f"CEF:0|Shop|Portal|{c.k('4.1')}|{c.k('100')}|login|3|src={c.p('ip', c.ip4())} suser={c.p('name', 'a' + c.alnum(6).lower())} duser={c.p('email', c.email())} cs1Label=order cs1={c.k(c.order())}", "plain"


@t("text")
def leef(c):
    return f"LEEF:2.0|Shop|Portal|4.1|login|^|src={c.p('ip', c.ip4())}^usrName={c.p('email', c.email())}^sev={c.k('5')}", "plain"


@t("header")
def grpc_metadata(c):
    return f"metadata: map[authorization:[Bearer {c.p('jwt', c.jwt())}] x-client-address:[{c.p('ip', c.ip4())}] x-b3-traceid:[{c.k(c.trace())}] content-type:[{c.k('application/grpc')}]]", "plain"


@t("header")
def okhttp(c):
    return f"--> POST https://api.shop.example/v2/kunden http/1.1 Content-Type: {c.k('application/json')} Cookie: JSESSIONID={c.p('cookie', c.hex(32).upper())}; cart={c.k('3')} {{\"nachname\":\"{c.p('name', c.last())}\"}}", "plain"


@t("header")
def fetch_debug(c):
    return f"fetch {{ method: 'PUT', headers: {{ 'x-amz-access-token': '{c.p('lwa_access', c.access())}', 'x-amz-date': '{c.k('20261019T101112Z')}' }} }}", "plain"


@t("header")
def wsgi_environ(c):
    return f"environ={{'REMOTE_ADDR': '{c.p('ip', c.ip4())}', 'HTTP_COOKIE': 'sessionid={c.p('cookie', c.session())}', 'HTTP_USER_AGENT': '{c.p('fingerprint', c.agent())}', 'SERVER_PORT': '{c.k('8443')}', 'REQUEST_METHOD': '{c.k('GET')}'}}", "plain"


@t("json")
def otel_span(c):
    return d({"name": c.k("POST /checkout"), "traceId": c.k(c.trace()), "attributes": [{"key": "enduser.id", "value": {"stringValue": c.p("email", c.email())}}, {"key": "customer.full_name", "value": {"stringValue": c.p("name", c.name())}}, {"key": "http.route", "value": {"stringValue": c.k("/checkout")}}]}), "json"


@t("json")
def sentry(c):
    return d({"event_id": c.k(c.hex(32)), "user": {"id": "8812", "username": c.p("name", "k" + c.alnum(6).lower()), "email": c.p("email", c.email()), "ip_address": c.p("ip", c.ip())}, "exception": {"values": [{"type": c.k("ValueError"), "stacktrace": {"frames": [{"vars": {"plz": "'" + c.p("address", c.postcode()) + "'", "attempt": "2"}}]}}]}}), "json"


@t("json")
def segment_track(c):
    return d({"type": "identify", "anonymousId": c.p("device_id", c.uuid()), "traits": {"firstName": c.p("name", c.first()), "lastName": c.p("name", c.last()), "birthday": c.p("birth", c.dob()), "plan": c.k("pro")}, "context": {"ip": c.p("ip", c.ip4()), "locale": c.k("sv-SE")}}), "json"


@t("json")
def debezium(c):
    return d({"op": "u", "before": {"id": 71, "tel_mobil": c.p("phone", c.phone()), "strasse_nr": c.p("address", c.street())}, "after": {"id": 71, "tel_mobil": c.p("phone", c.phone()), "strasse_nr": c.p("address", c.street())}, "source": {"table": c.k("kunden"), "lsn": 24023128}}), "jsona"


@t("json")
def avro_union(c):
    return d({"order": c.k(c.order()), "recipient": {"com.shop.Person": {"given": {"string": c.p("name", c.first())}, "family": {"string": c.p("name", c.last())}}}, "phone": {"string": c.p("phone", c.phone())}}), "json"


@t("json")
def json_patch(c):
    return d([{"op": "replace", "path": "/shippingAddress/street", "value": c.p("address", c.street())}, {"op": "replace", "path": "/contact/phone", "value": c.p("phone", c.phone())}, {"op": "replace", "path": "/status", "value": c.k("SHIPPED")}]), "json"


@t("json")
def json_schema_error(c):
    return d({"errors": [{"instancePath": "/buyer/email", "message": c.k("must match format"), "data": c.p("email", c.email())}, {"instancePath": "/buyer/phone", "data": c.p("phone", c.phone())}]}), "json"


@t("json")
def laravel_validation(c):
    return d({"message": c.k("The given data was invalid."), "input": {"nom": c.p("name", c.name()), "portable": c.p("phone", c.phone()), "rue": c.p("address", c.street())}, "code": 422}), "jsona"


@t("json")
def paypal_ipn(c):
    return d({"payer": {"payer_info": {"email": c.p("email", c.email()), "first_name": c.p("name", c.first()), "last_name": c.p("name", c.last()), "payer_id": "X", "shipping_address": {"recipient_name": c.p("name", c.name()), "line1": c.p("address", c.street())}}}, "state": c.k("approved")}), "json"


@t("json")
def klarna(c):
    return d({"billing_address": {"given_name": c.p("name", c.first()), "family_name": c.p("name", c.last()), "email": c.p("email", c.email()), "street_address": c.p("address", c.street()), "postal_code": c.p("address", c.postcode())}, "customer": {"date_of_birth": c.p("birth", c.dob())}, "order_lines": [{"name": c.k("Desk lamp"), "quantity": 1}]}), "json"


@t("json")
def survey_pairs(c):
    return d({"responses": [{"question": "Wie heißen Sie?", "answer": c.p("survey", c.name())}, {"question": "Kommentar", "answer": c.p("survey", c.opinion())}], "surveyId": c.k("s-118")}), "json"


@t("json")
def jwt_claims(c):
    return d({"claims": {"sub": "auth0|" + c.hex(8), "given_name": c.p("name", c.first()), "family_name": c.p("name", c.last()), "phone_number": c.p("phone", c.phone()), "email_verified": True, "iss": c.k("https://id.shop.example/")}}), "json"


@t("json")
def turkish_profile(c):
    return d({"müşteri": {"ad": c.p("name", c.first()), "soyad": c.p("name", c.last()), "cep_telefonu": c.p("phone", c.phone()), "açık_adres": c.p("address", c.street())}, "sipariş_no": c.k(c.order())}), "json"


@t("json")
def polish_profile(c):
    return d({"dane_odbiorcy": {"imię": c.p("name", c.first()), "nazwisko": c.p("name", c.last()), "ulica": c.p("address", c.street()), "kod": "x", "nr_telefonu": c.p("phone", c.phone())}, "nr_zamówienia": c.k(c.order())}), "jsona"


@t("json")
def swedish_profile(c):
    return d({"mottagare": c.p("name", c.name()), "gatuadress": c.p("address", c.street()), "postnr": c.p("address", c.postcode()), "mobilnr": c.p("phone", c.phone()), "antal": 2, "ordernr": c.k(c.order())}), "json"


@t("json")
def korean_like_caps(c):
    return d({"CUST_NM": c.p("name", c.name()), "HP_NO": c.p("phone", c.phone()), "ADDR_DTL": c.p("address", c.street()), "ORD_NO": c.k(c.order())}), "json"


@t("json")
def sap_idoc(c):
    return d({"E1KNA1M": {"NAME1": c.p("name", c.name()), "STRAS": c.p("address", c.street()), "PSTLZ": c.p("address", c.postcode()), "TELF1": c.p("phone", c.phone()), "LAND1": c.k("DE")}}), "json"


@t("json")
def salesforce(c):
    return d({"attributes": {"type": c.k("Contact")}, "FirstName": c.p("name", c.first()), "LastName": c.p("name", c.last()), "MobilePhone": c.p("phone", c.phone()), "MailingStreet": c.p("address", c.street()), "Birthdate": c.p("birth", c.dob()), "IsDeleted": False}), "json"


@t("json")
def geojson(c):
    return d({"type": c.k("Feature"), "geometry": {"type": c.k("Point"), "coordinates": [c.p("geo", c.lon(), 1), c.p("geo", c.lat(), 1)]}, "properties": {"stop": 4}}), "plain"


@t("json")
def nested_b64(c):
    order = c.k(c.order())
    blob = c.blob(d({"to": c.p("name", c.name()), "phone": c.p("phone", c.phone())}), lambda s: b64url(b64(s)))
    return d({"order": order, "state": blob}), "plain"


@t("json")
def escaped_twice(c):
    return d({"log": d({"payload": d({"apellidos": c.p("name", c.last()), "correo_electronico": c.p("email", c.email()), "pedido": c.k(c.order())})})}), "json3"


@t("text")
def soap_fault(c):
    return f'<soap:Fault><faultstring>Invalid postcode "{c.p("address", c.postcode())}" for receiver "{c.p("name", c.name())}"</faultstring><detail><code>{c.k("1101")}</code></detail></soap:Fault>', "xml"


@t("text")
def ubl_invoice(c):
    return f'<cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>{c.p("name", c.name())}</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:StreetName>{c.p("address", c.street())}</cbc:StreetName><cbc:PostalZone>{c.p("address", c.postcode())}</cbc:PostalZone></cac:PostalAddress></cac:Party></cac:AccountingCustomerParty><cbc:ID>{c.k("INV-1182")}</cbc:ID>', "xml"


@t("text")
def plist(c):
    return f"<dict><key>recipientName</key><string>{c.p('name', c.name())}</string><key>phone</key><string>{c.p('phone', c.phone())}</string><key>orderId</key><string>{c.k(c.order())}</string></dict>", "xml"


@t("text")
def android_prefs(c):
    return f'<map><string name="user_email">{c.p("email", c.email())}</string><string name="last_order">{c.k(c.order())}</string><int name="launches" value="{c.k("12")}" /></map>', "xml"


@t("text")
def html_form(c):
    return f'<input type="text" name="nachname" value="{c.p("name", c.last())}"><input type="tel" name="telefon" value="{c.p("phone", c.phone())}"><input type="hidden" name="page" value="{c.k("2")}">', "xml"


@t("text")
def markdown_list(c):
    return f"* **Name:** {c.p('name', c.name())} * **Telefon:** {c.p('phone', c.phone())} * **Bestellung:** {c.k(c.order())}", "plain"


@t("form")
def form_fr(c):
    return f"civilite=Mme&nom={c.p('name', c.last())}&prenom={c.p('name', c.first())}&courriel={c.p('email', c.email())}&cgv={c.k('1')}", "plus"


@t("form")
def form_dotted(c):
    return f"billTo.contact.surname={c.p('name', c.last())}&billTo.contact.fax={c.p('phone', c.phone())}&billTo.iban={c.p('iban', c.iban())}&step={c.k('3')}", "plus"


@t("form")
def form_array(c):
    return f"names[]={c.p('name', c.name())}&emails[]={c.p('email', c.email())}&ids[]={c.k('17')}", "url"


@t("form")
def form_json_value(c):
    return f"payload=%7B%22full_name%22%3A%22{c.p('name', c.name())}%22%2C%22qty%22%3A2%7D&v={c.k('2')}", "urljson"


@t("form")
def form_es(c):
    return f"usuario={c.p('name', 'u' + c.alnum(6).lower())}&contrase%C3%B1a={c.p('password', c.alnum(11))}&recordar={c.k('si')}", "plain"


@t("text")
def tsv_only_header_es(c):
    return "pedido\tcliente\tdirección\tteléfono\timporte\\n" + "\t".join([c.k(c.order()), c.p("name", c.name()), c.p("address", c.street()), c.p("phone", c.phone()), c.k("41,20")]), "plain"


@t("text")
def csv_quoted_single(c):
    return f"'id','e-mail','nom complet','montant'\\n'{c.k('71')}','{c.p('email', c.email())}','{c.p('name', c.name())}','{c.k('12.50')}'", "sql"


@t("text")
def psql_table(c):
    return f" id | vorname | telefon \\n----+---------+---------\\n {c.k('71')} | {c.p('name', c.first())} | {c.p('phone', c.phone())}\\n(1 row)", "plain"


# Nothing personal.

@t("text")
def neg_gc(c):
    return f"[{c.k('2026-10-19T10:11:12.131+0200')}][gc] GC({c.k('412')}) Pause Young (Normal) (G1 Evacuation Pause) {c.k('812M->211M(2048M)')} {c.k('12.331ms')}", "plain"


@t("text")
def neg_kernel(c):
    return f"kernel: [{c.k('81223.123456')}] eth0: renamed from {c.k('veth3f2a1b')} CPU: {c.k('3')} PID: {c.k('88123')} Comm: {c.k('java')}", "plain"


@t("text")
def neg_cron(c):
    return f"job {c.k('Nightly Order Export')} next run {c.k('2026-10-20 02:00:00')} last duration {c.k('00:12:41')} rows {c.k('1882312')}", "plain"


@t("text")
def neg_terraform(c):
    return f"aws_lb.web: Modifications complete after {c.k('2s')} [id=arn:aws:elasticloadbalancing:eu-west-1:{c.k('123456789012')}:loadbalancer/app/web/{c.k('50dc6c495c0c9188')}]", "plain"


@t("json")
def neg_inventory(c):
    return d({"sellerSku": c.k("LMP-7714-XL"), "fnSku": c.k("X00ABCDE12"), "asin": c.k(c.asin()), "totalQuantity": 412, "lastUpdatedTime": c.k(c.stamp()), "productName": c.k("Garden Chair Rosalind Grey"), "condition": c.k("NewItem")}), "json"


@t("json")
def neg_pricing(c):
    return d({"marketplaceId": c.k(c.market()), "offers": [{"sellerId": c.k("A3TESTSELLER1"), "listingPrice": {"amount": 12.9, "currency": c.k("EUR")}, "shipping": 0.0, "isBuyBoxWinner": True}], "lowestPrice": c.k("12.90")}), "json"


@t("text")
def neg_http2(c):
    return f"h2: stream {c.k('1882')} closed error={c.k('REFUSED_STREAM')} frames={c.k('12/34/56')} window={c.k('1048576')} rtt_us={c.k('18231')} conn={c.k('c0ffee12')}", "plain"


@t("text")
def neg_docker(c):
    return f"pulling {c.k('registry.example/labels:4.2.1')} digest {c.k('sha256:' + c.hex(64))} size {c.k('128.4MB')} layer {c.k(c.hex(12))}", "plain"


@t("text")
def neg_limits(c):
    return f"throttled operation={c.k('getOrders')} rate={c.k('0.0167')} burst={c.k('20')} retry_after={c.k('60')} remaining={c.k('0')} x-amzn-RequestId={c.k(c.uuid())}", "plain"


@t("url")
def neg_static(c):
    return f'10.1.2.3 - - [{c.k(c.clf())}] "GET /assets/app.{c.k(c.hex(8))}.js HTTP/1.1" {c.k("304")} 0 "-" "{c.k("kube-probe/1.31")}"', "plain"


@t("json")
def neg_deploy(c):
    return d({"deployment": {"name": c.k("label-api"), "image": c.k("labels:4.2.1"), "replicas": 3}, "rollout": c.k("complete"), "revision": c.k("118"), "author_count": 4, "changed": [c.k("src/address/format.rs"), c.k("db/migrations/0042_customer_email.sql")]}), "json"
