//! Invented chip cards. People are those of [`crate::specimen`] where they have the same name.

use device_api::smart_card::Generation;

use super::{
    Chip,
    piv::PivChip,
    social::{Manner, OtherChip, SocialChip, SocialImage},
};
use crate::specimen::Listed;

pub const CHIP_CARDS: [Listed; 11] = [
    Listed { specimen: "social_zhang_san", title_zh: "张三的社保卡，第二代（样本）" },
    Listed {
        specimen: "social_li_xiulan", title_zh: "李秀兰的社保卡，第一代（样本）"
    },
    Listed { specimen: "social_wang_wei", title_zh: "王伟的社保卡，第三代（样本）" },
    Listed { specimen: "social_long_name", title_zh: "姓名很长的社保卡（样本）" },
    Listed { specimen: "social_protected", title_zh: "要密钥才给看的社保卡（样本）" },
    Listed { specimen: "social_blocked", title_zh: "已挂失的社保卡（样本）" },
    Listed { specimen: "social_bad_number", title_zh: "号码写错的社保卡（样本）" },
    Listed { specimen: "staff_1001", title_zh: "工作人员卡，样本 1001" },
    Listed { specimen: "staff_2001", title_zh: "工作人员卡，样本 2001" },
    Listed { specimen: "staff_3001", title_zh: "工作人员卡，样本 3001" },
    Listed { specimen: "other_card", title_zh: "公交卡，不是社保卡（样本）" },
];

/// The card of a specimen by its name in [`CHIP_CARDS`].
#[must_use]
pub fn chip(specimen: &str) -> Option<Box<dyn Chip>> {
    use Generation::{First, Second, Third};
    let (zhang_san, li_xiulan) = (("110101199003070011", "张三"), ("230202195108160022", "李秀兰"));
    let wang_wei = ("230202198504200130", "王伟");
    let social = |generation, manner, (number, name): (&'static str, &'static str), sex| {
        let image = SocialImage {
            generation,
            manner,
            number,
            name,
            sex,
            card_number: "A00000001",
            valid_to: [0x20, 0x35, 0x12, 0x31],
        };
        Some(Box::new(SocialChip::new(&image)) as Box<dyn Chip>)
    };
    match specimen {
        "social_zhang_san" => social(Second, Manner::Plain, zhang_san, b'1'),
        "social_li_xiulan" => social(First, Manner::NumbersOnly, li_xiulan, b'2'),
        "social_wang_wei" => social(Third, Manner::Blocks, wang_wei, b'1'),
        "social_long_name" => {
            let long = ("11010119900307002X", "阿卜杜热合曼·麦麦提明江·吐尔逊");
            social(Second, Manner::Plain, long, b'1')
        }
        "social_protected" => social(Third, Manner::Protected, zhang_san, b'1'),
        "social_blocked" => social(Second, Manner::Blocked, zhang_san, b'1'),
        "social_bad_number" => social(Second, Manner::Plain, ("110101199003070012", "张三"), b'1'),
        // As delivered: `cardtool` makes them cards of a hall.
        "staff_1001" | "staff_2001" | "staff_3001" => Some(Box::new(PivChip::new(specimen))),
        "other_card" => Some(Box::<OtherChip>::default()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::numbers;

    use super::*;
    use crate::specimen::{CARDS, card};

    #[test]
    fn every_listed_card_is_there() {
        for listed in CHIP_CARDS {
            assert!(chip(listed.specimen).is_some(), "{}", listed.specimen);
        }
        assert!(chip("nobody").is_none());
    }

    #[test]
    fn social_cards_are_of_the_people_whose_id_cards_there_are() {
        let numbers: Vec<String> = CARDS
            .iter()
            .filter_map(|listed| card(listed.specimen))
            .filter_map(|image| device_drivers::id_reader::card::parse(image.text.bytes()).ok())
            .map(|card| card.number.expose().clone())
            .collect();
        for number in ["110101199003070011", "230202195108160022", "230202198504200130"] {
            assert!(numbers::id_number(number).is_ok(), "{number}");
            assert!(numbers.iter().any(|known| known == number), "{number}: {numbers:?}");
        }
    }
}
