//! JSON read strictly: no key twice, no array where an object belongs, and every complaint with a JSON Pointer.
//! `serde_json` alone keeps the last of two equal keys, and derived `Deserialize` takes arrays for structs.

mod patch;

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

pub use self::patch::{merge, take_reactivation};
use crate::error::FieldError;

/// Parses a JSON text.
///
/// # Errors
/// When it is no JSON, or holds a key twice; the text says where.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice::<NoTwins>(bytes).map(|NoTwins(value)| value).map_err(|fault| fault.to_string())
}

/// Reads a value as a type.
///
/// # Errors
/// The first thing that does not fit, with where it stands.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, FieldError> {
    T::deserialize(Node(value)).map_err(|fault| FieldError {
        pointer: fault.pointer,
        code: fault.code,
        detail: fault.detail,
    })
}

/// One segment of a JSON Pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

struct NoTwins(Value);

impl<'de> Deserialize<'de> for NoTwins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = NoTwins;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<NoTwins, E> {
                Ok(NoTwins(Value::Bool(value)))
            }

            fn visit_i64<E>(self, value: i64) -> Result<NoTwins, E> {
                Ok(NoTwins(Value::Number(value.into())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<NoTwins, E> {
                Ok(NoTwins(Value::Number(value.into())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<NoTwins, E> {
                Ok(NoTwins(serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)))
            }

            fn visit_str<E>(self, value: &str) -> Result<NoTwins, E> {
                Ok(NoTwins(Value::String(value.to_owned())))
            }

            fn visit_string<E>(self, value: String) -> Result<NoTwins, E> {
                Ok(NoTwins(Value::String(value)))
            }

            fn visit_unit<E>(self) -> Result<NoTwins, E> {
                Ok(NoTwins(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NoTwins, A::Error> {
                let mut items = Vec::new();
                while let Some(NoTwins(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(NoTwins(Value::Array(items)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NoTwins, A::Error> {
                let mut object = Map::new();
                while let Some(key) = map.next_key::<String>()? {
                    let NoTwins(value) = map.next_value()?;
                    if object.contains_key(&key) {
                        return Err(de::Error::custom(format!("the key {key:?} stands twice in one object")));
                    }
                    object.insert(key, value);
                }
                Ok(NoTwins(Value::Object(object)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// What does not fit, and where.
#[derive(Debug)]
struct Fault {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl Fault {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: String::new(), code, detail: detail.into() }
    }

    /// The same fault, seen from one level up.
    fn under(mut self, segment: &str) -> Self {
        self.pointer = format!("/{}{}", escaped(segment), self.pointer);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(detail: T) -> Self {
        Self::new("invalid_value", detail.to_string())
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new("invalid_type", format!("must be {expected}, not {unexpected}"))
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new("invalid_value", format!("must be {expected}, not {unexpected}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new("unknown_value", format!("must be one of {}, not {variant:?}", expected.join(", ")))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let detail = format!("is no field of this object; its fields are {}", expected.join(", "));
        Self::new("unknown_field", detail).under(field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("missing_field", "is required").under(field)
    }
}

/// A JSON value that is read by the strict rules.
struct Node(Value);

impl Node {
    const fn unexpected(&self) -> de::Unexpected<'_> {
        match &self.0 {
            Value::Null => de::Unexpected::Other("null"),
            Value::Bool(value) => de::Unexpected::Bool(*value),
            Value::Number(_) => de::Unexpected::Other("a number"),
            Value::String(_) => de::Unexpected::Other("a string"),
            Value::Array(_) => de::Unexpected::Other("an array"),
            Value::Object(_) => de::Unexpected::Other("an object"),
        }
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64().or_else(|| whole(&number))) {
                (Some(value), _) => visitor.visit_u64(value),
                (None, Some(value)) => visitor.visit_i64(value),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), index: 0 }),
            Value::Object(object) => visitor.visit_map(Fields { fields: object.into_iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if self.0.is_object() {
            self.deserialize_any(visitor)
        } else {
            Err(de::Error::invalid_type(self.unexpected(), &"an object"))
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(word.into_deserializer()),
            _ => Err(Fault::new("invalid_type", format!("must be one of {}", variants.join(", ")))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// A whole number that is written with a fraction or an exponent, `1.0` or `1e2`: to JSON Schema, and so to the OpenAPI
/// document, it is an integer.
fn whole(number: &serde_json::Number) -> Option<i64> {
    let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
    format!("{float:.0}").parse().ok()
}

struct Items {
    items: std::vec::IntoIter<Value>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fault;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index = index.saturating_add(1);
        seed.deserialize(Node(item)).map(Some).map_err(|fault| fault.under(&index.to_string()))
    }
}

struct Fields {
    fields: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Fault;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, value)) = self.fields.next() else { return Ok(None) };
        let read = seed.deserialize(key.as_str().into_deserializer())?;
        self.value = Some((key, value));
        Ok(Some(read))
    }

    fn next_value_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let Some((key, value)) = self.value.take() else {
            return Err(de::Error::custom("a value without a key"));
        };
        seed.deserialize(Node(value)).map_err(|fault| fault.under(&key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Inner {
        pub(super) count: u32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Outer {
        pub(super) name: String,
        #[serde(default)]
        pub(super) inner: Vec<Inner>,
    }

    fn pointer(value: Value) -> (String, &'static str) {
        let fault = read::<Outer>(value).unwrap_err();
        (fault.pointer, fault.code)
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        assert!(parse(br#"{"a":1,"b":{"c":1,"c":2}}"#).unwrap_err().contains("\"c\""));
        assert!(parse(br#"{"a":1,"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn an_array_is_never_taken_for_an_object() {
        assert_eq!(pointer(json!(["x", []])), (String::new(), "invalid_type"));
        assert_eq!(pointer(json!({"name": "x", "inner": [[1]]})), ("/inner/0".into(), "invalid_type"));
    }

    #[test]
    fn complaints_say_where() {
        assert_eq!(
            pointer(json!({"name": "x", "inner": [{"count": 1}, {"count": "1"}]})).0,
            "/inner/1/count"
        );
        assert_eq!(pointer(json!({"name": "x", "inner": [{"count": 1, "a/b": 1}]})).0, "/inner/0/a~1b");
        assert_eq!(pointer(json!({"inner": []})), ("/name".into(), "missing_field"));
        assert_eq!(pointer(json!({"name": "x", "inner": [{"count": 1.5}]})).1, "invalid_type");
        assert_eq!(pointer(json!({"name": "x", "inner": [{"count": -1.0}]})).1, "invalid_value");
        assert_eq!(pointer(json!({"name": "x", "inner": [{"count": 1e300}]})).1, "invalid_type");
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        for count in ["1.0", "1", "10e-1", "0.1e1"] {
            let outer =
                parse(format!(r#"{{"name": "x", "inner": [{{"count": {count}}}]}}"#).as_bytes()).unwrap();
            assert_eq!(read::<Outer>(outer).unwrap().inner, [Inner { count: 1 }], "{count}");
        }
    }
}
