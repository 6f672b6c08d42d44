use super::*;

#[test]
fn generic_names_are_found_in_every_dress() {
    for member in [
        "user:info@seller.example",
        "user:INFO@seller.example",
        "user:Info+orders@seller.example",
        "user:admin",
        "user:admin1@seller.example",
        "user:seller\\Administrator",
        "user:no-reply@seller.example",
        "user:no.reply@seller.example",
        "user:it-support2@seller.example",
        "user:test_user_01",
        "user:shared-mailbox@seller.example",
        "user:kontakt@seller.example",
        "user:Büro@seller.example",
        "user:Buero@seller.example",
        "user:comptabilité@seller.example",
        "key:root",
        "key:sales",
        "cert:admin@seller.example",
        "cert:spiffe://seller/test",
        "cert:spiffe://seller/ns/root/",
        "cert:guest.seller.example",
        "cert:Administrator",
    ] {
        assert!(is_generic(member), "{member}");
    }
}

#[test]
fn people_and_workloads_have_names_of_their_own() {
    for member in [
        "user:alice@seller.example",
        "user:adminah.smith@seller.example",
        "user:info.meier@seller.example",
        "user:alice.admin@seller.example",
        "user:a.test-hall@seller.example",
        "user:2c1f0b66-0000-4000-8000-1234567890ab",
        "user:uk",
        "user:mailbox-17",
        "user:testa@seller.example",
        "user:rooth@seller.example",
        "key:robot",
        "key:warehouse-sync",
        "group:admin",
        "group:sales",
        "cert:spiffe://seller/picker",
        "cert:spiffe://seller/support",
        "cert:spiffe://seller/sales-export",
        "cert:worker-1.seller.example",
        "cert:support.seller.example",
    ] {
        assert!(!is_generic(member), "{member}");
    }
}

#[test]
fn the_lists_are_as_names_are_folded() {
    for word in WORDS.iter().chain(FILLERS).chain(SERVICE_WORDS) {
        assert_eq!(fold(word), **word);
        assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
    }
}
