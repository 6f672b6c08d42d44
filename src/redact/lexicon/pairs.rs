//! Keys whose values are a key and its value: `{"name": "email", "value": "…"}`.

use super::split::Words;

/// Half of a pair of keys such as `{"name": "customer_email", "value": "…"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// Its value is a key.
    Name,
    /// Its value is what that key means.
    Value,
}

/// Which half of a pair a key is, if there is another key of the other half beside it.
pub(super) fn half(words: &Words) -> Option<Pair> {
    match words.joined() {
        "bezeichnung" | "feld" | "feldname" | "merkmal" | "champ" | "libelle" | "campo" | "veld" | "veldnaam"
        | "pole" | "frage" | "name" | "path" | "loc" | "propertypath" | "instancepath" | "key" | "field"
        | "fieldname" | "fieldid" | "attribute" | "attributename" | "label" | "property" | "propertyname" | "param"
        | "paramname" | "parameter" | "parametername" | "header" | "headername" | "column" | "columnname" | "title"
        | "caption" | "heading" | "titel" | "titre" | "titulo" | "titolo" | "question" | "k" | "n" | "type"
        | "code" | "id" | "claimtype" | "variable" | "variablename" | "system" => Some(Pair::Name),
        "wert" | "inhalt" | "eingabe" | "valeur" | "valor" | "valore" | "waarde" | "wartosc" | "varde" | "deger"
        | "value" | "values" | "val" | "fieldvalue" | "attributevalue" | "propertyvalue" | "paramvalue"
        | "parametervalue" | "headervalue" | "columnvalue" | "answer" | "v" | "stringvalue" | "valueasstring"
        | "input" | "rejectedvalue" | "inputvalue" | "submittedvalue" | "invalidvalue" | "providedvalue"
        | "currentvalue" | "attemptedvalue" | "received" | "text" | "content" | "data" | "claimvalue" | "newvalue"
        | "old" | "new" | "oldvalue" | "before" | "after" => Some(Pair::Value),
        _ => None,
    }
}
