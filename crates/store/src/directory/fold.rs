//! Base and overlay into a new base.

use super::base::FORM;
use super::{Base, DirectoryOf, DirectoryRow, PackedBase, Packer, change};
use crate::{Store, StoreError};

/// An overlay of fewer changes than this is not worth a fold.
const LEAST: u64 = 20_000;
/// A fold is due when there was one change to so many rows: at a province's size after some
/// 400,000 changes, which take about 12 MB.
const ONE_IN: u64 = 50;

/// A new base with all of the old one and what was laid over it; not in force yet.
#[derive(Debug)]
pub struct Fold {
    of: DirectoryOf,
    /// What it was made of: base, and changes counted.
    made_of: (i64, u64),
    base: PackedBase,
}

impl Fold {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.base.rows()
    }
}

impl Store {
    /// Whether [`Store::fold_directory`] is due: much has been laid over the base, or its file
    /// is of the form that an older program wrote.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn fold_is_due(&self, of: impl Into<DirectoryOf>) -> Result<bool, StoreError> {
        let of = of.into();
        let base = self.read(|db| Base::of(db, of))?;
        Ok(base.is_some_and(|base| {
            let of_before = base.packed > 0 && base.form != FORM;
            of_before || base.laid >= (base.rows / ONE_IN).max(LEAST)
        }))
    }

    /// Builds a new base of everything that a directory has, beside the one in
    /// force: entries are written and documents looked up meanwhile. `each` is called with
    /// every row by rising hash, for the root over them. `None` when there is no directory.
    ///
    /// # Errors
    ///
    /// [`StoreError::DirectoryDamaged`], [`StoreError::DiskFull`], or as any write.
    pub fn fold_directory(
        &self,
        of: impl Into<DirectoryOf>,
        mut each: impl FnMut(DirectoryRow),
    ) -> Result<Option<Fold>, StoreError> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly);
        }
        let of = of.into();
        self.read(|db| {
            let Some(old) = Base::of(db, of)? else { return Ok(None) };
            let mut packer = Packer::new(self.path(), self.key())?;
            self.merged(db, &old, |row| {
                each(row);
                packer.push(row)
            })?;
            let (made_of, base) = ((old.number, old.laid), packer.finish()?);
            Ok(Some(Fold { of, made_of, base }))
        })
    }

    /// Puts a fold in force, unless the directory changed since it was made. Answers whether
    /// it did. What the directory says is the same before and after.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn take_fold(&self, fold: Fold) -> Result<bool, StoreError> {
        let mut replaced = change::Replaced::default();
        let taken = self.write(|db| {
            let now = Base::of(db, fold.of)?.map(|base| (base.number, base.laid));
            if now != Some(fold.made_of) {
                return Ok(false);
            }
            change::put_base(db, fold.of, &fold.base, &mut replaced)?;
            Ok(true)
        })?;
        if taken {
            fold.base.keep();
            self.tidy_after(&replaced);
        }
        Ok(taken)
    }
}
