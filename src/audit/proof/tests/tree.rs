//! Vectors: `transparency-dev/merkle`, `testonly/reference_test.go` (Apache-2.0), those of RFC 6962's reference log.

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use crate::audit::proof::*;

const INPUTS: [&[u8]; 8] = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"];

const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const INCLUSION: [(usize, usize, &[&str]); 7] = [
    (1, 0, &[]),
    (2, 0, &["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"]),
    (2, 1, &["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]),
    (3, 2, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        5,
        1,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        8,
        0,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        8,
        5,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

const CONSISTENCY: [(usize, usize, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

fn leaves(count: usize) -> Vec<Leaf> {
    (0..count)
        .map(|number| INPUTS.get(number).map_or_else(|| Leaf::of(&number.to_be_bytes()), |input| Leaf::of(input)))
        .collect()
}

fn tree(leaves: &[Leaf]) -> Tree {
    let mut tree = Tree::new();
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(Hash::to_string).collect()
}

#[test]
fn roots_and_proofs_are_those_of_the_reference() {
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(tree(&leaves(size)).root().to_string(), *root, "{size}");
    }
    for (size, index, path) in INCLUSION {
        assert_eq!(texts(&inclusion(&leaves(size), index).unwrap()), path);
    }
    for (old, new, path) in CONSISTENCY {
        assert_eq!(texts(&consistency(&leaves(new), old).unwrap()), path);
    }
    assert_eq!(inclusion(&leaves(3), 3), None);
    assert_eq!(consistency(&leaves(3), 0), None);
    assert_eq!(consistency(&leaves(3), 4), None);
}

#[test]
fn hashes_have_one_text() {
    let leaf = Leaf::of(b"record");
    assert_eq!(Leaf::parse_hex(&leaf.hex()), Some(leaf));
    for bad in [&leaf.hex()[1..], leaf.to_string().to_uppercase().as_bytes(), b"", &[b'g'; 64]] {
        assert_eq!(Leaf::parse_hex(bad), None);
    }
}

#[test]
fn a_tree_resumes_from_its_edge_and_from_nothing_else() {
    let all = leaves(100);
    for size in 0..all.len() {
        let kept = tree(&all[..size]);
        let mut resumed = Tree::resume(kept.size(), kept.frontier()).unwrap();
        assert_eq!(resumed, kept);
        for leaf in &all[size..] {
            resumed.push(*leaf);
        }
        assert_eq!(resumed.root(), tree(&all).root());
        assert_eq!(
            Tree::resume(kept.size() + 1, kept.frontier()).is_some(),
            (size + 1).count_ones() == size.count_ones()
        );
    }
}

#[test]
fn every_inclusion_in_small_trees_holds_and_no_other_leaf_or_place_passes() {
    let all = leaves(33);
    for size in 1..all.len() {
        let root = tree(&all[..size]).root();
        for index in 0..size {
            let path = inclusion(&all[..size], index).unwrap();
            for other in 0..=size + 1 {
                let holds = verify_inclusion(all[index], other as u64, size as u64, &path, root);
                assert_eq!(holds, other == index, "{index} at {other} of {size}");
            }
            assert!(!verify_inclusion(all[size], index as u64, size as u64, &path, root));
            let longer = [&path[..], &[root]].concat();
            assert!(!verify_inclusion(all[index], index as u64, size as u64, &longer, root));
        }
    }
}

#[test]
fn a_way_that_is_built_as_leaves_go_by_is_the_same() {
    let all = leaves(33);
    for size in 1..all.len() {
        for index in 0..size {
            let path = inclusion(&all[..size], index).unwrap();
            for begin in 0..=index {
                let edge = tree(&all[..begin]);
                let mut builder = PathBuilder::resume(index as u64, begin as u64, edge.frontier());
                for leaf in &all[begin..size] {
                    builder.push(*leaf);
                }
                assert_eq!(builder.path().unwrap(), path, "{index} of {size} from {begin}");
            }
        }
    }
    assert!(PathBuilder::new(0).path().is_none());
}

#[test]
fn every_consistency_of_small_trees_holds_and_no_other_does() {
    let all = leaves(33);
    for size in 1..all.len() {
        let (new, root) = (size as u64, tree(&all[..size]).root());
        for old in 1..=size {
            let path = consistency(&all[..size], old).unwrap();
            let (old, old_root) = (old as u64, tree(&all[..old]).root());
            assert!(verify_consistency(old, old_root, new, root, &path), "{old} to {size}");
            assert!(!verify_consistency(old, Hash::empty(), new, root, &path));
            assert!(!verify_consistency(old, old_root, new, Hash::empty(), &path));
            assert!(!verify_consistency(new + 1, old_root, new, root, &path));
            assert!(!verify_consistency(old, old_root, new, root, &[&path[..], &[root]].concat()));
        }
    }
    assert!(verify_consistency(0, Hash::empty(), 5, tree(&all[..5]).root(), &[]));
    assert!(!verify_consistency(0, tree(&all[..5]).root(), 5, tree(&all[..5]).root(), &[]));
}

proptest! {
    #[test]
    fn another_implementation_agrees(count in 1usize..300, index in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let records: Vec<_> = (0..count as u64).map(|number| (number ^ seed).to_be_bytes().to_vec()).collect();
        let ours: Vec<_> = records.iter().map(|record| Leaf::of(record)).collect();
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        records.iter().cloned().for_each(|record| theirs.push(record));
        let index = index.index(count);
        let root = theirs.root();
        prop_assert_eq!(&tree(&ours).root().0[..], &root.as_bytes()[..]);
        let path = inclusion(&ours, index).unwrap();
        let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
        let proof = theirs.prove_inclusion(index);
        prop_assert_eq!(&bytes[..], proof.as_bytes());
        let old = index + 1;
        let path = consistency(&ours, old).unwrap();
        let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
        let proof = theirs.prove_consistency(count - old);
        prop_assert_eq!(&bytes[..], proof.as_bytes());
        let old_root = tree(&ours[..old]).root();
        let known = RootHash::<Sha256>::new(old_root.0.into(), old as u64);
        prop_assert!(theirs.root().verify_consistency(&known, &proof).is_ok());
        prop_assert!(verify_consistency(old as u64, old_root, count as u64, tree(&ours).root(), &path));
    }

    #[test]
    fn a_spoilt_proof_never_holds(count in 2usize..200, index in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()) {
        let all = leaves(count);
        let index = index.index(count);
        let root = tree(&all).root();
        let mut path = inclusion(&all, index).unwrap();
        let bit = bit.index(path.len() * 256);
        path[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
        prop_assert!(!verify_inclusion(all[index], index as u64, count as u64, &path, root));
        path.pop();
        prop_assert!(!verify_inclusion(all[index], index as u64, count as u64, &path, root));
    }
}
