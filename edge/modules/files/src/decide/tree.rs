//! The nodes of a space and how they lie in one another. A node knows its parent; living nodes are also found by name.
//!
//! Copying a tree is cheap, because every command decides upon a copy: nodes and folders are shared until they change.

use super::name;
use events::files::view::NodeKind;
use events::ids::{NodeId, PersonId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A file or a folder, as deciding needs it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<NodeId>,
    /// None once it is forgotten.
    pub(crate) name: Option<String>,
    pub(crate) author: PersonId,
    pub(crate) kind: NodeKind,
    /// Who deleted it, while it is deleted itself.
    pub(crate) deleted: Option<PersonId>,
}

impl Node {
    pub(crate) fn is_folder(&self) -> bool {
        matches!(self.kind, NodeKind::Folder)
    }
}

type Folder = BTreeMap<String, NodeId>;

/// All nodes of a space, the deleted ones too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: HashMap<NodeId, Arc<Node>>,
    /// The nodes of each folder that are not deleted themselves, by the key of their name.
    folders: HashMap<Option<NodeId>, Arc<Folder>>,
}

impl Tree {
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id).map(Arc::as_ref)
    }

    pub(crate) fn put(&mut self, id: NodeId, node: Node) {
        self.unlink(id);
        self.nodes.insert(id, Arc::new(node));
        self.link(id);
    }

    /// Changes a node, wherever that puts it.
    pub(crate) fn change(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        self.unlink(id);
        if let Some(node) = self.nodes.get_mut(&id) {
            change(Arc::make_mut(node));
        }
        self.link(id);
    }

    fn unlink(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get(&id).filter(|node| node.deleted.is_none())
            && let Some(folder) = self.folders.get_mut(&node.parent)
        {
            Arc::make_mut(folder).remove(&key_of(id, node));
        }
    }

    fn link(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get(&id).filter(|node| node.deleted.is_none()) {
            let folder = self.folders.entry(node.parent).or_default();
            Arc::make_mut(folder).insert(key_of(id, node), id);
        }
    }

    /// The folders that a node lies in, the nearest first. Bounded, whatever a damaged history says.
    fn above(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let parent = |id: NodeId| self.node(id).and_then(|node| node.parent);
        std::iter::successors(parent(id), move |id| parent(*id)).take(self.nodes.len())
    }

    /// Whether a node exists and neither it nor a folder above it is deleted.
    pub(crate) fn is_visible(&self, id: NodeId) -> bool {
        let lives = |id| self.node(id).is_some_and(|node| node.deleted.is_none());
        lives(id) && self.above(id).all(lives)
    }

    /// Whether a node may be put into a place: the top, or a visible folder.
    pub(crate) fn is_open_folder(&self, place: Option<NodeId>) -> bool {
        place.is_none_or(|id| self.node(id).is_some_and(Node::is_folder) && self.is_visible(id))
    }

    /// Whether a place is a node itself, or lies somewhere in it.
    pub(crate) fn is_within(&self, place: Option<NodeId>, node: NodeId) -> bool {
        place.is_some_and(|place| place == node || self.above(place).any(|id| id == node))
    }

    /// How many folders lead to a place.
    pub(crate) fn depth(&self, place: Option<NodeId>) -> usize {
        place.map_or(0, |id| self.above(id).count() + 1)
    }

    /// How many levels a node and what lives in it take up.
    pub(crate) fn height(&self, id: NodeId) -> usize {
        let mut levels = 0;
        let mut level = vec![id];
        while !level.is_empty() && levels <= self.nodes.len() {
            levels += 1;
            level = level.into_iter().flat_map(|id| self.inside(id)).collect();
        }
        levels
    }

    fn inside(&self, folder: NodeId) -> impl Iterator<Item = NodeId> {
        self.folders
            .get(&Some(folder))
            .into_iter()
            .flat_map(|folder| folder.values().copied())
    }

    /// Whether somebody else's nodes live in a folder.
    pub(crate) fn holds_of_others(&self, folder: NodeId, person: PersonId) -> bool {
        let mut seen = 0;
        let mut open = vec![folder];
        while let Some(next) = open.pop() {
            for id in self.inside(next) {
                if self.node(id).is_some_and(|node| node.author != person) {
                    return true;
                }
                seen += 1;
                if seen > self.nodes.len() {
                    return true;
                }
                open.push(id);
            }
        }
        false
    }

    /// The node of a name in a place.
    pub(crate) fn named(&self, place: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.folders
            .get(&place)
            .and_then(|folder| folder.get(key))
            .copied()
    }

    /// The name itself, or the first numbered one that is free in a place.
    pub(crate) fn free_name(&self, place: Option<NodeId>, name: &str, is_folder: bool) -> String {
        name::free(name, is_folder, |key| self.named(place, key).is_some())
    }
}

/// A forgotten name cannot clash: it stands under a key that nobody can type.
fn key_of(id: NodeId, node: &Node) -> String {
    node.name
        .as_deref()
        .map_or_else(|| format!("\0{id}"), name::key)
}
