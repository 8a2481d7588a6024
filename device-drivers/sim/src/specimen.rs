//! Invented people and their cards. Names, numbers and addresses belong to nobody; the check
//! digits are right. `zhang_san` is the citizen of the protocol notes, byte for byte.

use device_api::id_reader::CardKind;
use device_drivers::id_reader::{
    card::layout::{TextBlock, citizen, encode, foreign_2017, foreign_2023, hmt},
    codec::ReadAnswer,
};
use kiosk_words::{Private, numbers};

use crate::face;

/// What lies on the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardImage {
    /// Name of the specimen, for example `zhang_san`.
    pub specimen: &'static str,
    pub text: TextBlock,
    pub photo: Vec<u8>,
    /// Empty on cards without one.
    pub fingerprint: Vec<u8>,
    /// Added later, oldest first.
    pub new_addresses: Vec<&'static str>,
}

impl CardImage {
    /// The blocks of a 30 01 answer.
    #[must_use]
    pub fn base(&self) -> ReadAnswer {
        ReadAnswer {
            text: Private::new(self.text.bytes().to_vec()),
            photo: Private::new(self.photo.clone()),
            fingerprint: None,
        }
    }

    /// The blocks of a 30 10 answer.
    #[must_use]
    pub fn base_fingerprint(&self) -> ReadAnswer {
        ReadAnswer { fingerprint: Some(Private::new(self.fingerprint.clone())), ..self.base() }
    }

    /// The data of a 30 03 answer; empty if no address was added.
    #[must_use]
    pub fn added(&self) -> Vec<u8> {
        self.new_addresses.iter().flat_map(|address| encode(address, 70)).collect()
    }
}

/// A specimen and what a person may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub specimen: &'static str,
    pub title_zh: &'static str,
}

pub const CARDS: [Listed; 9] = [
    Listed { specimen: "zhang_san", title_zh: "张三（样本）" },
    Listed { specimen: "li_xiulan", title_zh: "李秀兰，1951 年生（样本）" },
    Listed { specimen: "wang_wei", title_zh: "王伟，店主，地址有变更（样本）" },
    Listed { specimen: "rare_name", title_zh: "㛃䶮，生僻字姓名（样本）" },
    Listed { specimen: "minor", title_zh: "2011 年生的未成年人（样本）" },
    Listed { specimen: "expired", title_zh: "过期的身份证（样本）" },
    Listed { specimen: "hmt_permit", title_zh: "港澳台居民居住证（样本）" },
    Listed {
        specimen: "foreign_2017", title_zh: "外国人永久居留身份证 2017 版（样本）"
    },
    Listed {
        specimen: "foreign_2023", title_zh: "外国人永久居留身份证 2023 版（样本）"
    },
];

/// The card of a specimen by its name in [`CARDS`].
#[must_use]
pub fn card(specimen: &str) -> Option<CardImage> {
    let listed = CARDS.iter().find(|listed| listed.specimen == specimen)?;
    let text = match listed.specimen {
        "zhang_san" => zhang_san(),
        "li_xiulan" => li_xiulan(),
        "wang_wei" => wang_wei(),
        "rare_name" => rare_name(),
        "minor" => minor(),
        "expired" => expired(),
        "hmt_permit" => hmt_permit(),
        "foreign_2017" => foreign_old(),
        "foreign_2023" => foreign_new(),
        _ => unreachable!("every listed specimen has a card"),
    };
    let has_fingerprint = matches!(text.kind(), CardKind::Citizen) && specimen != "li_xiulan";
    Some(CardImage {
        specimen: listed.specimen,
        text,
        photo: match listed.specimen {
            "zhang_san" => vendor_photo(),
            "foreign_2017" | "foreign_2023" => face_of("foreign"),
            person => face_of(person),
        },
        fingerprint: if has_fingerprint { fingerprint(1_024) } else { Vec::new() },
        new_addresses: match listed.specimen {
            "wang_wei" => vec!["黑龙江省齐齐哈尔市龙沙区样本大街66号2单元301室"],
            _ => Vec::new(),
        },
    })
}

fn face_of(person: &str) -> Vec<u8> {
    face::block(person).expect("every listed person but one has a face")
}

/// Begins as real chips do; only the vendor's decoder would read such a block, and this one is
/// empty behind its beginning.
#[must_use]
pub fn vendor_photo() -> Vec<u8> {
    let head = [0x57, 0x4C, 0x66, 0x00, 0x7E, 0x00, 0x32, 0x00, 0x00, 0x00];
    head.into_iter().chain(counting(7, 3, 1_014)).collect()
}

/// Shaped like the fingerprint block: 512 bytes per finger.
#[must_use]
pub fn fingerprint(len: usize) -> Vec<u8> {
    counting(5, 1, len).collect()
}

fn counting(factor: u8, start: u8, len: usize) -> impl Iterator<Item = u8> {
    std::iter::successors(Some(start), move |byte| Some(byte.wrapping_add(factor))).take(len)
}

struct Citizen {
    name: &'static str,
    sex: &'static str,
    ethnicity: &'static str,
    /// The first 17 characters of the number; birth is taken from it.
    number_17: &'static str,
    address: &'static str,
    issuer: &'static str,
    valid: (&'static str, &'static str),
}

impl Citizen {
    fn text(&self) -> TextBlock {
        let number = with_check(self.number_17);
        let birth = number.get(6..14).expect("a number of 18 characters");
        TextBlock::blank(CardKind::Citizen)
            .with(citizen::NAME, self.name)
            .with(citizen::SEX, self.sex)
            .with(citizen::ETHNICITY, self.ethnicity)
            .with(citizen::BIRTH, birth)
            .with(citizen::ADDRESS, self.address)
            .with(citizen::NUMBER, &number)
            .with(citizen::ISSUER, self.issuer)
            .with(citizen::VALID_FROM, self.valid.0)
            .with(citizen::VALID_TO, self.valid.1)
    }
}

