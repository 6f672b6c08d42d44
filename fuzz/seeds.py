#!/usr/bin/env python3
"""What the fuzzers begin with, from the files of the tests: fuzz/corpus/READER/, one file each.

A reader whose input has parts takes them in front: a flag or a size in one byte, two sizes in two bytes each.
"""
import base64
import json
import pathlib
import shutil
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
NOW = 1_700_000_000


def files(*patterns):
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def lines(*patterns):
    return [line for text in files(*patterns) for line in text.splitlines() if line]


def encoded(*texts):
    return [text if isinstance(text, bytes) else text.encode() for text in texts]


def corpora():
    """Lines of logs, every sixth, alone and several together."""
    texts = [json.loads(line)["input"].encode() for line in lines("tests/redact/*.jsonl")]
    return texts[::6] + [b"\n".join(texts[at:at + 3]) for at in range(0, len(texts), 60)]


def certificates():
    """Of a machine with openssl: one with each sort of name, and a revocation list."""
    if not shutil.which("openssl"):
        return []
    names = ["URI:spiffe://seller.example/picker", "DNS:picker.seller.example", "email:jane.doe@mail.example", "URI:a,DNS:b"]
    found = []
    with tempfile.TemporaryDirectory() as place:
        run = lambda *words: subprocess.run(["openssl", *words], cwd=place, check=True, capture_output=True)
        for name in names:
            run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key", "-out", "pem",
                "-subj", "/CN=picker", "-addext", f"subjectAltName={name}", "-addext", "keyUsage=digitalSignature")
            run("x509", "-in", "pem", "-outform", "DER", "-out", "der")
            found.append(pathlib.Path(place, "der").read_bytes())
        pathlib.Path(place, "index").write_text("R\t350101000000Z\t250101000000Z\t0A\tunknown\t/CN=picker\n")
        pathlib.Path(place, "config").write_text("[ca]\ndefault_ca=a\n[a]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=30\n")
        run("ca", "-gencrl", "-config", "config", "-keyfile", "key", "-cert", "pem", "-out", "list.pem")
        run("crl", "-in", "list.pem", "-outform", "DER", "-out", "list")
        found += [pathlib.Path(place, name).read_bytes() for name in ("list", "list.pem")]
    return found


def requests():
    texts = [
        b"GET /orders/v0/orders?a=b HTTP/1.1\r\nHost: gate.example\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
        b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
    ]
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ]
    return [bytes([1, 5]) + text for text in texts] + [bytes([0, 5]) + text for text in answers]


def answers():
    """A status and a size in front."""
    bodies = encoded(
        '{"text":"Success","code":0,"ackId":1}',
        '{"acks":{"0":true,"1":false}}',
        '{"text":"Invalid data format","code":6,"invalid-event-number":1}',
        '{"errors":false,"items":[{"create":{"status":201}}]}',
        '{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":429,"error":{"type":"es_rejected_execution_exception"}}}]}',
        b"\x0a\x04\x08\x02\x12\x00",
        "120\nx",
        "Wed, 21 Oct 2026 07:28:00 GMT\n",
    ) + lines("fuzz/fixtures/trail.jsonl")[:4]
    return [struct.pack("<HH", status, size) + body for body in bodies for status, size in ((200, 1), (503, 400))]


def claims(**more):
    said = {"iss": "https://idp.example", "aud": "seller-app", "sub": "alice@seller.example", "exp": NOW + 60, "iat": NOW, "roles": ["a"]}
    return json.dumps(said | more).encode()


def proofs():
    digest = base64.urlsafe_b64encode(__import__("hashlib").sha256(b"token").digest()).decode().rstrip("=")
    said = {"jti": "1", "htm": "GET", "htu": "https://gate.example/orders", "iat": NOW, "ath": digest}
    return [b'{"typ":"dpop+jwt","alg":"ES256"}\n' + json.dumps(said).encode(), b'{"typ":"dpop+jwt","alg":"none"}\n{}']


def key_sets():
    point = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
    keys = [{"kty": "OKP", "crv": "Ed25519", "x": point, "kid": "a", "use": "sig", "alg": "EdDSA"},
            {"kty": "EC", "crv": "P-256", "x": point, "y": point, "kid": "b"}, {"kty": "RSA", "n": point * 8, "e": "AQAB"}]
    return [json.dumps({"keys": some}).encode() for some in (keys, keys[:1], [])]


