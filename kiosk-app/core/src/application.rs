//! One application from the chosen matter to the filed case: what was answered, filled, captured
//! and signed, and what is still missing.
//!
//! ```text
//! Questions ► Materials ► Notice ► Card ► (Guardian) ► Form ► Contact ► Delivery ► Capture…
//!           ► Check ► Sign ► filed
//! ```
//! The order of pages is the station's; this machine holds the data and says what it lacks.
//! It never touches a device or the store.

use std::collections::BTreeMap;

use kiosk_matters::{Answers, ChipFact, Field, Material, Matter, rules::Unfit};
use kiosk_words::{CaseId, CaseState, CellSize, Digest32, Now, Private, ReceiptNo, numbers};

use crate::{
    record::{
        Collector, Contact, ContactWay, DeliveryWay, FiledCase, FiledScan, FilledField, Mandate,
        Party, Person, Role, Signature, Strokes,
    },
    view::{Language, Stroke},
    words,
};

/// A guardian must be of full age.
pub const GUARDIAN_AGE: u32 = 18;
/// Below this many points there is no signature.
const SIGNATURE_POINTS_MIN: usize = 8;
/// Named collectors beside the applicants.
pub const COLLECTORS_MAX: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub case: CaseId,
    pub matter: Matter,
    pub answers: Answers,
    pub parties: Vec<Party>,
    pub collectors: Vec<Collector>,
    /// What was typed, by field id.
    pub typed: BTreeMap<String, Private<String>>,
    /// Fields whose error is shown.
    pub flagged: BTreeMap<String, Unfit>,
    pub way: Option<ContactWay>,
    pub mobile: Private<String>,
    pub mobile_flagged: bool,
    pub delivery: Option<DeliveryWay>,
    /// Kept pages by material id and page from 1.
    pub captures: BTreeMap<(String, u16), FiledScan>,
}

impl Application {
    pub fn new(case: CaseId, matter: Matter) -> Self {
        Self {
            case,
            matter,
            answers: Answers::new(),
            parties: Vec::new(),
            collectors: Vec::new(),
            typed: BTreeMap::new(),
            flagged: BTreeMap::new(),
            way: None,
            mobile: Private::default(),
            mobile_flagged: false,
            delivery: None,
            captures: BTreeMap::new(),
        }
    }

    pub fn applicant(&self) -> Option<&Person> {
        self.party(Role::Applicant)
    }

    pub fn party(&self, role: Role) -> Option<&Person> {
        self.parties.iter().find(|party| party.role == role).map(|party| &party.person)
    }

    /// Adds a verified person; one with the same card and role is replaced.
    pub fn add_party(&mut self, role: Role, person: Person, mandate: Option<Mandate>) {
        self.parties.retain(|party| party.role != role || party.person.number != person.number);
        self.parties.push(Party { role, person, mandate });
    }

    /// Names one more person who may collect; `false` when the list is full.
    pub fn add_collector(&mut self, collector: Collector) -> bool {
        let fits = self.collectors.len() < COLLECTORS_MAX;
        if fits {
            self.collectors.push(collector);
        }
        fits
    }

    /// Everyone who must sign, in turn: the guardian for a minor, else agents, else the applicants.
    pub fn signers(&self) -> Vec<&Person> {
        let with = |role: Role| {
            self.parties.iter().filter(move |party| party.role == role).map(|party| &party.person)
        };
        let guardians: Vec<&Person> = with(Role::Guardian).collect();
        if !guardians.is_empty() {
            return guardians;
        }
        let agents: Vec<&Person> = with(Role::Agent).collect();
        if agents.is_empty() { with(Role::Applicant).collect() } else { agents }
    }

    /// A mandate that ran out or was taken back does not let its agent sign.
    pub fn agent_may_act(&self, today: &str) -> bool {
        self.parties.iter().filter(|party| party.role == Role::Agent).all(|party| {
            party.mandate.as_ref().is_some_and(|mandate| {
                !mandate.revoked
                    && mandate.matter == self.matter.id
                    && today <= mandate.until.as_str()
            })
        })
    }

    /// Typed fields of the form in order.
    pub fn typed_fields(&self) -> Vec<&Field> {
        self.matter.plan(&self.answers).fields.into_iter().filter(|f| f.kind.is_some()).collect()
    }

    pub fn typed_value(&self, field: &str) -> &str {
        self.typed.get(field).map_or("", |value| value.expose().as_str())
    }

    /// Takes an edit; the error goes away until the next check.
    pub fn edit(&mut self, field: &str, text: &str) {
        self.flagged.remove(field);
        self.typed.insert(field.to_owned(), Private::text(text));
    }

    /// Checks all typed fields; the first wrong one, if any, is named.
    pub fn check_form(&mut self) -> Option<String> {
        let problems: Vec<(String, Unfit)> = self
            .typed_fields()
            .into_iter()
            .filter_map(|f| f.check(self.typed_value(&f.id)).err().map(|why| (f.id.clone(), why)))
            .collect();
        let first = problems.first().map(|(field, _)| field.clone());
        self.flagged = problems.into_iter().collect();
        first
    }

    pub fn needs_mobile(&self) -> bool {
        match self.way {
            Some(ContactWay::OwnMobile | ContactWay::OtherMobile) => true,
            Some(ContactWay::Post | ContactWay::ComeBack) | None => false,
        }
    }

    pub fn mobile_fits(&self) -> bool {
        numbers::mobile(self.mobile.expose()).is_ok()
    }

