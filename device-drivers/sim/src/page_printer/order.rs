//! What the printer understands of a request. It reads by itself, not with the driver's codec: a
//! request that only our own end understands would be no request.

use device_drivers::page_printer::codec::{
    Message,
    command::{CANCEL_JOB, GET_JOB_ATTRIBUTES, GET_JOBS, GET_PRINTER_ATTRIBUTES, PRINT_JOB},
};
use ipp::{attribute::IppAttributeGroup, model::DelimiterTag};

pub const BAD_REQUEST: u16 = 0x0400;
pub const BAD_VALUES: u16 = 0x040B;
pub const NO_OPERATION: u16 = 0x0501;
pub const NO_VERSION: u16 = 0x0503;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    GetPrinter { wanted: Vec<String> },
    GetJobs { completed: bool },
    GetJob { id: i32 },
    Cancel { id: i32 },
    Print { name: String, mime: String, media: Option<String>, document_at: usize },
}

/// A request that is refused for what it is, with the status for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub operation: u16,
    pub request_id: i32,
    pub status: u16,
}

/// `None`: bytes that cannot even be refused.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<(u16, i32, Result<Order, Refused>)> {
    let message = Message::read(bytes).ok()?;
    let (operation, request_id) = (message.code, message.request_id);
    let order = order(bytes, &message);
    let refused = |status| Refused { operation, request_id, status };
    Some((operation, request_id, order.map_err(refused)))
}

fn order(bytes: &[u8], message: &Message) -> Result<Order, u16> {
    if !matches!(bytes.first(), Some(1 | 2)) {
        return Err(NO_VERSION);
    }
    let group = message.attributes.groups().first().ok_or(BAD_REQUEST)?;
    // RFC 8011 4.1.4.1: charset and language are the first two.
    let begins = ["attributes-charset", "attributes-natural-language"].iter().zip(group);
    let is_begun = begins.filter(|(name, got)| got.name().as_str() == **name).count() == 2;
    let has_target = text(group, "printer-uri").is_some_and(|uri| uri.starts_with("ipp://"));
    if group.tag() != DelimiterTag::OperationAttributes || !is_begun || !has_target {
        return Err(BAD_REQUEST);
    }
    let job = || group.get("job-id").and_then(|id| id.value().as_integer().copied());
    Ok(match message.code {
        GET_PRINTER_ATTRIBUTES => {
            Order::GetPrinter { wanted: texts(group, "requested-attributes") }
        }
        GET_JOBS => Order::GetJobs {
            completed: text(group, "which-jobs").is_some_and(|which| which == "completed"),
        },
        GET_JOB_ATTRIBUTES => Order::GetJob { id: job().ok_or(BAD_REQUEST)? },
        CANCEL_JOB => Order::Cancel { id: job().ok_or(BAD_REQUEST)? },
        PRINT_JOB => print(group, message)?,
        _ => return Err(NO_OPERATION),
    })
}

fn print(group: &IppAttributeGroup, message: &Message) -> Result<Order, u16> {
    let job = message.attributes.first_of(DelimiterTag::JobAttributes);
    if let Some(job) = job {
        let is_one = |name| match job.get(name) {
            Some(value) => value.value().as_integer() == Some(&1),
            None => true,
        };
        let sides = text(job, "sides");
        // The format is no attribute of a job: ippeveprinter refuses it too.
        if job.get("document-format").is_some()
            || !is_one("copies")
            || sides.is_some_and(|sides| sides != "one-sided")
        {
            return Err(BAD_VALUES);
        }
    }
    Ok(Order::Print {
        name: text(group, "job-name").unwrap_or_else(|| "Untitled".to_owned()),
        mime: text(group, "document-format").unwrap_or_default(),
        media: job.and_then(|job| text(job, "media")),
        document_at: message.len,
    })
}

fn texts(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    let values = group.get(name).into_iter().flat_map(|attribute| attribute.value());
    values.map(ToString::to_string).collect()
}

fn text(group: &IppAttributeGroup, name: &str) -> Option<String> {
    texts(group, name).into_iter().next()
}
