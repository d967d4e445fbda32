//! Settings of the desk: a key and a JSON value.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Store, StoreError};

pub(crate) const V1: &str = "
CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
";

impl Store {
    /// The setting under `key`, or `None` when it was never set.
    ///
    /// # Errors
    ///
    /// [`StoreError::Setting`] when the stored value has another shape than `T`.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.read(|db| {
            Ok(db
                .prepare_cached("SELECT value FROM settings WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()?)
        })?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| shape(key, e))
    }

    /// Sets `key`, replacing what was there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Setting`] when `value` has no JSON form; else as any write.
    pub fn set_setting<T: Serialize + ?Sized>(
        &self,
        key: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(value).map_err(|e| shape(key, e))?;
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO settings (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute([key, &text])?;
            Ok(())
        })
    }

    /// Forgets `key`; `false` when it was not set.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn remove_setting(&self, key: &str) -> Result<bool, StoreError> {
        self.write(|db| Ok(db.execute("DELETE FROM settings WHERE key = ?1", [key])? > 0))
    }
}

fn shape(key: &str, source: serde_json::Error) -> StoreError {
    StoreError::Setting { key: key.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use crate::StoreError;
    use crate::testing::fresh;

    #[test]
    fn a_setting_is_kept_replaced_and_forgotten() {
        let (_folder, store) = fresh();
        assert_eq!(store.setting::<String>("scene").unwrap(), None);
        store.set_setting("scene", "hospital").unwrap();
        store.set_setting("scene", "酒店").unwrap();
        assert_eq!(store.setting::<String>("scene").unwrap().as_deref(), Some("酒店"));
        store.set_setting("baud", &Some(9600_u32)).unwrap();
        assert_eq!(store.setting::<Option<u32>>("baud").unwrap(), Some(Some(9600)));
        assert!(store.remove_setting("scene").unwrap());
        assert!(!store.remove_setting("scene").unwrap(), "it was gone already");
        assert_eq!(store.setting::<String>("scene").unwrap(), None);
    }

    #[test]
    fn another_shape_is_said_and_names_no_value() {
        let (_folder, store) = fresh();
        store.set_setting("token", &["secret"]).unwrap();
        let error = store.setting::<u32>("token").unwrap_err();
        assert!(matches!(&error, StoreError::Setting { key, .. } if key == "token"));
        assert!(!format!("{error}").contains("secret"));
    }
}