    /// Materials to take pictures of, in order.
    pub fn captured_materials(&self) -> Vec<&Material> {
        let plan = self.matter.plan(&self.answers);
        plan.materials.into_iter().filter(|material| material.how.is_captured()).collect()
    }

    /// The first page that has no picture yet: index of the material, page from 1.
    pub fn next_capture(&self) -> Option<(usize, u16)> {
        self.captured_materials().iter().enumerate().find_map(|(at, material)| {
            (1..=material.pages)
                .find(|page| !self.captures.contains_key(&(material.id.clone(), *page)))
                .map(|page| (at, page))
        })
    }

    /// Kept pages of the materials that the answers ask for; an answer may have changed since.
    pub fn pages(&self) -> Vec<&FiledScan> {
        let asked = self.captured_materials();
        let is_asked = |page: &&FiledScan| asked.iter().any(|material| material.id == page.slot);
        self.captures.values().filter(is_asked).collect()
    }

    /// Value of a form field as filed.
    pub fn value_of(&self, field: &Field) -> Private<String> {
        let Some(fact) = field.chip else {
            return self.typed.get(&field.id).cloned().unwrap_or_default();
        };
        let Some(person) = self.applicant() else { return Private::default() };
        match fact {
            ChipFact::Name => person.name.clone(),
            ChipFact::Number => person.number.clone(),
            ChipFact::Sex => Private::text(person.sex),
            ChipFact::Birth => person.birth.clone(),
            ChipFact::Address => person.address.clone(),
        }
    }

    pub fn filled_fields(&self, language: Language) -> Vec<FilledField> {
        let plan = self.matter.plan(&self.answers);
        let filled = |field: &&Field| FilledField {
            id: field.id.clone(),
            label: words::of(&field.label, language),
            value: self.value_of(field),
        };
        plan.fields.iter().map(filled).collect()
    }

    /// The page that is signed, line by line in a fixed order: what the hash is taken of. Every
    /// value in it is on the check page.
    pub fn page_text(&self, now: Now) -> Private<String> {
        let mut lines =
            vec![format!("nightdesk page 1\n{} v{}", self.matter.id, self.matter.version)];
        lines.push(format!("case {}", self.case));
        lines.push(format!("date {}", now.wall.civil().yyyymmdd()));
        for party in &self.parties {
            let person = &party.person;
            let (name, number) = (person.name.expose(), person.number.expose());
            lines.push(format!("party {:?} {name} {number}", party.role));
            if let Some(mandate) = &party.mandate {
                let (giver, until) = (mandate.given_by.expose(), &mandate.until);
                lines.push(format!("mandate by {giver} until {until}"));
            }
        }
        for collector in &self.collectors {
            let (name, number) = (collector.name.expose(), collector.number.expose());
            lines.push(format!("collector {name} {number}"));
        }
        for (question, answer) in &self.answers {
            lines.push(format!("answer {question}={answer}"));
        }
        for field in self.filled_fields(Language::Chinese) {
            lines.push(format!("field {}: {}", field.label, field.value.expose()));
        }
        let mobile = if self.needs_mobile() { self.mobile.expose().as_str() } else { "" };
        lines.push(format!("contact {:?} {mobile}", self.way));
        lines.push(format!("delivery {:?}", self.delivery));
        for capture in self.pages() {
            lines.push(format!("page {} {} {}", capture.slot, capture.page, capture.scan.digest));
        }
        Private::new(lines.join("\n"))
    }

    pub fn is_signature(strokes: &[Stroke]) -> bool {
        strokes.iter().map(Vec::len).sum::<usize>() >= SIGNATURE_POINTS_MIN
    }

    /// The cell that its originals need; `None` if it needs none.
    pub fn cell_needed(&self) -> Option<CellSize> {
        self.matter.plan(&self.answers).cell()
    }

    /// The filed case. Everything must be there; the caller went through all pages.
    pub fn file(
        &self,
        receipt: ReceiptNo,
        pickup_code: Private<String>,
        signed: Vec<Signature>,
        language: Language,
        now: Now,
    ) -> FiledCase {
        let (Some(way), Some(delivery)) = (self.way, self.delivery) else {
            unreachable!("contact and delivery are chosen before the check page")
        };
        assert!(self.next_capture().is_none(), "all pages are captured before the check page");
        assert!(!signed.is_empty(), "a case without a signature");
        let signers = self.signers();
        let each_signed =
            signed.iter().map(|one| &one.signer).eq(signers.iter().map(|s| &s.number));
        assert!(each_signed, "every signer signs once, in turn");
        FiledCase {
            case: self.case,
            receipt,
            next_counter: receipt.counter() + 1,
            matter: self.matter.id.clone(),
            matter_version: self.matter.version,
            matter_name: words::of(&self.matter.name, language),
            discreet: self.matter.discreet,
            deposited: now.wall,
            quality: now.quality,
            parties: self.parties.clone(),
            collectors: self.collectors.clone(),
            answers: self.answers.clone().into_iter().collect(),
            fields: self.filled_fields(Language::Chinese),
            contact: Contact {
                way,
                mobile: self.needs_mobile().then(|| self.mobile.clone()),
                delivery,
            },
            scans: self.pages().into_iter().cloned().collect(),
            signatures: signed,
            pickup_code,
            state: CaseState::filed(self.cell_needed().is_some()),
        }
    }
}

/// One person's signature on the page with this hash.
pub fn sign(signer: &Person, page: Digest32, strokes: Vec<Stroke>, now: Now) -> Signature {
    Signature {
        signer: signer.number.clone(),
        page,
        strokes: Private::new(Strokes(strokes)),
        at: now.wall,
    }
}
