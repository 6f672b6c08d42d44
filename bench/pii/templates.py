"""Log lines of many frameworks. Each takes a `Line` and gives its text with marks and the encoder of its values."""
import base64
import json

ALL = []


def b64(text):
    return base64.b64encode(text.encode()).decode()


def b64url(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def t(kind):
    def add(build):
        ALL.append((build.__name__, kind, build))
        return build
    return add


def d(obj, **more):
    return json.dumps(obj, ensure_ascii=False, **more)


# Access logs.

@t("url")
def nginx_combined_vhost(c):
    return f'{c.k("shop.example")}:443 {c.p("ip", c.ip())} - {c.p("name", "m." + c.alnum(6).lower())} [{c.k(c.clf())}] "GET /konto/bestellung/{c.k(c.order())} HTTP/2.0" {c.k("200")} {c.k(c.ms())} "-" "{c.p("fingerprint", c.agent())}" rt={c.k("0.482")}', "plain"


@t("url")
def nginx_error(c):
    return f'2026/10/19 11:02:31 [error] 29#29: *{c.k(c.ms())} upstream timed out (110: Connection timed out) while reading response header from upstream, client: {c.p("ip", c.ip4())}, server: {c.k("api.shop.example")}, request: "POST /kunden?courriel={c.p("email", c.email())}&cp={c.p("address", c.postcode())} HTTP/1.1", upstream: "http://{c.k("10.42.0.17:8080")}/kunden"', "plus"


@t("url")
def envoy_access(c):
    return f'[{c.k(c.stamp())}] "GET /v1/lookup?tel={c.p("phone", c.phone())}&sku={c.k("LMP-7714-XL")} HTTP/2" {c.k("200")} - 0 {c.k("1834")} 12 11 "{c.p("ip", c.ip())}" "{c.p("fingerprint", c.agent())}" "{c.k(c.uuid())}" "{c.k("lookup.prod.svc.cluster.local")}" "{c.k("10.8.3.4:9000")}"', "url"


@t("url")
def haproxy_http(c):
    return f'haproxy[{c.k("1127")}]: {c.p("ip", c.ip4())}:{c.r.randrange(2000, 60000)} [19/Oct/2026:10:11:12.345] fe_https~ {c.k("be_orders/srv3")} 0/0/1/45/46 {c.k("200")} 1543 - - ---- 12/10/3/1/0 0/0 {{{c.k("shop.example")}|{c.p("fingerprint", c.agent())}}} "GET /rechnung/{c.k(c.order())}?nachname={c.p("name", c.last())} HTTP/1.1"', "url"


@t("url")
def alb_log(c):
    return f'https {c.k(c.stamp())} {c.k("app/web-prod/50dc6c495c0c9188")} {c.p("ip", c.ip4())}:{c.r.randrange(2000, 60000)} 10.0.1.9:80 0.001 0.024 0.000 {c.k("200")} 200 34 366 "GET https://shop.example:443/track?destinatario={c.p("name", c.name())}&guia={c.k(c.ups())} HTTP/1.1" "{c.p("fingerprint", c.agent())}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 {c.k("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067")} "Root=1-58337262-36d228ad5d99923122bbe354"', "plus"


@t("url")
def cloudfront_tsv(c):
    return "\t".join(["2026-10-19", "21:02:31", c.k("FRA56-P4"), c.k("4827"), c.p("ip", c.ip4()), "GET", c.k("d111111abcdef8.cloudfront.net"), c.k("/labels/index.html"), c.k("200"), "-", c.p("fingerprint", c.agent()), "mail=" + c.p("email", c.email()), "-", "Hit", c.k("SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==")]), "url"


@t("url")
def apache_vcombined(c):
    return f'{c.p("ip", c.ip())} {c.k("www.shop.example")} - [{c.k(c.clf())}] "POST /espace-client/adresse HTTP/1.1" {c.k("302")} - "https://www.shop.example/commande?destinataire={c.p("name", c.name())}&ville=x&code_postal={c.p("address", c.postcode())}" "{c.p("fingerprint", c.agent())}" {c.k("D=31221")}', "plus"


@t("url")
def traefik_json(c):
    return d({"ClientAddr": c.p("ip", c.ip4()) + ":51233", "ClientHost": c.p("ip", c.ip4()), "Duration": 1812331, "RequestMethod": "GET", "RequestPath": "/users/" + c.p("email", c.email()) + "/parcels", "RouterName": c.k("web@kubernetes"), "OriginStatus": 200, "request_User-Agent": c.p("fingerprint", c.agent()), "time": c.k(c.stamp())}), "url"


@t("url")
def path_person(c):
    return f'GET /crm/people/{c.p("name", c.name())}/addresses/{c.p("address", c.street())} {c.k("404")} {c.k("17ms")} req={c.k(c.uuid())}', "url"


@t("url")
def rails_param_log(c):
    return f'Started PATCH "/checkout/{c.k(c.order())}?order[ship_to][lastname]={c.p("name", c.last())}&order[ship_to][zip]={c.p("address", c.postcode())}&utf8=✓" for {c.p("ip", c.ip4())} at 2026-10-19 12:13:14 +0200', "url"


@t("url")
def matrix_params(c):
    return f'GET /geo/route;lat={c.p("geo", c.lat())};lng={c.p("geo", c.lon())};profile=car/{c.k("tiles")}?v={c.k("12.0.3")} {c.k("200")}', "plain"


@t("url")
def hash_route(c):
    return f'navigate https://portal.example/app#/kunde/suche?begriff=&e-mail={c.p("email", c.email())}&telefon={c.p("phone", c.phone())} took={c.k("231")}', "url2"


@t("url")
def semicolon_query(c):
    return f'GET /search;v=1?ad_soyad={c.p("name", c.name())};adres={c.p("address", c.street())};sayfa={c.k("3")} {c.k("200")} {c.k(c.ms())}', "lower"


@t("url")
def oauth_redirect(c):
    return f'302 https://sellercentral.example/apps/authorize?state={c.p("cookie", c.alnum(40))}&spapi_oauth_code={c.p("lwa_refresh", c.alnum(20))}&selling_partner_id={c.k("A3" + "TESTSELLER1")}', "plain"


@t("url")
def presigned_report(c):
    return f'download start url=https://tortuga-prod-eu.s3-eu-west-1.amazonaws.com/{c.k("NinetyDays")}/amzn1.tortuga.3.ed4cd0d8?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261019T101112Z&X-Amz-Expires=300&X-Amz-Credential={c.p("aws_key", c.aws_key())}%2F20261019%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature={c.p("aws_secret", c.hex(64))} bytes={c.k("88211")}', "plain"


@t("url")
def ws_upgrade(c):
    return f'101 wss://live.shop.example/socket?access_token={c.p("jwt", c.jwt())}&room={c.k("order-" + c.order())} ip={c.p("ip", c.ip())}', "plain"


@t("url")
def b64_path(c):
    order = c.k(c.order())
    blob = c.blob(d({"mail": c.p("email", c.email()), "vorname": c.p("name", c.first()), "strasse": c.p("address", c.street())}), b64url)
    return f"GET /share/{blob}/order/{order} 200", "plain"


@t("url")
def geo_path(c):
    return f'GET /v3/directions/driving/{c.p("geo", c.lon())},{c.p("geo", c.lat())};{c.p("geo", c.lon())},{c.p("geo", c.lat())}?steps=true&alternatives={c.k("false")} {c.k("200")}', "plain"


# Rails, Django, Spring, Go, .NET, PHP.

@t("text")
def rails_parameters(c):
    return f'  Parameters: {{"utf8"=>"✓", "customer"=>{{"first_name"=>"{c.p("name", c.first())}", "surname"=>"{c.p("name", c.last())}", "mobile"=>"{c.p("phone", c.phone())}", "dob"=>"{c.p("birth", c.dob())}"}}, "commit"=>"{c.k("Save")}", "locale"=>"{c.k("en")}"}}', "ruby"


@t("text")
def rails_record(c):
    return f'#<Address id: {c.k("88123")}, recipient_name: "{c.p("name", c.name())}", line1: "{c.p("address", c.street())}", zip: "{c.p("address", c.postcode())}", country_code: "{c.k("SE")}", created_at: "{c.k("2026-10-19 10:11:12.000000000 +0000")}">', "ruby"


@t("text")
def django_error(c):
    return f"Bad Request: /api/kontakt/\\nQueryDict: {{'csrfmiddlewaretoken': ['{c.p('cookie', c.alnum(64))}'], 'voornaam': ['{c.p('name', c.first())}'], 'e_mail': ['{c.p('email', c.email())}'], 'bericht': ['{c.p('survey', c.opinion())}']}}", "repr"


@t("text")
def django_model(c):
    return f"DEBUG {c.k('orders.tasks')} saving <Customer: Customer(pk={c.k('1843')}, email='{c.p('email', c.email())}', phone='{c.p('phone', c.phone())}', tier='{c.k('gold')}')>", "repr"


@t("text")
def py_dataclass(c):
    return f"{c.k(c.stamp())} INFO shipper.core ship(order_id='{c.k(c.order())}', to=Recipient(full_name='{c.p('name', c.name())}', street1='{c.p('address', c.street())}', postal_code='{c.p('address', c.postcode())}', phone='{c.p('phone', c.phone())}'), weight_g={c.k('412')})", "repr"


@t("text")
def py_tuple(c):
    return f"psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint \"{c.k('customers_email_key')}\" DETAIL:  Key (email)=({c.p('email', c.email())}) already exists.", "plain"


@t("text")
def py_kwargs(c):
    return f"retrying create_user(username={c.p('name', 'k' + c.alnum(7).lower())!r}, password='{c.p('password', c.password())}', is_active={c.k('True')}) attempt {c.k('2')}/5", "plain"


@t("text")
def spring_bind(c):
    return f"{c.k('2026-10-19 10:11:12.131')}  WARN {c.k('7')} --- [{c.k('nio-8080-exec-3')}] {c.k('o.s.w.s.h.HandlerExceptionResolver')} : Field error in object 'kontakt' on field 'plz': rejected value [{c.p('address', c.postcode())}]; codes [Pattern.kontakt.plz]", "plain"


@t("text")
def java_record(c):
    return f"c.e.OrderService - created Order[orderId={c.k(c.order())}, buyer=Buyer[name={c.p('name', c.name())}, email={c.p('email', c.email())}, vatId={c.p('tax_id', 'DE' + c.digits('ddddddddd'))}], total={c.k('73.10')}, currency={c.k('EUR')}]", "plain"


@t("text")
def lombok(c):
    return f"Mapped dto=ContactDTO(anrede=Frau, vorname={c.p('name', c.first())}, nachname={c.p('name', c.last())}, telefonPrivat={c.p('phone', c.phone())}, newsletter={c.k('true')}, kundenStatus={c.k('AKTIV')})", "plain"


@t("text")
def hibernate_bind(c):
    return f"{c.k('o.h.t.d.s.BasicBinder')} : binding parameter [3] as [VARCHAR] - [{c.p('email', c.email())}]", "plain"


@t("text")
def go_plus_v(c):
    return f"{c.k('2026/10/19 10:11:12')} push failed: {{ID:{c.k('71823')} FirstName:{c.p('name', c.first())} LastName:{c.p('name', c.last())} Email:{c.p('email', c.email())} Phone:{c.p('phone', c.phone())} Retries:{c.k('3')}}}", "plain"


@t("text")
def go_sharp_v(c):
    return f'main.Shipment{{OrderID:"{c.k(c.order())}", Consignee:"{c.p("name", c.name())}", Addr1:"{c.p("address", c.street())}", Zip:"{c.p("address", c.postcode())}", Weight:{c.k("1.25")}, Parcels:[]string(nil)}}', "ruby"


@t("text")
def go_zap_console(c):
    return f'{c.k(c.stamp())}\tINFO\t{c.k("label/create.go:88")}\tlabel created\t' + d({"order": c.k(c.order()), "shipTo": {"name": c.p("name", c.name()), "street": c.p("address", c.street())}, "took": 0.131, "carrier": c.k("DHL")}), "json"


@t("text")
def go_slog(c):
    return f'time={c.k(c.stamp())} level=WARN msg="address not verified" {c.k("order.id")}={c.k(c.order())} customer.surname="{c.p("name", c.last())}" customer.tel="{c.p("phone", c.phone())}" attempt={c.k("4")}', "ruby"


@t("text")
def dotnet_structured(c):
    return f'[{c.k("10:11:12")} INF] Sending confirmation to "{c.p("name", c.name())}" <{c.p("email", c.email())}> for order {c.k(c.order())} {{SourceContext="{c.k("Shop.Mail.Sender")}"}}', "plain"


@t("text")
def dotnet_record(c):
    return f"Shop.Core.Customer {{ Id = {c.k('4711')}, GivenName = {c.p('name', c.first())}, FamilyName = {c.p('name', c.last())}, BirthDate = {c.p('birth', c.dob())}, IsActive = {c.k('True')} }}", "plain"


@t("text")
def php_var_export(c):
    return f"array ( 'bestellnummer' => '{c.k(c.order())}', 'rechnungsadresse' => array ( 'firma' => '{c.p('name', c.last() + ' GmbH')}', 'strasse' => '{c.p('address', c.street())}', 'plz' => '{c.p('address', c.postcode())}', 'ort' => 'x', ), 'summe' => {c.k('129.9')}, )", "repr"


@t("text")
def php_print_r(c):
    return f"Array ( [order_id] => {c.k(c.order())} [payer_email] => {c.p('email', c.email())} [address_street] => {c.p('address', c.street())} [mc_gross] => {c.k('19.95')} [txn_type] => {c.k('web_accept')} )", "plain"


@t("text")
def php_serialize(c):
    email, name = c.email(), c.name()
    return f's:5:"email";s:{len(email.encode())}:"{c.p("email", email)}";s:9:"cognome_x";s:4:"none";s:4:"nome";s:{len(name.encode())}:"{c.p("name", name)}";s:8:"order_id";s:19:"{c.k(c.order())}";', "plain"


@t("text")
def php_monolog(c):
    return f'[{c.k("2026-10-19T10:11:12.123456+02:00")}] app.ERROR: Uncaught GuzzleException {{"email":"{c.p("email", c.email())}","telefono":"{c.p("phone", c.phone())}","request_uri":"{c.k("/api/pedidos")}"}} {{"uid":"{c.k("a1b2c3d")}"}}', "jsona"


@t("text")
def ruby_exception(c):
    return f"NoMethodError (undefined method `zip' for {{:name=>\"{c.p('name', c.name())}\", :phone=>\"{c.p('phone', c.phone())}\"}}:Hash): {c.k('app/models/parcel.rb:41')}", "ruby"


@t("text")
def elixir_inspect(c):
    return f'{c.k("10:11:12.331")} [warning] changeset %Shop.Account{{email: "{c.p("email", c.email())}", full_name: "{c.p("name", c.name())}", plan: :{c.k("pro")}, inserted_at: ~N[2026-10-19 10:11:12]}}', "ruby"


@t("text")
def rust_debug(c):
    return f'{c.k(c.stamp())} ERROR {c.k("shop::ship")}: rejected Address {{ recipient: "{c.p("name", c.name())}", line_1: "{c.p("address", c.street())}", line_2: None, postal_code: "{c.p("address", c.postcode())}" }} retries={c.k("2")}', "ruby"


@t("text")
def node_inspect(c):
    return f"[order-sync] payload {{ buyer: {{ firstName: '{c.p('name', c.first())}', eMail: '{c.p('email', c.email())}' }}, asin: '{c.k(c.asin())}', qty: {c.k('2')} }}", "repr"


@t("text")
def perl_dumper(c):
    return f"$VAR1 = {{ 'cust_name' => '{c.p('name', c.name())}', 'addr1' => '{c.p('address', c.street())}', 'sku' => '{c.k('LMP-0099-XL')}' }};", "repr"


@t("text")
def swift_optional(c):
    return f'Checkout(orderId: "{c.k(c.order())}", shipping: Optional(Address(fullName: "{c.p("name", c.name())}", street: "{c.p("address", c.street())}")), items: {c.k("3")})', "ruby"


# Prose.

@t("text")
def prose_delivery(c):
    return f"{c.k(c.stamp())} INFO driver note: parcel {c.k(c.ups())} handed to Mrs {c.p('name', c.last())} at the door", "plain"


@t("text")
def prose_de(c):
    return f"Kunde {c.p('name', c.name())} ({c.p('email', c.email())}) hat Bestellung {c.k(c.order())} storniert, Rückruf unter {c.p('phone', c.phone())}", "plain"


@t("text")
def prose_fr(c):
    return f"Le client M. {c.p('name', c.last())} a appelé depuis le {c.p('phone', c.phone())} au sujet de la commande {c.k(c.order())}", "plain"


@t("text")
def prose_es(c):
    return f"reembolso de {c.k('41,20')} EUR a la cuenta {c.p('iban', c.iban())} del cliente, pedido {c.k(c.order())}", "plain"


@t("text")
def prose_greeting(c):
    return f"rendered mail template={c.k('order_shipped_v3')} body=\"Dear {c.p('name', c.name())}, your order is on its way\"", "plain"


@t("text")
def stack_java(c):
    return f"javax.mail.SendFailedException: Invalid Addresses; nested exception is: com.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 <{c.p('email', c.email())}>: Recipient address rejected\\n\\tat {c.k('com.sun.mail.smtp.SMTPTransport.rcptTo(SMTPTransport.java:2064)')}", "plain"


@t("text")
def stack_python(c):
    return f"Traceback (most recent call last):\\n  File \"{c.k('/srv/app/geo.py')}\", line {c.k('71')}, in locate\\n    raise NotFound(address)\\ngeo.NotFound: '{c.p('address', c.street())}, {c.p('address', c.postcode())} {c.city()}'", "repr"


@t("text")
def assertion_values(c):
    return f"AssertionError: expected phone '{c.p('phone', c.phone())}' to match /^\\+[0-9]+$/ (order {c.k(c.order())})", "plain"


# Mail.

@t("text")
def postfix(c):
    return f"Oct 19 10:11:12 mx1 postfix/smtp[{c.k('4412')}]: {c.k('4F1A2B3C4D')}: to=<{c.p('email', c.email())}>, relay={c.k('mx.mail.example')}[{c.p('ip', c.ip4())}]:25, delay={c.k('1.2')}, dsn=2.0.0, status=sent", "plain"


@t("text")
def exim(c):
    return f"2026-10-19 10:11:12 {c.k('1r2S3t-0004uV-Wx')} <= {c.p('email', c.email())} H={c.k('mail.shop.example')} [{c.p('ip', c.ip4())}] P=esmtps X={c.k('TLS1.3:TLS_AES_256_GCM_SHA384:256')} S={c.k('4821')}", "plain"


@t("header")
def mail_headers(c):
    return f"From: \"{c.p('name', c.name())}\" <{c.p('email', c.email())}>\\nTo: service@shop.example\\nSubject: {c.p('survey', c.opinion())}\\nMessage-ID: {c.k('20261019101112.1')}\\nX-Mailer: {c.k('Roundcube/1.6.4')}", "plain"


@t("text")
def ses_event(c):
    return d({"eventType": c.k("Bounce"), "mail": {"timestamp": c.k(c.stamp()), "destination": [c.p("email", c.email())], "commonHeaders": {"to": [c.p("name", c.name()) + " <" + c.p("email", c.email()) + ">"]}, "messageId": c.k("0102018b-" + c.hex(12))}}), "json"


# Headers.

@t("header")
def curl_v(c):
    return f"> POST /addresses HTTP/1.1\\n> Host: {c.k('api.carrier.example')}\\n> Authorization: Basic {c.p('password', c.alnum(28))}\\n> User-Agent: {c.k('curl/7.88.1')}\\n> X-Request-Id: {c.k(c.uuid())}\\n< HTTP/1.1 {c.k('401')}", "plain"


@t("header")
def curl_command(c):
    return f"+ curl -sS -u {c.p('name', 'svc' + c.alnum(5).lower())}:{c.p('password', c.alnum(14))} -H 'x-amz-access-token: {c.p('lwa_access', c.access())}' https://{c.k('sellingpartnerapi-eu.amazon.com')}/orders/v0/orders/{c.k(c.order())}/buyerInfo", "plain"


@t("header")
def set_cookie_many(c):
    return f"set-cookie: {c.k('at-main')}={c.p('cookie', c.alnum(60))}; Path=/; Secure; HttpOnly, {c.k('lang')}=de-DE; Max-Age={c.k('31536000')}, ubid-acbde={c.p('cookie', c.digits('ddd-ddddddd-ddddddd'))}; Domain=.amazon.example", "plain"


@t("header")
def forwarded_rfc7239(c):
    return f'Forwarded: for="[{c.p("ip", "2a02:8109:9a40:" + c.hex(4) + "::" + c.hex(3))}]:4711";proto=https;by={c.k("10.0.0.7")} | X-Client-IP: {c.p("ip", c.ip4())} | Host: {c.k("shop.example")}', "plain"


@t("header")
def python_headers_dict(c):
    return f"headers={{'Accept': '{c.k('application/json')}', 'Cookie': 'session={c.p('cookie', c.session())}; theme={c.k('dark')}', 'X-Api-Key': '{c.p('api_key', c.api_key())}', 'Content-Length': '{c.k('182')}'}}", "plain"


@t("header")
def java_header_list(c):
    return f"[authorization:\"Bearer {c.p('jwt', c.jwt())}\", accept:\"{c.k('*/*')}\", x-device-id:\"{c.p('device_id', c.uuid())}\", x-correlation-id:\"{c.k(c.uuid())}\"]", "plain"


@t("header")
def client_hints(c):
    return f"sec-ch-ua-model: \"{c.p('fingerprint', 'SM-S' + c.digits('ddd') + 'B')}\" | sec-ch-ua-platform-version: \"{c.p('fingerprint', c.digits('1d.d.d'))}\" | accept: {c.k('text/html')} | x-request-start: {c.k('t=1760868672.123')}", "plain"


@t("header")
def digest_auth(c):
    return f'Authorization: Digest username="{c.p("name", "r" + c.alnum(7).lower())}", realm="{c.k("carrier")}", nonce="{c.alnum(24)}", uri="/labels", response="{c.p("password", c.hex(32))}", qop=auth', "plain"


# JSON.

@t("json")
def ecs_log(c):
    return d({"@timestamp": c.k(c.stamp()), "log.level": c.k("info"), "user.full_name": c.p("name", c.name()), "user.email": c.p("email", c.email()), "client.geo.location": {"lat": c.p("geo", c.lat(), 1), "lon": c.p("geo", c.lon(), 1)}, "client.ip": c.p("ip", c.ip()), "event.action": c.k("login"), "service.name": c.k("portal"), "trace.id": c.k(c.trace())}), "json"


@t("json")
def gelf(c):
    return d({"version": "1.1", "host": c.k("app-3"), "short_message": "checkout done", "_customer_tel": c.p("phone", c.phone()), "_lieferadresse": c.p("address", c.street()), "_bestellnr": c.k(c.order()), "level": 6}), "jsona"


@t("json")
def cloudtrail_like(c):
    return d({"eventName": c.k("AssumeRole"), "sourceIPAddress": c.p("ip", c.ip4()), "userAgent": c.p("fingerprint", c.agent()), "requestParameters": {"roleArn": c.k("arn:aws:iam::123456789012:role/Sync")}, "responseElements": {"credentials": {"accessKeyId": c.p("aws_key", c.aws_key()), "secretAccessKey": c.p("aws_secret", c.aws_secret()), "sessionToken": c.p("aws_secret", c.alnum(120, "/+"))}}}), "json"


@t("json")
def graphql(c):
    return d({"operationName": c.k("UpdateAddress"), "query": "mutation UpdateAddress($in: AddressInput!) { updateAddress(input: $in) { id } }", "variables": {"in": {"givenName": c.p("name", c.first()), "familyName": c.p("name", c.last()), "thoroughfare": c.p("address", c.street()), "postalCode": c.p("address", c.postcode())}}}), "json"


@t("json")
def graphql_inline(c):
    return d({"query": f'{{ customer(email: "{c.p("email", c.email())}") {{ id orders {{ id }} }} }}', "trace": c.k(c.trace())}), "json"


@t("json")
def jsonapi(c):
    return d({"data": {"type": c.k("contacts"), "id": c.k("8812"), "attributes": {"first-name": c.p("name", c.first()), "last-name": c.p("name", c.last()), "e-mail": c.p("email", c.email()), "fiscal-code": c.p("tax_id", c.digits("XXXXXXddXddXdddX")), "created-at": c.k(c.stamp())}}}), "json"


@t("json")
def name_value_pairs(c):
    return d({"form": "rückgabe", "fields": [{"name": "vor_und_nachname", "value": c.p("name", c.name())}, {"name": "email", "value": c.p("email", c.email())}, {"name": "grund", "value": c.p("survey", c.opinion())}, {"name": "order_id", "value": c.k(c.order())}]}), "json"


@t("json")
def key_value_upper(c):
    return d({"Attributes": [{"Key": "CUSTOMER_PHONE", "Value": c.p("phone", c.phone())}, {"Key": "SHIP_TO_NAME", "Value": c.p("name", c.name())}, {"Key": "WAREHOUSE", "Value": c.k("LEJ1")}]}), "jsona"


@t("json")
def columns_rows(c):
    return d({"columns": ["order_id", "nombre", "correo", "total"], "rows": [[c.k(c.order()), c.p("name", c.name()), c.p("email", c.email()), c.k("12.10")]]}), "json"


@t("json")
def dynamodb_item(c):
    return d({"Item": {"pk": {"S": c.k("ORDER#" + c.order())}, "buyerName": {"S": c.p("name", c.name())}, "buyerPhone": {"S": c.p("phone", c.phone())}, "addr": {"M": {"street": {"S": c.p("address", c.street())}, "zip": {"S": c.p("address", c.postcode())}}}, "qty": {"N": c.k("2")}}}), "json"


@t("json")
def sns_in_sqs(c):
    inner = d({"NotificationType": c.k("ORDER_CHANGE"), "buyer": {"name": c.p("name", c.name()), "e_mail": c.p("email", c.email())}, "orderId": c.k(c.order())})
    body = d({"Type": "Notification", "MessageId": c.k(c.uuid()), "Message": inner})
    return d({"Records": [{"messageId": c.k(c.uuid()), "body": body, "eventSource": c.k("aws:sqs")}]}), "json3"


@t("json")
def kinesis_b64(c):
    seq, part = c.k("4959033827149025660855969253836157109592157598913658"), c.k("shard-0003")
    blob = c.blob(d({"customer": {"lastName": c.p("name", c.last()), "mobile": c.p("phone", c.phone())}}), b64)
    return d({"kinesis": {"partitionKey": part, "sequenceNumber": seq, "data": blob}}), "plain"


@t("json")
def truncated_json(c):
    full = d({"evt": c.k("address_validated"), "order": c.k(c.order()), "dest": {"contactName": c.p("name", c.name()), "addressLine": [c.p("address", c.street()), "x"], "postcode": c.p("address", c.postcode())}, "candidates": [{"score": 0.9}]})
    return full[:-14] + "...<truncated>", "json"


@t("json")
def stripe_event(c):
    return d({"id": c.k("evt_1Nabc"), "type": c.k("charge.succeeded"), "data": {"object": {"amount": 2010, "billing_details": {"name": c.p("name", c.name()), "email": c.p("email", c.email()), "address": {"line1": c.p("address", c.street()), "postal_code": c.p("address", c.postcode()), "country": c.k("PL")}}, "payment_method_details": {"card": {"number": c.p("card", c.card()), "brand": "visa"}}}}}), "json"


@t("json")
def shopify_order(c):
    return d({"order_number": 1182, "client_details": {"browser_ip": c.p("ip", c.ip4()), "user_agent": c.p("fingerprint", c.agent())}, "note": c.p("survey", c.opinion()), "shipping_address": {"first_name": c.p("name", c.first()), "address1": c.p("address", c.street()), "phone": c.p("phone", c.phone()), "latitude": c.p("geo", c.lat(), 1)}, "line_items": [{"title": c.k("Desk lamp"), "sku": c.k(c.sku())}]}), "json"


@t("json")
def spapi_2026(c):
    return d({"orders": [{"orderId": c.k(c.order()), "salesChannel": {"marketplaceId": c.k(c.market())}, "buyer": {"buyerName": c.p("name", c.name()), "buyerEmail": c.p("email", c.email())}, "recipient": {"deliveryAddress": {"name": c.p("name", c.name()), "addressLine1": c.p("address", c.street()), "postalCode": c.p("address", c.postcode()), "extendedFields": {"neighborhood": c.p("address", c.street())}}}, "packing": {"giftOption": {"giftMessage": c.p("gift_message", c.gift())}}}]}), "json"


@t("json")
def spapi_ext_fulfilment(c):
    return d({"shipmentInfo": {"shipToAddress": {"name": c.p("name", c.name()), "addressLine1": c.p("address", c.street()), "postalCode": c.p("address", c.postcode()), "geocode": {"latitude": c.p("geo", c.lat()), "longitude": c.p("geo", c.lon())}}, "lockerAccessCode": c.p("password", c.digits("dddddd")), "signedForBy": c.p("name", c.name()), "trackingId": c.k(c.ups())}}), "json"


@t("json")
def mixed_lang_profile(c):
    return d({"氏名": c.p("name", c.name()), "メールアドレス": c.p("email", c.email()), "電話番号": c.p("phone", c.phone()), "住所": c.p("address", c.street()), "注文番号": c.k(c.order())}), "json"


@t("json")
def arabic_profile(c):
    return d({"الاسم": c.p("name", c.name()), "رقم الهاتف": c.p("phone", c.phone()), "العنوان": c.p("address", c.street()), "order": c.k(c.order())}), "jsona"


@t("json")
def hindi_profile(c):
    return d({"नाम": c.p("name", c.name()), "पता": c.p("address", c.street()), "मोबाइल": c.p("phone", c.phone()), "asin": c.k(c.asin())}), "json"


@t("json")
def chinese_profile(c):
    return d({"收件人": c.p("name", c.name()), "手机号": c.p("phone", c.phone()), "详细地址": c.p("address", c.street()), "sku": c.k("LMP-1234-XL")}), "json"


@t("json")
def chat_message(c):
    return d({"conversation_id": c.k("c-8812"), "ticket": {"customer_message": c.p("survey", c.opinion()), "priority": c.k("low")}, "ts": 1760868672}), "json"


@t("json")
def device_register(c):
    return d({"evt": c.k("device_registered"), "idfa": c.p("device_id", c.uuid().upper()), "wifi_mac": c.p("device_id", c.mac()), "imei": c.p("device_id", c.imei()), "app_version": c.k("7.4.1"), "os": c.k("android")}), "json"


@t("json")
def har_entry(c):
    return d({"startedDateTime": c.k(c.stamp()), "request": {"method": "POST", "url": c.k("https://shop.example/api/konto"), "headers": [{"name": "Cookie", "value": "sid=" + c.p("cookie", c.session())}, {"name": "Accept", "value": c.k("*/*")}], "postData": {"params": [{"name": "iban", "value": c.p("iban", c.iban())}, {"name": "kontoinhaber", "value": c.p("name", c.name())}]}}, "time": 41}), "json"


@t("json")
def body_string_form(c):
    return d({"lvl": c.k("debug"), "url": c.k("/signup"), "rawBody": f'vorname={c.p("name", c.first())}&geburtsdatum={c.p("birth", c.dob())}&tel={c.p("phone", c.phone())}&agb=1'}), "jsonurl"


@t("json")
def ndjson_numbers(c):
    return d({"loc": {"lat": c.p("geo", c.lat(), 1), "lng": c.p("geo", c.lon(), 1)}, "acc": 12.5, "speed": 3.1, "trip": c.k("T-88123"), "battery": 0.81}), "plain"


@t("json")
def tax_brazil(c):
    return d({"pedido": c.k(c.order()), "cliente": {"nome": c.p("name", c.name()), "cpf": c.p("tax_id", c.cpf()), "celular": c.p("phone", c.phone()), "endereco": {"logradouro": c.p("address", c.street()), "cep": c.p("address", c.postcode())}}, "valor": 12.9}), "jsona"


@t("json")
def js_loose(c):
    return f"{{email:'{c.p('email', c.email())}',vatNumber:'{c.p('tax_id', 'PL' + c.digits('dddddddddd'))}',orderId:'{c.k(c.order())}',ok:!0}}", "repr"


# XML, SOAP, vCard and others.

@t("text")
def soap(c):
    return f'<soapenv:Envelope xmlns:soapenv="{c.k("http://schemas.xmlsoap.org/soap/envelope/")}"><soapenv:Body><ns2:createLabel><ns2:ConsigneeName>{c.p("name", c.name())}</ns2:ConsigneeName><ns2:Strasse>{c.p("address", c.street())}</ns2:Strasse><ns2:Plz>{c.p("address", c.postcode())}</ns2:Plz><ns2:Product>{c.k("V01PAK")}</ns2:Product></ns2:createLabel></soapenv:Body></soapenv:Envelope>', "xml"


@t("text")
def xml_attributes(c):
    return f'<order id="{c.k(c.order())}" status="{c.k("NEW")}"><customer firstName="{c.p("name", c.first())}" lastName="{c.p("name", c.last())}" eMail="{c.p("email", c.email())}"/><item sku="{c.k("AB-9912")}" qty="{c.k("2")}"/></order>', "xmlnum"


@t("text")
def xml_cdata(c):
    return f'<shipment no="{c.k("8812")}"><giftMessage><![CDATA[{c.p("gift_message", c.gift())}]]></giftMessage><weight>{c.k("1.2")}</weight></shipment>', "plain"


@t("text")
def xml_hex(c):
    return f'<contact><telefono>{c.p("phone", c.phone())}</telefono><correo>{c.p("email", c.email())}</correo><pedido>{c.k(c.order())}</pedido></contact>', "xmlhex"


@t("text")
def amazon_feed_xml(c):
    return f'<Message><MessageID>{c.k("1")}</MessageID><OrderReport><AmazonOrderID>{c.k(c.order())}</AmazonOrderID><BillingData><BuyerEmailAddress>{c.p("email", c.email())}</BuyerEmailAddress><BuyerName>{c.p("name", c.name())}</BuyerName><BuyerPhoneNumber>{c.p("phone", c.phone())}</BuyerPhoneNumber></BillingData></OrderReport></Message>', "xml"


@t("text")
def vcard(c):
    return f"BEGIN:VCARD\\nVERSION:{c.k('4.0')}\\nN:{c.p('name', c.last())};{c.p('name', c.first())};;;\\nFN:{c.p('name', c.name())}\\nTEL;TYPE=cell:{c.p('phone', c.phone())}\\nEMAIL:{c.p('email', c.email())}\\nBDAY:{c.p('birth', c.dob())}\\nEND:VCARD", "plain"


@t("text")
def ical(c):
    return f"BEGIN:VEVENT UID:{c.k(c.uuid())} ATTENDEE;CN={c.p('name', c.name())};ROLE=REQ-PARTICIPANT:mailto:{c.p('email', c.email())} DTSTART:{c.k('20261019T101112Z')} END:VEVENT", "plain"


@t("text")
def edifact(c):
    return f"UNH+1+IFTMIN:D:01B:UN'NAD+CN+++{c.p('name', c.name())}+{c.p('address', c.street())}+{c.city()}++{c.p('address', c.postcode())}+DE'RFF+ON:{c.k(c.order())}'", "plain"


@t("text")
def env_file(c):
    return f"LWA_CLIENT_SECRET={c.p('client_secret', c.client_secret())} LWA_REFRESH_TOKEN={c.p('lwa_refresh', c.refresh())} SMTP_PASSWORD={c.p('password', c.alnum(16))} NODE_ENV={c.k('production')} PORT={c.k('8080')}", "plain"


@t("text")
def env_quoted(c):
    return f'export DATABASE_URL="postgres://{c.p("name", "app" + c.alnum(4).lower())}:{c.p("password", c.alnum(18))}@{c.k("db.internal")}:5432/{c.k("orders")}" LOG_LEVEL={c.k("debug")}', "plain"


@t("text")
def ini_config(c):
    return f"[mail] smtp_user={c.p('email', c.email())} smtp_passwd={c.p('password', c.alnum(12))} host={c.k('smtp.shop.example')} port={c.k('587')}", "plain"


@t("text")
def yaml_inline(c):
    return f"kunde: {{ nachname: {c.p('name', c.last())}, e-mail: {c.p('email', c.email())}, hausnummer: {c.p('address', str(c.r.randrange(1, 200)) + 'c')} }} bestellung: {c.k(c.order())}", "plain"


@t("text")
def yaml_lines(c):
    return f"recipient:\\n  name: {c.p('name', c.name())}\\n  phone: \"{c.p('phone', c.phone())}\"\\n  street: {c.p('address', c.street())}\\norder: {c.k(c.order())}\\nreplicas: {c.k('3')}", "plain"


@t("text")
def protobuf_text(c):
    return f'order {{ id: "{c.k(c.order())}" ship_to {{ full_name: "{c.p("name", c.name())}" address_lines: "{c.p("address", c.street())}" postal_code: "{c.p("address", c.postcode())}" }} weight_grams: {c.k("412")} }}', "oct"


@t("text")
def kafka_console(c):
    return f"CreateTime:{c.k('1760868672123')} Partition:{c.k('3')} Offset:{c.k('88123')} key={c.k('order-' + c.order())} value=" + d({"empfaenger": c.p("name", c.name()), "handy": c.p("phone", c.phone())}), "json"


@t("text")
def redis_monitor(c):
    return f'{c.k("1760868672.123456")} [0 {c.p("ip", c.ip4())}:51234] "HSET" "{c.k("cust:8812")}" "email" "{c.p("email", c.email())}" "phone" "{c.p("phone", c.phone())}"', "ruby"


# Databases.

@t("text")
def sql_update(c):
    return f"UPDATE customers SET surname = '{c.p('name', c.last())}', addr_1 = '{c.p('address', c.street())}', updated_at = '{c.k('2026-10-19 10:11:12')}' WHERE id = {c.k('88123')}", "sql"


@t("text")
def sql_insert_multi(c):
    o = c.person()
    return f"INSERT INTO `addr` (`id`,`nom`,`telephone`,`code_postal`,`qty`) VALUES ({c.k('71')},'{c.p('name', c.name())}','{c.p('phone', c.phone())}','{c.p('address', c.postcode())}',{c.k('2')}),({c.k('72')},'{c.p('name', o.name())}','{c.p('phone', o.phone())}','{c.p('address', o.postcode())}',{c.k('9')})", "sql"


@t("text")
def sql_where_mssql(c):
    return f"exec sp_executesql N'SELECT * FROM [Kunde] WHERE [Nachname]=@p0 AND [Email]=@p1',N'@p0 nvarchar(50),@p1 nvarchar(80)',@p0=N'{c.p('name', c.last())}',@p1=N'{c.p('email', c.email())}' -- {c.k('12')} ms", "sql"


@t("text")
def sql_pg_params(c):
    return f"{c.k('2026-10-19 10:11:12.123 UTC')} [{c.k('4412')}] DETAIL:  parameters: $1 = '{c.p('email', c.email())}', $2 = '{c.k(c.order())}', $3 = '{c.p('address', c.street())}'", "sql"


@t("text")
def sql_like(c):
    return f"slow query {c.k('1834')} ms: SELECT id FROM buyers WHERE lower(email) LIKE '%{c.p('email', c.email())}%' AND marketplace = '{c.k(c.market())}' LIMIT {c.k('50')}", "sql"


@t("text")
def mongo_shell(c):
    return f"db.customers.updateOne({{ _id: ObjectId(\"{c.k('65f1a2b3c4d5e6f708192a3b')}\") }}, {{ $set: {{ \"profile.lastName\": \"{c.p('name', c.last())}\", \"contact.phone\": \"{c.p('phone', c.phone())}\" }} }})", "ruby"


@t("text")
def mongo_log(c):
    return d({"t": {"$date": c.k(c.stamp())}, "s": "I", "c": c.k("COMMAND"), "attr": {"ns": c.k("shop.customers"), "command": {"find": "customers", "filter": {"email": c.p("email", c.email()), "address.zip": c.p("address", c.postcode())}}, "durationMillis": 182}}), "json"


@t("text")
def cassandra_cql(c):
    return f"UPDATE shop.parcels SET consignee='{c.p('name', c.name())}', dest_street='{c.p('address', c.street())}' WHERE parcel_id={c.k(c.uuid())}", "sql"


@t("text")
def elastic_query(c):
    return d({"took": 12, "index": c.k("orders-2026.10"), "query": {"bool": {"must": [{"match": {"recipient_name": c.p("name", c.name())}}, {"term": {"ship_phone": c.p("phone", c.phone())}}]}}}), "json"


# Tables.

@t("text")
def csv_header_row(c):
    return f"order-id,buyer-name,ship-address-1,ship-postal-code,sku\\n{c.k(c.order())},\"{c.p('name', c.name())}\",\"{c.p('address', c.street())}\",{c.p('address', c.postcode())},{c.k('LMP-9914-XL')}", "csv"


@t("text")
def tsv_report(c):
    return "amazon-order-id\tpurchase-date\tbuyer-email\trecipient-name\tship-phone-number\tquantity\\n" + "\t".join([c.k(c.order()), c.k("2026-10-19T10:11:12+00:00"), c.p("email", c.email()), c.p("name", c.name()), c.p("phone", c.phone()), c.k("3")]), "plain"


@t("text")
def csv_semicolon(c):
    return f"Bestellnummer;Kunde;Strasse;PLZ;Betrag\\n{c.k(c.order())};{c.p('name', c.name())};{c.p('address', c.street())};{c.p('address', c.postcode())};{c.k('19,95')}", "plain"


@t("text")
def pipe_table(c):
    return f"| order_id | nombre | telefono |\\n| {c.k(c.order())} | {c.p('name', c.name())} | {c.p('phone', c.phone())} |", "plain"


# Forms.

@t("form")
def form_nl(c):
    return f"voornaam={c.p('name', c.first())}&achternaam={c.p('name', c.last())}&straat={c.p('address', c.street())}&huisnr={c.p('address', str(c.r.randrange(1, 300)))}&mob={c.p('phone', c.phone())}&bestelling={c.k(c.order())}", "plus"


@t("form")
def form_pl(c):
    return f"imie={c.p('name', c.first())}&nazwisko={c.p('name', c.last())}&kod_pocztowy={c.p('address', c.postcode())}&nr_tel={c.p('phone', c.phone())}&zgoda={c.k('tak')}", "url"


@t("form")
def form_brackets(c):
    return f"order%5Bid%5D={c.k(c.order())}&order%5Bshipping%5D%5Bname%5D={c.p('name', c.name())}&order%5Bshipping%5D%5Blines%5D%5B0%5D={c.p('address', c.street())}&order%5Bqty%5D={c.k('2')}", "url"


@t("form")
def form_token_exchange(c):
    return f"grant_type={c.k('authorization_code')}&code={c.p('lwa_refresh', c.alnum(20))}&client_id={c.k('amzn1.application-oa2-client.' + c.hex(32))}&client_secret={c.p('client_secret', c.client_secret())}", "plain"


@t("form")
def form_multipart(c):
    return f'------WebKitFormBoundaryx\\r\\nContent-Disposition: form-data; name="apellidos"\\r\\n\\r\\n{c.p("name", c.last())}\\r\\n------WebKitFormBoundaryx\\r\\nContent-Disposition: form-data; name="dni"\\r\\n\\r\\n{c.p("id_number", c.digits("ddddddddX"))}\\r\\n------WebKitFormBoundaryx--', "plain"


@t("form")
def form_ja(c):
    return f"%E6%B0%8F%E5%90%8D={c.p('name', c.name())}&%E9%9B%BB%E8%A9%B1%E7%95%AA%E5%8F%B7={c.p('phone', c.phone())}&page={c.k('2')}", "plus"


@t("form")
def form_saml(c):
    return f"SAMLResponse={c.p('jwt', c.alnum(200, '+/'))}&RelayState={c.k('orders')}&lang={c.k('fr')}", "url"


@t("form")
def form_card_de(c):
    return f"kartennummer={c.p('card', c.card())}&karteninhaber={c.p('name', c.name())}&pruefziffer={c.p('password', c.digits('ddd'))}&betrag={c.k('41.20')}", "plus"


# Encodings.

@t("text")
def syslog_hex(c):
    return f"<134>1 {c.k(c.stamp())} {c.k('web-2')} shop {c.k('4412')} ID47 [meta@32473 user=\"{c.p('name', c.name())}\"] nginx: body=\"nome={c.p('name', c.name())}\"", "hexesc"


@t("text")
def nginx_json_escape(c):
    return f'{{"remote":"{c.p("ip", c.ip4())}","body":"\\x7B\\x22email\\x22:\\x22{c.p("email", c.email())}\\x22,\\x22nachname\\x22:\\x22{c.p("name", c.last())}\\x22\\x7D","status":{c.k("200")}}}', "hexescu"


@t("text")
def mime_qp(c):
    return f"Content-Transfer-Encoding: quoted-printable Name: {c.p('name', c.name())} Tel: {c.p('phone', c.phone())} X-Order: {c.k(c.order())}", "plain"


@t("text")
def hex_blob(c):
    order = c.k(c.order())
    blob = c.blob(d({"email": c.p("email", c.email()), "name": c.p("name", c.name())}), lambda s: s.encode().hex())
    return f"queue dump order={order} payload=0x{blob}", "plain"


@t("text")
def data_url(c):
    sku = c.k(c.sku())
    blob = c.blob("BEGIN:VCARD FN:" + c.p("name", c.name()) + " TEL:" + c.p("phone", c.phone()), b64)
    return f"qr sku={sku} href=data:text/vcard;base64,{blob}", "plain"


@t("text")
def fullwidth_email(c):
    return f"問い合わせ メール：{c.p('email', c.email())} 電話：{c.p('phone', c.phone())} 注文 {c.k(c.order())}", "plain"


@t("text")
def logback_mdc(c):
    return f"{c.k('10:11:12.131')} [{c.k('http-nio-1')}] INFO  {c.k('c.s.Label')} [traceId={c.k(c.trace())}, userEmail={c.p('email', c.email())}] - label for {c.k(c.order())} printed", "plain"


@t("text")
def log4j_nested(c):
    return f"WARN  [{c.k('pool-2-thread-7')}] Dispatcher - Cannot deliver Parcel{{trackingId='{c.k(c.ups())}', destinatario='{c.p('name', c.name())}', indirizzo='{c.p('address', c.street())}', cap='{c.p('address', c.postcode())}'}}", "repr"


# Lines without anything personal, full of what looks personal.

@t("text")
def neg_build(c):
    return f"build {c.k('20261019.4')} image {c.k('registry.example/app@sha256:' + c.hex(64))} pushed by {c.k('ci-runner-7')} took {c.k('412.331s')} node@{c.k('20.11.1')} left-pad@{c.k('1.3.0')} user-agent-parser@{c.k('2.0.1')}", "plain"


@t("text")
def neg_numbers(c):
    return f"heartbeat seq={c.k('49590338271490')} epoch={c.k('1760868672')} epoch_ms={c.k('1760868672123')} offset={c.k('5512345678')} heap={c.k('4294967296')} uptime={c.k('0212555')} crc={c.k('0612345678')}", "plain"


@t("text")
def neg_tracking(c):
    return f"scan {c.k(c.ups())} usps={c.k('94' + c.digits('dddddddddddddddddddd'))} sscc={c.k('00340' + c.digits('ddddddddddddddd'))} ean={c.k(c.ean())} asin={c.k(c.asin())} fnsku={c.k('X00' + c.digits('ddddddd'))}", "plain"


@t("json")
def neg_k8s_event(c):
    return d({"kind": c.k("Event"), "metadata": {"name": c.k(c.pod() + ".17a3b2c1d4e5f607"), "namespace": c.k("orders-prod"), "uid": c.k(c.uuid())}, "reason": c.k("BackOff"), "source": {"component": c.k("kubelet"), "host": c.k("ip-10-0-1-23.eu-west-1.compute.internal")}, "count": 12}), "json"


@t("json")
def neg_metrics(c):
    return d({"email_count": 41, "phone_verified": True, "has_address": False, "address_type": c.k("Residential"), "token_type": c.k("bearer"), "expires_in": 3600, "name_length": 12, "mailbox_size": 80123, "user_count": 9, "card_type": c.k("credit"), "ip_version": c.k("v6")}), "json"


@t("json")
def neg_product(c):
    return d({"product": {"name": c.k("Vitamin E Oil 50 ml"), "brand": c.k("Johnson Baker"), "asin": c.k(c.asin())}, "category": {"name": c.k("Beauty Care")}, "warehouse": {"name": c.k("Leipzig North"), "code": c.k("LEJ1")}, "price": 12.9}), "json"


@t("url")
def neg_url(c):
    return f'GET /catalog/2022-04-01/items?identifiers={c.k(c.ean())}&identifiersType={c.k("EAN")}&marketplaceIds={c.k(c.market())}&pageSize={c.k("20")}&pageToken={c.k("3")} HTTP/1.1 {c.k("200")} {c.k(c.ms())} {c.k("0.231")}', "plain"


@t("text")
def neg_stack(c):
    return f"java.lang.NullPointerException: Cannot invoke \\\"String.length()\\\" because \\\"<local4>\\\" is null\\n\\tat {c.k('com.shop.address.AddressMapper.mapName(AddressMapper.java:88)')}\\n\\tat {c.k('java.base/java.lang.Thread.run(Thread.java:840)')} obj={c.k('com.shop.Person@1a2b3c4d')}", "plain"


@t("text")
def neg_sql(c):
    return f"{c.k('SELECT o.id, o.status FROM orders o JOIN order_items i ON i.order_id = o.id')} WHERE o.marketplace_id = '{c.k(c.market())}' AND o.id = '{c.k(c.order())}' LIMIT {c.k('100')}", "plain"


@t("text")
def neg_versions(c):
    return f"agent {c.k('10.2.3.4')} upgraded from v{c.k('9.8.7.65')} chart={c.k('ingress-nginx-4.11.3')} k8s={c.k('v1.31.2')} tls={c.k('TLS_AES_128_GCM_SHA256')} cidr={c.k('10.244.0.0/16')} git={c.k(c.sha())} pod={c.k(c.pod())}", "plain"


@t("text")
def neg_logfmt(c):
    return f'level=info ts={c.k(c.stamp())} caller={c.k("fetch.go:127")} msg="report ready" type={c.k("GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA")} doc={c.k("amzn1.spdoc.1.4.eu.3f2a")} rows={c.k("8812")} file_name={c.k("inventory_2026-10-19.tsv")} hostname={c.k("worker-4")} table_name={c.k("fba_inventory")}', "plain"


@t("header")
def neg_headers(c):
    return f"content-type: {c.k('application/json')} | x-amzn-requestid: {c.k(c.uuid())} | x-amzn-ratelimit-limit: {c.k('0.0167')} | etag: {c.k('33a64df551425fcc55e4d42a148795d9')} | date: {c.k('Mon, 19 Oct 2026 10:11:12 GMT')} | cache-control: {c.k('max-age=600')}", "plain"


@t("form")
def neg_form(c):
    return f"page={c.k('2')}&sort={c.k('created_at')}&status={c.k('Unshipped')}&sku={c.k('AB-1182')}&createdAfter={c.k('2026-10-01')}&qty={c.k('12')}&fulfillment_channel={c.k('MFN')}", "plain"


@t("json")
def neg_feature_flags(c):
    return d({"flag": c.k("new_address_form"), "rollout": 0.25, "cohort": c.k("beta_users"), "service": {"name": c.k("Checkout Frontend"), "version": c.k("4.2.1")}, "build": {"commit": c.k(c.sha()), "tag": c.k("v2026.10.19")}}), "json"