fn with_check(number_17: &str) -> String {
    "0123456789X"
        .chars()
        .find_map(|check| numbers::id_number(&format!("{number_17}{check}")).ok())
        .expect("one check character fits")
}

fn zhang_san() -> TextBlock {
    Citizen {
        name: "张三",
        sex: "1",
        ethnicity: "01",
        number_17: "11010119900307001",
        address: "北京市东城区测试路1号",
        issuer: "北京市公安局东城分局",
        valid: ("20200101", "长期"),
    }
    .text()
}

fn li_xiulan() -> TextBlock {
    Citizen {
        name: "李秀兰",
        sex: "2",
        ethnicity: "01",
        number_17: "23020219510816002",
        address: "黑龙江省齐齐哈尔市龙沙区样本街8号",
        issuer: "齐齐哈尔市公安局龙沙分局",
        valid: ("20120405", "长期"),
    }
    .text()
}

fn wang_wei() -> TextBlock {
    Citizen {
        name: "王伟",
        sex: "1",
        ethnicity: "11",
        number_17: "23020219850420013",
        address: "黑龙江省齐齐哈尔市龙沙区样本路12号",
        issuer: "齐齐哈尔市公安局龙沙分局",
        valid: ("20190610", "20390610"),
    }
    .text()
}

fn rare_name() -> TextBlock {
    Citizen {
        name: "㛃䶮",
        sex: "2",
        ethnicity: "31",
        number_17: "23020219920211024",
        address: "黑龙江省齐齐哈尔市梅里斯达斡尔族区样本村3组",
        issuer: "齐齐哈尔市公安局",
        valid: ("20210701", "20410701"),
    }
    .text()
}

fn minor() -> TextBlock {
    Citizen {
        name: "赵小雨",
        sex: "2",
        ethnicity: "01",
        number_17: "23020220110105006",
        address: "黑龙江省齐齐哈尔市龙沙区样本街20号",
        issuer: "齐齐哈尔市公安局龙沙分局",
        valid: ("20240801", "20290801"),
    }
    .text()
}

fn expired() -> TextBlock {
    Citizen {
        name: "孙国强",
        sex: "1",
        ethnicity: "03",
        number_17: "23020219780930051",
        address: "黑龙江省齐齐哈尔市铁锋区样本胡同5号",
        issuer: "齐齐哈尔市公安局铁锋分局",
        valid: ("20010630", "20210630"),
    }
    .text()
}

fn hmt_permit() -> TextBlock {
    TextBlock::blank(CardKind::HmtPermit)
        .with(citizen::NAME, "陈晓彤")
        .with(citizen::SEX, "2")
        .with(citizen::BIRTH, "19900307")
        .with(citizen::ADDRESS, "广东省深圳市福田区测试路2号")
        .with(citizen::NUMBER, "810000199003070023")
        .with(hmt::ISSUER, "深圳市公安局福田分局")
        .with(citizen::VALID_FROM, "20220101")
        .with(citizen::VALID_TO, "20270101")
        .with(hmt::TRAVEL_PERMIT, "H00000000")
        .with(hmt::ISSUE_COUNT, "01")
}

fn foreign_old() -> TextBlock {
    TextBlock::blank(CardKind::ForeignPr2017)
        .with(foreign_2017::ENGLISH_NAME, "SPECIMEN, JOHN MICHAEL")
        .with(foreign_2017::SEX, "1")
        .with(foreign_2017::NUMBER, "USA110190030719")
        .with(foreign_2017::NATIONALITY, "USA")
        .with(foreign_2017::CHINESE_NAME, "史约翰")
        .with(foreign_2017::VALID_FROM, "20180601")
        .with(foreign_2017::VALID_TO, "20280601")
        .with(foreign_2017::BIRTH, "19900307")
        .with(foreign_2017::VERSION, "01")
        .with(foreign_2017::AUTHORITY, "1500")
}

/// The same invented person after the change of cards: the link leads back to the old number.
fn foreign_new() -> TextBlock {
    TextBlock::blank(CardKind::ForeignPr2023)
        .with(foreign_2023::NAME, "史约翰")
        .with(foreign_2023::SEX, "1")
        .with(foreign_2023::RENEWALS, "01")
        .with(foreign_2023::BIRTH, "19900307")
        .with(foreign_2023::ENGLISH_NAME, "SPECIMEN, JOHN MICHAEL ALEXANDER-CH")
        .with(foreign_2023::ENGLISH_NAME_REST, "RISTOPHER")
        .with(foreign_2023::NUMBER, "911840199003070014")
        .with(foreign_2023::VALID_FROM, "20240101")
        .with(foreign_2023::VALID_TO, "20340101")
        .with(foreign_2023::NATIONALITY, "USA")
        .with(foreign_2023::LINK, "011")
}

#[cfg(test)]
mod tests {
    use device_drivers::id_reader::card;

    use super::*;

    #[test]
    fn every_specimen_is_a_card_the_driver_takes() {
        for listed in CARDS {
            let image = super::card(listed.specimen).unwrap();
            let read = card::parse(image.text.bytes())
                .unwrap_or_else(|error| panic!("{}: {error}", listed.specimen));
            assert!(!read.name.is_empty(), "{}", listed.specimen);
        }
        assert_eq!(super::card("nobody"), None);
    }
}
