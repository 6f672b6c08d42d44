//! Where the bytes of a decoded text came from.

/// Pieces of a decoded text in order, each with its place in the text that was decoded. A piece is either copied byte by
/// byte or stands for one escape as a whole.
#[derive(Default)]
pub struct Map {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy)]
struct Piece {
    decoded: usize,
    source: usize,
    copied: bool,
}

impl Map {
    /// Forgets all pieces and keeps the memory.
    pub fn clear(&mut self) {
        self.pieces.clear();
    }

    /// From `decoded` on, bytes are copied from `source` on.
    pub fn copied(&mut self, decoded: usize, source: usize) {
        self.pieces.push(Piece { decoded, source, copied: true });
    }

    /// At `decoded` stands what the escape at `source` means.
    pub fn escape(&mut self, decoded: usize, source: usize) {
        self.pieces.push(Piece { decoded, source, copied: false });
    }

    /// The source of the decoded bytes `start..end`, which are not empty: whole escapes, if it touches them.
    pub fn source(&self, start: usize, end: usize, source_end: usize) -> (usize, usize) {
        (self.first(start), self.after(end.saturating_sub(1), source_end))
    }

    fn first(&self, at: usize) -> usize {
        match self.piece(at) {
            Some((piece, _)) if piece.copied => piece.source + (at - piece.decoded),
            Some((piece, _)) => piece.source,
            None => at,
        }
    }

    fn after(&self, at: usize, source_end: usize) -> usize {
        match self.piece(at) {
            Some((piece, _)) if piece.copied => piece.source + (at - piece.decoded) + 1,
            Some((_, next)) => next.map_or(source_end, |next| next.source),
            None => at + 1,
        }
    }

    fn piece(&self, at: usize) -> Option<(Piece, Option<Piece>)> {
        let next = self.pieces.partition_point(|piece| piece.decoded <= at);
        let piece = *self.pieces.get(next.checked_sub(1)?)?;
        Some((piece, self.pieces.get(next).copied()))
    }
}
