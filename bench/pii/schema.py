#!/usr/bin/env python3
"""schema.py OPERATIONS.json > src/redact/lexicon/schema.txt

Packs what is known of the marketplace's operations into the text that the gate is built with. The input is a list of
objects with `method`, `path`, `restricted`, `restricted_basis` and `pii_details` (`path` as in `$.a.b[*].c`, `in`:
request, response or query, and `category`), drawn from the models of github.com/amzn/selling-partner-api-models
(Apache-2.0).

Lines of the output:

    @3 addressLine1=a,city=p        a group of members that stands in several places
    -/orders/v0                     a prefix under which an operation that is not listed counts as restricted
    GET /a/{b} R x(y(@3),z=n)       an operation; R if it is restricted; members that hold others, and kinds of leaves
"""
import collections
import json
import re
import sys

KINDS = {"address": "a", "name": "n", "phone": "t", "document": "d", "device_id": "v", "doc_url": "d", "secret": "s", "email": "e", "geo": "g",
         "tax_id": "x", "payment": "m", "free_text": "f", "ip": "i", "gift_message": "G", "image": "d", "id_number": "I", "purchase": "o", "customization": "o", "health": "h", "address_coarse": "p"}
POSTCODES = {"postalcode", "postalorzipcode"}
# A country says nothing of a person, and logs are searched by it.
COARSE = {"country", "countrycode"}


def kind(path, category):
    leaf = path.rsplit(".", 1)[-1].replace("[*]", "").lower()
    if leaf in COARSE:
        return None
    return "z" if leaf in POSTCODES else KINDS[category]


def tree(operation):
    root = {}
    for detail in operation["pii_details"]:
        letter = kind(detail["path"], detail["category"])
        if letter is None:
            continue
        node = root
        parts = [part.replace("[*]", "") for part in detail["path"].split(".") if part != "$"]
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise SystemExit(f"{operation['path']}: {detail['path']} is below a leaf")
        node[parts[-1]] = letter
    return root


def whole(node):
    return ",".join(f"{key}={child}" if isinstance(child, str) else f"{key}({whole(child)})" for key, child in sorted(node.items()))


def show(node, groups, own=None):
    """The members of a node; those that are a group by its number, unless it is `own`."""
    text = whole(node)
    if text in groups and text != own:
        return f"@{groups[text]}"
    return ",".join(f"{key}={child}" if isinstance(child, str) else f"{key}({show(child, groups)})" for key, child in sorted(node.items()))


def count(node, seen):
    seen[whole(node)] += 1
    for child in node.values():
        if isinstance(child, dict):
            count(child, seen)


def main():
    operations = sorted(json.load(open(sys.argv[1])), key=lambda o: (o["path"], o["method"]))
    trees = [tree(operation) for operation in operations]
    seen = collections.Counter()
    for node in trees:
        count(node, seen)
    # Shorter ones first, so that a group may hold those before it.
    shared = sorted((text for text, times in seen.items() if times > 1 and len(text) > 12), key=lambda text: (len(text), text))
    groups = {text: index for index, text in enumerate(shared)}
    nodes = {}

    def collect(node):
        nodes[whole(node)] = node
        for child in node.values():
            if isinstance(child, dict):
                collect(child)

    for node in trees:
        collect(node)
    print("# Made by bench/pii/schema.py; see there for the form.")
    for text in shared:
        print(f"@{groups[text]} {show(nodes[text], groups, text)}")
    prefixes = set()
    for operation in operations:
        if operation["restricted"]:
            version = re.match(r"(/.*?/(?:v\d+|\d{4}-\d\d-\d\d))(/[^/{]+)?", operation["path"])
            family = operation["restricted_basis"] != "rdt_if_restricted_report_type"
            prefixes.add(version.group(1) if family else version.group(0))
    for prefix in sorted(prefixes):
        print("-" + prefix)
    for operation, node in zip(operations, trees):
        print(f"{operation['method']} {operation['path']} {'R' if operation['restricted'] else '.'} {show(node, groups)}".rstrip())


if __name__ == "__main__":
    main()
