//! `devices:`

use super::forms::{DEVICE, DEVICE_CALLER, FILE};
use super::{Key, Kind, Section};

/// `devices:`
pub static DEVICES: Section = Section {
    what: "devices",
    doc: "Whose certificates are those of devices, and who may call from which (ID-8). Such a certificate names no \
          caller: the caller proves itself by a token or an API key.",
    keys: &[
        Key::optional(
            "subject",
            Kind::Words(&["san_uri", "san_dns", "common_name"]),
            "Which name of a certificate is the device's.",
        )
        .or("san_uri"),
        Key::required("names", Kind::Filled(&Kind::Text(&DEVICE)), "Names that devices have."),
        Key::optional(
            "issuer",
            Kind::Text(&FILE),
            "Authorities that sign for devices alone, PEM: all that they sign is a device's, and nothing else is.",
        ),
        Key::required("bound", Kind::Filled(&Kind::Map(&BINDING)), "Who may call from which device."),
    ],
};

/// `devices.bound[]`
pub static BINDING: Section = Section {
    what: "an entry of devices.bound",
    doc: "Devices, and those who may call from them.",
    keys: &[
        Key::required("device", Kind::Text(&DEVICE), "The devices."),
        Key::required("callers", Kind::Filled(&Kind::Text(&DEVICE_CALLER)), "The callers."),
    ],
};
