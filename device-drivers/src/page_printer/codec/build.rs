//! Attributes and whole messages, for both ends of the wire.

use ipp::{
    IppHeader,
    attribute::{IppAttribute, IppAttributes},
    model::{DelimiterTag, IppVersion},
    value::{IppKeyword, IppMimeMediaType, IppName, IppString, IppTextValue, IppValue},
};

fn named(name: &str, value: IppValue) -> IppAttribute {
    IppAttribute::new(IppName::new_truncated(name), value)
}

fn listed(name: &str, mut values: Vec<IppValue>) -> IppAttribute {
    match values.len() {
        1 => named(name, values.remove(0)),
        _ => named(name, IppValue::Array(values)),
    }
}

#[must_use]
pub fn keyword(name: &str, value: &str) -> IppAttribute {
    named(name, IppValue::Keyword(IppKeyword::new_truncated(value)))
}

#[must_use]
pub fn keywords<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> IppAttribute {
    let value = |value: &str| IppValue::Keyword(IppKeyword::new_truncated(value));
    listed(name, values.into_iter().map(value).collect())
}

#[must_use]
pub fn integer(name: &str, value: i32) -> IppAttribute {
    named(name, IppValue::Integer(value))
}

#[must_use]
pub fn number(name: &str, value: i32) -> IppAttribute {
    named(name, IppValue::Enum(value))
}

#[must_use]
pub fn boolean(name: &str, value: bool) -> IppAttribute {
    named(name, IppValue::Boolean(value))
}

#[must_use]
pub fn nothing(name: &str) -> IppAttribute {
    named(name, IppValue::NoValue)
}

#[must_use]
pub fn uri(name: &str, value: &str) -> IppAttribute {
    named(name, IppValue::Uri(IppString::new_truncated(value)))
}

#[must_use]
pub fn name(name: &str, value: &str) -> IppAttribute {
    named(name, IppValue::NameWithoutLanguage(IppName::new_truncated(value)))
}

#[must_use]
pub fn text(name: &str, value: &str) -> IppAttribute {
    // Longer ones do not fit into an attribute; nothing so long is ever said.
    let value = IppTextValue::new(value).or_else(|_| IppTextValue::new(""));
    named(name, value.map_or(IppValue::NoValue, IppValue::TextWithoutLanguage))
}

#[must_use]
pub fn media_type(name: &str, value: &str) -> IppAttribute {
    named(name, IppValue::MimeMediaType(IppMimeMediaType::new_truncated(value)))
}

#[must_use]
pub fn media_types<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> IppAttribute {
    let value = |value: &str| IppValue::MimeMediaType(IppMimeMediaType::new_truncated(value));
    listed(name, values.into_iter().map(value).collect())
}

/// Dots an inch, alike across and along.
#[must_use]
pub fn resolution(name: &str, dpi: i32) -> IppAttribute {
    const PER_INCH: i8 = 3;
    named(name, IppValue::Resolution { cross_feed: dpi, feed: dpi, units: PER_INCH })
}

/// A whole message up to its document. Charset and language, which begin each, are added.
#[must_use]
pub fn message(
    code: u16,
    request_id: i32,
    groups: Vec<(DelimiterTag, Vec<IppAttribute>)>,
) -> Vec<u8> {
    let mut attributes = IppAttributes::new();
    let operation = DelimiterTag::OperationAttributes;
    let charset = IppValue::Charset(ipp::value::IppCharset::new_truncated("utf-8"));
    let language = IppValue::NaturalLanguage(ipp::value::IppLanguage::new_truncated("en"));
    attributes.add(operation, named("attributes-charset", charset));
    attributes.add(operation, named("attributes-natural-language", language));
    for (tag, group) in groups {
        if tag == operation {
            group.into_iter().for_each(|attribute| attributes.add(operation, attribute));
        } else {
            // Two jobs are two groups of the same kind.
            let mut made = ipp::attribute::IppAttributeGroup::new(tag);
            *made.attributes_mut() = group;
            attributes.groups_mut().push(made);
        }
    }
    // 1.1 is the version that every printer speaks.
    let code = i16::from_be_bytes(code.to_be_bytes());
    let header = IppHeader::new(IppVersion::v1_1(), code, request_id);
    [header.to_bytes(), attributes.to_bytes()].concat()
}
