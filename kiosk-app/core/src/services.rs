//! The sixteen services in seven categories, as data; a service that is not built is not shown.

use crate::words::{self, Say};

/// The four verbs of the home screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Apply,
    Collect,
    Progress,
    Certificate,
}

impl Verb {
    pub const ALL: [Self; 4] = [Self::Apply, Self::Collect, Self::Progress, Self::Certificate];

    pub const fn title(self) -> Say {
        match self {
            Self::Apply => words::VERB_APPLY,
            Self::Collect => words::VERB_COLLECT,
            Self::Progress => words::VERB_PROGRESS,
            Self::Certificate => words::VERB_CERTIFICATE,
        }
    }

    pub const fn note(self) -> Say {
        match self {
            Self::Apply => words::VERB_APPLY_NOTE,
            Self::Collect => words::VERB_COLLECT_NOTE,
            Self::Progress => words::VERB_PROGRESS_NOTE,
            Self::Certificate => words::VERB_CERTIFICATE_NOTE,
        }
    }

    pub const fn id(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Collect => "collect",
            Self::Progress => "progress",
            Self::Certificate => "certificate",
        }
    }

    /// Shown only if at least one of its services is built.
    pub fn is_built(self) -> bool {
        SERVICES.iter().any(|service| service.verb == Some(self) && service.built)
    }
}

/// One of the sixteen services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    pub number: u8,
    pub category: &'static str,
    pub name: &'static str,
    /// The home tile it is reached by; none for what is part of another way.
    pub verb: Option<Verb>,
    pub built: bool,
}

const fn service(
    number: u8,
    category: &'static str,
    name: &'static str,
    verb: Option<Verb>,
    built: Built,
) -> Service {
    Service { number, category, name, verb, built: matches!(built, Built::Yes) }
}

enum Built {
    Yes,
    No,
}

pub const SERVICES: [Service; 16] = [
    service(1, "导办咨询", "智能导办与情形问答", Some(Verb::Apply), Built::Yes),
    service(2, "导办咨询", "办事指南、导办单与窗口预约", None, Built::No),
    service(3, "身份授权", "人证核验登录", None, Built::No),
    service(4, "身份授权", "代办与法人授权", None, Built::No),
    service(5, "申报受理", "单一事项自助申报", Some(Verb::Apply), Built::Yes),
    service(6, "申报受理", "“一件事”套餐申报", Some(Verb::Apply), Built::No),
    service(7, "申报受理", "补正、容缺补交与续办", Some(Verb::Apply), Built::No),
    service(8, "材料服务", "材料采集", Some(Verb::Apply), Built::Yes),
    service(9, "材料服务", "电子证照与共享数据免交", None, Built::No),
    service(10, "材料服务", "表单、材料打印与复印", Some(Verb::Certificate), Built::No),
    service(11, "查询出证", "办件进度查询", Some(Verb::Progress), Built::Yes),
    service(12, "查询出证", "证明与记录查询打印", Some(Verb::Certificate), Built::No),
    service(13, "存件取件", "原件投递", Some(Verb::Apply), Built::Yes),
    service(14, "存件取件", "结果领取", Some(Verb::Collect), Built::Yes),
    service(15, "缴费互动", "非税与规费缴费、电子票据", None, Built::No),
    service(16, "缴费互动", "好差评、投诉建议与远程视频帮办", None, Built::No),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_services_in_seven_categories() {
        let mut categories: Vec<&str> = SERVICES.iter().map(|service| service.category).collect();
        categories.dedup();
        assert_eq!(categories.len(), 7);
        assert!(SERVICES.iter().enumerate().all(|(at, s)| usize::from(s.number) == at + 1));
    }

    #[test]
    fn a_verb_without_a_built_service_is_hidden() {
        let shown: Vec<&str> =
            Verb::ALL.iter().filter(|verb| verb.is_built()).map(|verb| verb.id()).collect();
        assert_eq!(shown, ["apply", "collect", "progress"]);
    }
}
