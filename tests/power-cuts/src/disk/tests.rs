use super::*;

const A: &str = "store.db";

/// A file of `n` sectors of the letter `old`, flushed.
fn disk_with(flush: Flush, old: u8, n: usize) -> (Disk, Inode) {
    let mut disk = Disk::new(flush);
    let inode = disk.adopt(A, vec![old; n * SECTOR]);
    (disk, inode)
}

/// What is left of file `A` after cuts with many seeds.
fn left(make: impl Fn() -> Disk) -> Vec<Option<Vec<u8>>> {
    (0..400)
        .map(|seed| {
            let mut disk = make();
            disk.cut(&mut Random::new(seed));
            disk.images().find(|(name, ..)| *name == A).map(|(.., bytes)| bytes.to_owned())
        })
        .collect()
}

fn one_write_of_four_sectors() -> Disk {
    let (mut disk, inode) = disk_with(Flush::Honest, b'o', 4);
    disk.write(inode, 0, &[b'n'; 4 * SECTOR]);
    disk
}

#[test]
fn what_was_flushed_survives_every_cut() {
    let images = left(|| {
        let mut disk = one_write_of_four_sectors();
        let inode = disk.find(A).unwrap();
        disk.sync(inode);
        disk
    });
    assert!(images.iter().all(|image| *image == Some(vec![b'n'; 4 * SECTOR])));
}

#[test]
fn an_unsynced_write_vanishes_survives_or_is_torn() {
    let images: Vec<Vec<u8>> = left(one_write_of_four_sectors).into_iter().flatten().collect();
    assert_eq!(images.len(), 400);
    let whole = |letter| images.iter().filter(|image| **image == vec![letter; 4 * SECTOR]).count();
    assert!(whole(b'o') > 50 && whole(b'n') > 20, "{} old, {} new", whole(b'o'), whole(b'n'));
    let is_new = |image: &[u8], n: usize| image[n * SECTOR..(n + 1) * SECTOR] == [b'n'; SECTOR];
    let is_out_of_order = |image: &Vec<u8>| !is_new(image, 0) && is_new(image, 3);
    assert!(images.iter().any(is_out_of_order), "a later sector without an earlier one");
    let is_torn = |image: &Vec<u8>| {
        let sector = &image[..SECTOR];
        sector.contains(&b'o') && sector.contains(&b'n') && is_new(image, 3)
    };
    assert!(images.iter().any(is_torn), "a sector written in part and a later one whole");
    let has_order = |image: &Vec<u8>| {
        let n_new = image.iter().filter(|byte| **byte == b'n').count();
        image[..n_new].iter().all(|byte| *byte == b'n')
    };
    let n_beginnings = images.iter().filter(|image| has_order(image)).count();
    assert!(n_beginnings > whole(b'o') + whole(b'n'), "beginnings with a torn tail");
}

#[test]
fn bytes_beside_a_write_are_never_touched() {
    let images = left(|| {
        let (mut disk, inode) = disk_with(Flush::Honest, b'o', 3);
        disk.write(inode, 700, &[b'n'; 100]);
        disk
    });
    for image in images.into_iter().flatten() {
        assert_eq!(image.len(), 3 * SECTOR);
        assert!(image[..700].iter().chain(&image[800..]).all(|byte| *byte == b'o'));
    }
}

#[test]
fn a_write_is_parted_at_the_sectors_of_the_file() {
    let parts: Vec<_> = sectors(1_000, &[0; 600]).map(|(at, part)| (at, part.len())).collect();
    assert_eq!(parts, [(1_000, 24), (1_024, 512), (1_536, 64)]);
}

#[test]
fn a_file_grows_with_zeros_where_nothing_arrived() {
    let images = left(|| {
        let (mut disk, inode) = disk_with(Flush::Honest, b'o', 1);
        disk.write(inode, SECTOR, &[b'n'; 3 * SECTOR]);
        disk
    });
    let has_gap = |image: &Vec<u8>| image.ends_with(b"n") && image.contains(&0);
    assert!(images.iter().flatten().any(has_gap));
}

#[test]
fn an_unlinked_file_may_come_back_until_something_is_flushed() {
    let unlinked = || {
        let mut disk = one_write_of_four_sectors();
        disk.remove(A);
        disk
    };
    let images = left(unlinked);
    assert!(images.iter().any(Option::is_some) && images.iter().any(Option::is_none));
    let flushed = left(|| {
        let mut disk = unlinked();
        let other = disk.make("other");
        disk.sync(other);
        disk
    });
    assert!(flushed.iter().all(Option::is_none));
    let folder_flushed = left(|| {
        let mut disk = unlinked();
        disk.sync_names();
        disk
    });
    assert!(folder_flushed.iter().all(Option::is_none));
}

#[test]
fn a_new_file_may_be_lost_with_its_name_until_it_is_flushed() {
    let made = || {
        let mut disk = Disk::new(Flush::Honest);
        let inode = disk.make(A);
        disk.write(inode, 0, b"n");
        disk
    };
    let images = left(made);
    assert!(images.iter().any(Option::is_some) && images.iter().any(Option::is_none));
    let flushed = left(|| {
        let mut disk = made();
        let inode = disk.find(A).unwrap();
        disk.sync(inode);
        disk
    });
    assert!(flushed.iter().all(|image| image.as_deref() == Some(b"n")));
}

#[test]
fn names_survive_in_the_order_in_which_they_changed() {
    for seed in 0..200 {
        let mut disk = Disk::new(Flush::Honest);
        for name in ["1", "2", "3"] {
            disk.make(name);
        }
        disk.cut(&mut Random::new(seed));
        let names: Vec<_> = disk.images().map(|(name, ..)| name.to_owned()).collect();
        assert!(["1", "2", "3"].starts_with(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    }
}

#[test]
fn a_file_made_again_under_its_name_is_another_file() {
    let images = left(|| {
        let (mut disk, inode) = disk_with(Flush::Honest, b'o', 1);
        disk.remove(A);
        let again = disk.make(A);
        assert_ne!(inode, again);
        disk.write(again, 0, b"n");
        disk
    });
    let old = vec![b'o'; SECTOR];
    assert!(images.iter().any(|image| image.as_ref() == Some(&old)), "the old one came back whole");
    let is_one_of_them = |image: &Vec<u8>| *image == old || image.is_empty() || image == b"n";
    assert!(images.iter().flatten().all(is_one_of_them), "never a mixture");
}

#[test]
fn what_somebody_else_removed_does_not_come_back() {
    let images = left(|| {
        let mut disk = one_write_of_four_sectors();
        disk.forget(A);
        disk
    });
    assert!(images.iter().all(Option::is_none));
}

#[test]
fn a_lying_disk_keeps_nothing_that_it_flushed() {
    let images = left(|| {
        let (mut disk, inode) = disk_with(Flush::Lying, b'o', 1);
        disk.write(inode, 0, &[b'n'; SECTOR]);
        disk.sync(inode);
        disk.sync_names();
        disk
    });
    assert!(images.iter().any(|image| *image == Some(vec![b'o'; SECTOR])));
}

#[test]
fn a_length_is_cut_whole_or_not_at_all() {
    let images = left(|| {
        let (mut disk, inode) = disk_with(Flush::Honest, b'o', 2);
        disk.truncate(inode, 3);
        disk
    });
    let lengths: std::collections::BTreeSet<_> = images.iter().flatten().map(Vec::len).collect();
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [3, 2 * SECTOR]);
}

#[test]
fn one_seed_leaves_the_same() {
    assert_eq!(left(one_write_of_four_sectors), left(one_write_of_four_sectors));
}
