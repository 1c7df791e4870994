//! A list with a most number of items.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    ToSchema,
    openapi::{self, ArrayBuilder, schema::ArrayItems},
};

/// At most `MAX` items, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> List<T, MAX> {
    /// # Errors
    /// When there are more than `MAX` items.
    pub fn new(items: Vec<T>) -> Result<Self, String> {
        if items.len() > MAX {
            return Err(format!("must have at most {MAX} items; it has {}", items.len()));
        }
        Ok(Self(items))
    }

    /// The items.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MAX: usize> IntoIterator for &'a List<T, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> de::Visitor<'de> for Items<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of at most {MAX} items")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    if items.len() == MAX {
                        return Err(de::Error::custom(format!("must have at most {MAX} items")));
                    }
                    items.push(item);
                }
                Ok(List(items))
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// utoipa's derive asks a generic field type for this trait, and `PartialSchema` follows from it. The trait is not
/// documented; a change of it would break the build here and nowhere else.
impl<T: ToSchema, const MAX: usize> utoipa::__dev::ComposeSchema for List<T, MAX> {
    fn compose(_: Vec<openapi::RefOr<openapi::Schema>>) -> openapi::RefOr<openapi::Schema> {
        let item = openapi::RefOr::Ref(openapi::Ref::from_schema_name(T::name()));
        ArrayBuilder::new().items(ArrayItems::RefOrSchema(Box::new(item))).max_items(Some(MAX)).into()
    }
}

impl<T: ToSchema, const MAX: usize> ToSchema for List<T, MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}List{MAX}", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, openapi::RefOr<openapi::Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