def kept():
    uid = "01a2032a-ecf7-72d5-a577-a0eb0397aaa6"
    cursor = f"epoch {uid}\nnext 18\nrejected 0\nleft-out 0\nuntold 0 0 0\nstate working\ncause -\nat {NOW}000"
    return encoded(cursor, "00112233445566778899aabbccddeeff 1767225600000\nsanction caller 0011223344556677 locked - 1 2 3 enforce - rule 3 - - hidden",
                   f"{uid}-00000001.open", f"{uid}-00000001.seg")


def corpus():
    policies = files("tests/faults/*.yaml", "policies/*.yaml", "policies/tests/*.yaml", "tests/cases/*.yaml")
    trail = lines("fuzz/fixtures/trail.jsonl")
    notes = [json.loads(line).get("unmapped", {}).get("portcullis", {}).get("note", "").encode() for line in trail]
    roster = files("fuzz/fixtures/roster.txt")
    documents = encoded('{"payload":{"Orders":[{"id":1},{"id":"a\\u0062"}]}}', '[1,{"a":[0,{"b":1}]}]', '{"a":[1,[2,3]],"id":null}', '{"id":1,"id":2}')
    metadata = {"issuer": "https://idp.example", "jwks_uri": "https://idp.example/keys"}
    return {
        "policy": policies,
        "format": policies,
        "inject": files("tests/inject/*.yaml", "tests/faults/PC0101*.yaml"),
        "redact": corpora(),
        "canary": [b"\x07" + text for text in corpora()[:60]] + [b"\x03902-1234567-7654321", b"\x05zelda.fitz%40mail.example", b"\x02Zelda\\u0020Fitzcanary"],
        "query": encoded("MarketplaceIds=ATVPDKIKX0DER&CreatedAfter=2026-01-01", "q=jane.doe%40mail.example&&a;b=%25", "q=a+b&q"),
        "path": encoded("/orders/v0/orders/1/address", "/orders/./v0//orders/%7E/", "/admin/a;x=y/keys", "/a%20b", "/caf%C3%A9", "/orders/%2e%2e/admin",
                        "/index.php/orders", "/Orders/V0/Orders/export", "/orders/v0/orders/a%2Fb"),
        "wire": requests(),
        "past": trail + [b"\n".join(trail)],
        "note": [note for note in notes if note] + roster + [b"shared " + line for line in roster],
        "proof": files("fuzz/fixtures/proof.txt") + trail[:6],
        "trail": [bytes([at, kind, 40, 0, 65, at + 1]) for at in range(0, 17, 3) for kind in range(6)],
        "token": [b'{"alg":"ES256"}\n' + claims(), b'{"alg":"none"}\n' + claims(), b'{"alg":"ES256","kid":"a"}\n' + claims(aud=["seller-app"], nbf=NOW)],
        "dpop": proofs(),
        "key_set": key_sets(),
        "provider": [json.dumps(metadata | more).encode() for more in ({}, {"issuer": "https://other.example"}, {"jwks_uri": "http://127.0.0.1:80/k"})]
        + [json.dumps({"issuer": "https://idp.example", "fetched": NOW, "set": key_sets()[0].decode()}).encode()],
        "certificate": certificates(),
        "api_keys": encoded(f"keys:\n  - caller: warehouse-sync\n    digest: sha256:{'ab' * 32}\n    groups: [a]\n    expires: 2027-01-01\n"),
        "kept": kept(),
        "receivers": answers(),
        "records": [bytes([size]) + text for text in documents for size in (1, 200)],
        "spool": [struct.pack("<HB", cut, over) + text for cut in (0, 40, 700, 65535) for over in (0, 1) for text in (b"", b"\0\0", b"PGF1")],
        "proxy_header": [b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\nGET", b"PROXY UNKNOWN\r\n",
                         b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(range(12)) + b"GET"],
    }


for reader, seeds in corpus().items():
    place = HERE / "corpus" / reader
    place.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (place / f"seed-{number}").write_bytes(seed)
