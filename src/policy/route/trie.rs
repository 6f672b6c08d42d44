//! Templates as a tree of segments: a search takes one step for each segment of the path, whatever the number of routes.

use std::sync::Arc;

use super::Route;
use super::template::{Part, Template};
use crate::policy::path::{Plain, Segments};

/// All templates of a policy, with literals compared by case, or without.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    landings: Vec<Vec<Arc<Route>>>,
    fold: bool,
}

/// Where a search is after some segments. Numbers are places in [`Trie::nodes`] and [`Trie::landings`].
#[derive(Debug, Default)]
struct Node {
    /// Decoded literals and where they lead, in order.
    literals: Vec<(Box<[u8]>, usize)>,
    named: Option<usize>,
    any: Option<usize>,
    /// Routes whose template ends here.
    end: Option<usize>,
    /// Routes whose template ends in `**` here.
    rest: Option<usize>,
}

impl Trie {
    pub(super) fn new(fold: bool) -> Self {
        Self { nodes: vec![Node::default()], landings: Vec::new(), fold }
    }

    /// Adds a route at its template.
    pub(super) fn insert(&mut self, template: &Template<'_>, route: &Arc<Route>) {
        let mut node = 0;
        for part in template.parts() {
            node = match part {
                Part::Literal(text) => match Part::plain(text, self.fold) {
                    Some(literal) => self.literal(node, literal),
                    // Longer than any name, so no template has it: a route that nothing reaches.
                    None => return,
                },
                Part::Named(_) => self.child(node, |node| &mut node.named),
                Part::Any => self.child(node, |node| &mut node.any),
                Part::Rest => return self.land(node, |node| &mut node.rest, route),
            };
        }
        self.land(node, |node| &mut node.end, route);
    }

    fn literal(&mut self, node: usize, literal: Box<[u8]>) -> usize {
        let new = self.nodes.len();
        let literals = &mut self.nodes[node].literals;
        match literals.binary_search_by(|(text, _)| text.cmp(&literal)) {
            Ok(place) => literals[place].1,
            Err(place) => {
                literals.insert(place, (literal, new));
                self.nodes.push(Node::default());
                new
            }
        }
    }

    fn child(&mut self, node: usize, of: impl Fn(&mut Node) -> &mut Option<usize>) -> usize {
        let new = self.nodes.len();
        let child = *of(&mut self.nodes[node]).get_or_insert(new);
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    fn land(&mut self, node: usize, of: impl Fn(&mut Node) -> &mut Option<usize>, route: &Arc<Route>) {
        let new = self.landings.len();
        let landing = *of(&mut self.nodes[node]).get_or_insert(new);
        if landing == new {
            self.landings.push(Vec::new());
        }
        self.landings[landing].push(Arc::clone(route));
    }

    /// The routes of the most specific template: from left to right a literal before `{name}` before `*` before `**`,
    /// going back where a choice leads nowhere.
    ///
    /// The depth of a node is the number of segments before it, so that a search is at each node once at most: going
    /// back is bounded by the size of the table, and by 64 levels.
    pub(super) fn find(&self, segments: Segments<'_>) -> &[Arc<Route>] {
        self.walk(&self.nodes[0], segments).map_or(&[], |landing| &self.landings[landing])
    }

    fn walk(&self, node: &Node, mut segments: Segments<'_>) -> Option<usize> {
        let Some(segment) = segments.next() else { return node.end.or(node.rest) };
        node.lookup(segment, &segments)
            .and_then(|child| self.walk(&self.nodes[child], segments))
            .or_else(|| node.named.and_then(|child| self.walk(&self.nodes[child], segments)))
            .or_else(|| node.any.and_then(|child| self.walk(&self.nodes[child], segments)))
            .or(node.rest)
    }
}

impl Node {
    fn lookup(&self, segment: &str, segments: &Segments<'_>) -> Option<usize> {
        if self.literals.is_empty() {
            return None;
        }
        let mut buffer = Plain::new();
        let wanted = segments.reading().plain(segment, &mut buffer)?;
        let place = self.literals.binary_search_by(|(text, _)| (**text).cmp(wanted)).ok()?;
        Some(self.literals[place].1)
    }
}
