//! Names of columns and a row of them, each under its own key: `columns=order-id,recipient-name,zip values=028-1,Jane
//! Doe,12345`.

use smallvec::SmallVec;

use crate::redact::detect::text::{Listed, at, before, run, run_back};
use crate::redact::structure::{self, rows};

use super::inline_table::InlineTable;
use crate::redact::engine::sweep::Sweep;

/// What the names of columns are under.
static HEADS: Listed = Listed::new(&[
    "columns",
    "column",
    "cols",
    "columnnames",
    "header",
    "headers",
    "heading",
    "headings",
    "fields",
    "fieldnames",
    "names",
    "spalten",
    "felder",
    "kopfzeile",
    "kopf",
    "colonnes",
    "champs",
    "entete",
    "columnas",
    "campos",
    "cabecera",
    "encabezado",
    "colonne",
    "campi",
    "intestazione",
    "kolommen",
    "velden",
    "kop",
    "kolumny",
    "pola",
    "naglowek",
    "kolumner",
    "rubrik",
    "sutunlar",
    "alanlar",
    "colunas",
    "cabecalho",
]);
/// What a row is under.
static ROWS: Listed = Listed::new(&[
    "values",
    "value",
    "vals",
    "row",
    "rows",
    "data",
    "record",
    "records",
    "line",
    "cells",
    "tuple",
    "content",
    "raw",
    "werte",
    "zeile",
    "zeilen",
    "daten",
    "satz",
    "datensatz",
    "valeurs",
    "ligne",
    "lignes",
    "donnees",
    "valores",
    "fila",
    "filas",
    "datos",
    "valori",
    "riga",
    "righe",
    "dati",
    "waarden",
    "rij",
    "rijen",
    "gegevens",
    "wartosci",
    "wiersz",
    "dane",
    "varden",
    "rad",
    "rader",
    "degerler",
    "satir",
    "veri",
    "linha",
    "linhas",
    "dados",
]);
/// Columns, and bytes of a name.
const MAX_COLUMNS: usize = 64;
const MAX_NAME: usize = 48;

impl Sweep<'_> {
    /// Deals with the cells of a row whose columns, which `separator` parts, are named before it.
    pub fn columns_before_values(&mut self, separator: u8) -> bool {
        let text = self.view.text;
        memchr::memchr_iter(separator, text).take(MAX_COLUMNS).any(|place| {
            let length = run_back(text, place, MAX_NAME, is_of_name);
            let start = place - length;
            let opens = matches!(before(text, start), b'=' | b':' | b' ' | b'(' | b'[' | b'"' | b'\'');
            length > 0 && opens && self.columns_from(separator, start)
        })
    }

    /// The same with the first name at `start`.
    fn columns_from(&mut self, separator: u8, start: usize) -> bool {
        let text = self.view.text;
        let Some(word) = key_before(text, start) else { return false };
        if !HEADS.has(word) {
            return false;
        }
        let mut names: SmallVec<[&[u8]; 16]> = SmallVec::new();
        let mut end = start;
        while names.len() < MAX_COLUMNS {
            let length = run(text, end, MAX_NAME, is_of_name);
            names.push(&text[end..end + length]);
            end += length;
            let quote = usize::from(at(text, end) == b' ');
            let next = end + quote;
            if at(text, next) != separator {
                break;
            }
            end = next + 1 + run(text, next + 1, 1, |byte| byte == b' ');
        }
        // `cols: id, zip; vals: …`: the last comma is the list's own.
        let Some((row, closes)) = row_behind(text, end) else { return false };
        if names.len() < 2 || !names.iter().all(|name| rows::is_name(name)) {
            return false;
        }
        let Some(columns) = rows::columns(&names) else { return false };
        let ends = |place: usize| {
            let byte = text[place];
            byte == b'\n'
                || closes.contains(&byte)
                || matches!(byte, b' ' | b';') && structure::is_pair(text, place + 1)
                || closes.is_empty() && matches!(byte, b']' | b')' | b'}')
        };
        let mut cells: SmallVec<[(usize, usize); 16]> = SmallVec::new();
        let mut next = row;
        for index in 0..names.len() {
            let last = index + 1 == names.len();
            next += run(text, next, 2, |byte| byte == b' ');
            let (cell, after) = rows::cell(text, next, separator, ends);
            cells.push(cell);
            next = after + usize::from(!last);
            if !last && at(text, after) != separator {
                return false;
            }
        }
        for ((from, to), (meaning, name)) in cells.into_iter().zip(columns.iter().zip(&names)) {
            self.cell_of_table(*meaning, name, from, to);
        }
        self.table = InlineTable { cells: (start, next), joint: (end, row) };
        true
    }
}

/// A byte of a column's name, spaces aside.
const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-' | b'.')
}

/// The word before what begins at `start`, over brackets, quotes, a separator and spaces.
fn key_before(text: &[u8], start: usize) -> Option<&[u8]> {
    let marks = run_back(text, start, 6, |byte| matches!(byte, b' ' | b'=' | b':' | b'(' | b'[' | b'"' | b'\'' | b'>'));
    let end = start - marks;
    let length = run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    (length > 0).then(|| &text[end - length..end])
}

/// Where the row behind the names that end at `end` begins, and what closes it.
fn row_behind(text: &[u8], end: usize) -> Option<(usize, &'static [u8])> {
    let marks = run(text, end, 6, |byte| matches!(byte, b' ' | b']' | b')' | b'"' | b'\'' | b',' | b';' | b'|'));
    let word = end + marks;
    let length = run(text, word, 16, |byte| byte.is_ascii_alphabetic());
    if marks == 0 || !ROWS.has(&text[word..word + length]) {
        return None;
    }
    let mut next = word + length;
    next += run(text, next, 1, |byte| matches!(byte, b'"' | b'\''));
    let gap = run(text, next, 4, |byte| matches!(byte, b' ' | b'=' | b':' | b'>'));
    next += gap;
    if gap == 0 {
        return None;
    }
    let closes: &[u8] = match at(text, next) {
        b'[' => b"]",
        b'(' => b")",
        // A quote around all of the row, or around its first cell alone.
        b'"' if text[word..next].contains(&b'"') => b"\"",
        b'\'' => b"'",
        _ => return Some((next, b"")),
    };
    Some((next + 1, closes))
}
