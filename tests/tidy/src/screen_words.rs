//! Words that no citizen may read, because they claim what has not happened or blame the person.
//!
//! Comments may name them. What a sentence means is not judged here.

use crate::{File, Finding, Tree};

/// The word, and what to say instead.
pub const FORBIDDEN: [(&str, &str); 15] = [
    ("提交成功", "say how far the case got: 已存本机，尚未传到大厅"),
    ("系统错误", "say what happened and what to do"),
    ("操作失败", "say what happened and what to do"),
    ("非法", "say which rule is not met"),
    ("待送达", "尚未传到大厅"),
    ("已送达", "大厅已收到; 送达 is the service of a document"),
    ("立案", "受理 is the hall's word; the station says 收件"),
    ("高拍仪", "拍材料的镜头"),
    ("智审", "材料检查"),
    ("初审已通过", "本机检查：n项未发现问题"),
    ("离线可办", "未联网 · 可填表"),
    ("离线受理", "离线收件"),
    ("一次性告知单", "导办单（材料清单）; 一次性告知 is the hall's act"),
    ("争议封存", "已封存（待核实）"),
    ("传感矛盾", "状态待核"),
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| is_shown(file)) {
        for (line, text) in file.product_lines() {
            let text = without_comment(file, text);
            for (word, todo) in FORBIDDEN.iter().filter(|(word, _)| text.contains(word)) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("no 「{word}」 where a citizen or clerk reads it"),
                    *todo,
                ));
            }
        }
    }
    findings
}

/// Files whose texts reach a screen or a page.
fn is_shown(file: &File) -> bool {
    let shown = ["kiosk-app/", "ui/", "hall-server/", "assets/"]
        .iter()
        .any(|folder| file.path.starts_with(folder));
    // The frames are the ones these files hold; a test may name a word to see that it is absent.
    let text = ["rs", "slint", "toml", "html", "json", "txt"]
        .iter()
        .any(|extension| file.has_extension(extension));
    shown && text && !file.is_test()
}

fn without_comment<'a>(file: &File, line: &'a str) -> &'a str {
    let mark = if file.has_extension("toml") { "#" } else { "//" };
    if line.trim_start().starts_with(mark) { "" } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_is_not_true_is_found_on_screens_and_in_the_catalogue() {
        let tree = Tree::sample(&[
            ("kiosk-app/core/src/words.rs", "// 提交成功 is never said\nlet t = \"提交成功\";\n"),
            ("assets/catalog/a/matter.toml", "title = \"已送达\"\n"),
            ("docs/words.md", "提交成功\n"),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0].line, 2);
    }
}
