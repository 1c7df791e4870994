//! Random histories from a seed: events on a calendar so dense that they collide, one candidate after the other.
//! A candidate is what somebody might record next: mostly plausible, often illegal, at times wrong in itself.
//! Nothing here knows the rules; whether a candidate may stay is for the caller to say.

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use risk_registry::{
    designations::model::{Details, Event, EventType, ScopeDates, ScopeStatement},
    values::{AuthorityId, Date, DesignationId, EventId, Instant, Line, List, Prose, ScopeId},
};
use uuid::Uuid;

/// The last day on which an event occurs; effects and dates reach some days further.
const DAYS: i32 = 44;

/// Writes one history, candidate by candidate.
pub struct Author {
    rng: StdRng,
    made: u64,
    today: i32,
    /// How often an event is dated back, corrects another, or names single scopes.
    backdates: f64,
    corrects: f64,
    picks: f64,
    dates: f64,
}

impl Author {
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut habit = |odds: f64, often: f64| if rng.random_bool(odds) { often } else { 0.0 };
        let (backdates, corrects, picks, dates) =
            (habit(0.75, 0.4), habit(0.6, 0.25), habit(0.7, 0.45), habit(0.8, 0.4));
        Self { rng, made: 0, today: 12, backdates, corrects, picks, dates }
    }

    /// How many candidates this history tries.
    pub fn candidates(&mut self) -> usize {
        self.rng.random_range(6..36)
    }

    /// What might be recorded next.
    pub fn candidate(&mut self, recorded: &[Event]) -> Event {
        let correct = !recorded.is_empty() && self.chance(self.corrects);
        let mut event = if correct { self.correction(recorded) } else { self.fresh(recorded) };
        if self.chance(0.06) {
            self.spoil(&mut event, recorded);
        }
        event
    }

    fn fresh(&mut self, recorded: &[Event]) -> Event {
        if self.chance(self.backdates) {
            let day = self.rng.random_range(0..=self.today);
            return self.event(recorded, day);
        }
        if self.chance(0.7) {
            self.today = (self.today + self.rng.random_range(1..5)).min(DAYS);
        }
        self.event(recorded, self.today)
    }

    fn event(&mut self, recorded: &[Event], day: i32) -> Event {
        let what = self.what(recorded);
        let details = self.details(what, recorded, day);
        let brings = details.scopes().is_some_and(|scopes| !scopes.is_empty());
        let names = !brings || self.chance(0.1);
        let scope_ids =
            if names && self.chance(self.picks) { self.some_scopes(recorded) } else { Vec::new() };
        let seq = recorded.len() as u64 + 1;
        Event {
            id: EventId::from(self.uuid()),
            seq,
            recorded_at: Instant::start_of(date(100)).plus_seconds(seq as i64 * 60),
            occurred_on: date(day),
            announced_on: None,
            notified_on: None,
            published_on: None,
            scope_ids: list(scope_ids),
            details,
            sources: List::default(),
            note: None,
            corrects: None,
        }
    }

    /// What usually comes next, roughly: nothing is certain, nothing is impossible.
    fn what(&mut self, recorded: &[Event]) -> EventType {
        use EventType as E;
        let count = |what: &[E]| newest(recorded).filter(|event| what.contains(&event.event_type())).count();
        let ordered = count(&[E::OrderIssued]) > 0;
        let live = ordered || count(&[E::UrgentAction]) > 0;
        let noticed = count(&[E::NoticeIssued]) > 0;
        let stays_open = count(&[E::Stayed]) > count(&[E::StayLifted]);
        let ended = count(&[E::Vacated, E::Rescinded, E::Delisted]) > count(&[E::Reinstated]);
        let weigh = |what: E| match what {
            E::OrderIssued if recorded.is_empty() => 40,
            E::ProposalRecorded | E::NoticeIssued | E::UrgentAction if recorded.is_empty() => 20,
            _ if recorded.is_empty() => 1,
            E::OrderIssued if !ordered => 60,
            E::UrgentAction if !live => 25,
            E::NoticeIssued if !live => 20,
            E::ProposalRecorded if !live && !noticed => 10,
            E::Withdrawn if !ordered => 6,
            E::ResponseReceived | E::ResponseExtended if noticed => 6,
            E::Stayed if live => 40,
            E::StayLifted if stays_open => 35,
            E::Reinstated if ended => 50,
            E::Vacated if live => 14,
            E::Rescinded | E::Delisted if live => 8,
            E::Superseded => 4,
            E::Amended if live => 45,
            E::ReviewAffirmed if live => 5,
            E::Noted => 5,
            _ => 3,
        };
        *E::ALL.choose_weighted(&mut self.rng, |what| weigh(*what)).expect("some weight is above zero")
    }

    fn details(&mut self, what: EventType, recorded: &[Event], day: i32) -> Details {
        let authority_id = AuthorityId::from(Uuid::from_u128(7));
        let case_number = Line::parse("1:26-cv-01996").expect("a line");
        match what {
            EventType::ProposalRecorded => Details::ProposalRecorded { scopes: self.scopes(recorded, day) },
            EventType::NoticeIssued => {
                Details::NoticeIssued { scopes: self.scopes(recorded, day), response_due_on: None }
            }
            EventType::ResponseReceived => Details::ResponseReceived { received_on: date(day) },
            EventType::ResponseExtended => Details::ResponseExtended { response_due_on: date(day + 30) },
            EventType::UrgentAction => Details::UrgentAction {
                basis: Prose::parse("It could not wait.").expect("prose"),
                scopes: self.scopes(recorded, day),
                review_by: None,
            },
            EventType::OrderIssued => Details::OrderIssued {
                scopes: self.scopes(recorded, day),
                dates: self.scope_dates(recorded, day, 0.4, -12),
            },
            EventType::Stayed => {
                Details::Stayed { authority_id, case_number, effective_on: self.effect(day) }
            }
            EventType::StayLifted => Details::StayLifted {
                lifts: self.earlier(recorded, &[EventType::Stayed]),
                effective_on: self.effect(day),
            },
            EventType::Vacated => {
                let retroactive = self.chance(0.35);
                let effective_on = if retroactive { None } else { self.effect(day) };
                Details::Vacated { authority_id, case_number, retroactive, effective_on }
            }
            EventType::Rescinded => Details::Rescinded { effective_on: self.effect(day) },
            EventType::Delisted => Details::Delisted { effective_on: self.effect(day) },
            EventType::Withdrawn => Details::Withdrawn,
            EventType::Superseded => Details::Superseded {
                successor_id: DesignationId::from(Uuid::from_u128(8)),
                effective_on: self.effect(day),
            },
            EventType::Reinstated => Details::Reinstated {
                authority_id,
                reinstates: self.earlier(recorded, &ENDS),
                effective_on: self.effect(day),
            },
            EventType::Amended => {
                let scopes = if self.chance(0.4) { Some(list(self.new_scopes(day))) } else { None };
                let odds = if scopes.is_some() { 0.2 } else { 0.95 };
                Details::Amended { scopes, dates: self.scope_dates(recorded, day, odds, -1) }
            }
            EventType::ReviewAffirmed => Details::ReviewAffirmed { next_review_on: date(day + 90) },
            EventType::Noted => Details::Noted,
        }
    }

    /// The first event brings scopes; later ones now and then.
    fn scopes(&mut self, recorded: &[Event], day: i32) -> Option<List<ScopeStatement, 500>> {
        let brings = if recorded.is_empty() { self.chance(0.97) } else { self.chance(0.25) };
        if brings {
            return Some(list(self.new_scopes(day)));
        }
        self.chance(0.2).then(List::default)
    }

    fn new_scopes(&mut self, day: i32) -> Vec<ScopeStatement> {
        let number = *[1, 1, 1, 2, 2, 3].choose(&mut self.rng).expect("a number");
        (0..number).map(|_| self.statement(None, day)).collect()
    }

    fn statement(&mut self, id: Option<ScopeId>, day: i32) -> ScopeStatement {
        let (effective_from, effective_to) = self.first_and_last(day, -10);
        let (keep_from, keep_to) = (self.chance(self.dates), self.chance(self.dates * 0.7));
        ScopeStatement {
            id: Some(id.unwrap_or_else(|| ScopeId::from(self.uuid()))),
            environments: List::default(),
            actions: List::default(),
            tiers: List::default(),
            agencies: List::default(),
            effective_from: effective_from.filter(|_| keep_from),
            effective_to: effective_to.filter(|_| keep_to),
            note: None,
        }
    }

    /// A first and a last day that mostly do not contradict each other.
    fn first_and_last(&mut self, day: i32, earliest: i32) -> (Option<Date>, Option<Date>) {
        let from = day + self.rng.random_range(earliest..14);
        let to = if self.chance(0.1) { from - 2 } else { from.max(day) + self.rng.random_range(0..20) };
        (Some(date(from)), Some(date(to)))
    }

    fn scope_dates(
        &mut self,
        recorded: &[Event],
        day: i32,
        odds: f64,
        earliest: i32,
    ) -> List<ScopeDates, 500> {
        if !self.chance(odds * (0.3 + self.dates)) {
            return List::default();
        }
        let scopes = self.some_scopes(recorded);
        let dates = scopes.into_iter().map(|scope_id| {
            let (mut effective_from, mut effective_to) = self.first_and_last(day, earliest);
            match self.rng.random_range(0..5) {
                0 => {}
                1 | 2 => effective_from = None,
                _ => effective_to = None,
            }
            ScopeDates { scope_id, effective_from, effective_to }
        });
        list(dates.collect())
    }

    fn effect(&mut self, day: i32) -> Option<Date> {
        let shift = self.rng.random_range(-9..12);
        self.chance(0.4).then(|| date(day + shift))
    }

    fn some_scopes(&mut self, recorded: &[Event]) -> Vec<ScopeId> {
        let known = stated(recorded);
        let number = self.rng.random_range(1..=2).min(known.len());
        known.sample(&mut self.rng, number).copied().collect()
    }

    fn earlier(&mut self, recorded: &[Event], what: &[EventType]) -> Option<EventId> {
        let fits = |event: &&Event| what.contains(&event.event_type());
        let ids: Vec<EventId> = recorded.iter().filter(fits).map(|event| event.id).collect();
        if self.chance(0.4) { ids.choose(&mut self.rng).copied() } else { None }
    }

    // Corrections.

    fn correction(&mut self, recorded: &[Event]) -> Event {
        let choices: Vec<&Event> = newest(recorded).collect();
        let old = (*choices.choose(&mut self.rng).expect("one event is the newest")).clone();
        let day = self.rng.random_range(0..=self.today.min(DAYS));
        let mut event = self.event(recorded, day);
        event.corrects = Some(old.id);
        let fresh = event.details.clone();
        event.occurred_on = old.occurred_on;
        event.scope_ids = old.scope_ids.clone();
        event.details = old.details.clone();
        match self.rng.random_range(0..12) {
            0..3 => event.occurred_on = date(day),
            3 => event.details = Details::Noted,
            4 => event.details = fresh,
            5 => {
                event.occurred_on = date(day);
                event.details = fresh;
            }
            6 => event.scope_ids = list(self.some_scopes(recorded)),
            7 => event.details = self.details(old.event_type(), recorded, day),
            8 => event.scope_ids = List::default(),
            _ => self.restate(&mut event, recorded, day),
        }
        event
    }

    /// States the scopes of the chain anew: all of them or some, with other dates, or with new ones among them.
    fn restate(&mut self, event: &mut Event, recorded: &[Event], day: i32) {
        let mut chain = Vec::new();
        let mut at = event.corrects;
        while let Some(corrected) = at.and_then(|id| recorded.iter().find(|event| event.id == id)) {
            chain.extend(corrected.details.scopes().unwrap_or_default().iter().filter_map(|scope| scope.id));
            at = corrected.corrects;
        }
        chain.sort();
        chain.dedup();
        let mut scopes: Vec<ScopeStatement> = Vec::new();
        for id in chain {
            if self.chance(0.8) {
                scopes.push(self.statement(Some(id), day));
            }
        }
        if self.chance(0.3) {
            scopes.push(self.statement(None, day));
        }
        event.details.set_scopes(list(scopes));
    }

    // Mistakes.

    /// Makes some mistake that a person or a program might make.
    fn spoil(&mut self, event: &mut Event, recorded: &[Event]) {
        let nowhere = self.uuid();
        let scope = stated(recorded).choose(&mut self.rng).copied();
        let any = recorded.choose(&mut self.rng).map_or(EventId::from(nowhere), |old| old.id);
        let day = event.occurred_on;
        let dates =
            |scope_id: ScopeId| ScopeDates { scope_id, effective_from: None, effective_to: Some(day) };
        let scope = scope.unwrap_or(ScopeId::from(nowhere));
        match self.rng.random_range(0..13) {
            0 => event.scope_ids = list(vec![ScopeId::from(nowhere)]),
            1 => event.scope_ids = list(vec![scope, scope]),
            2 => event.corrects = Some(EventId::from(nowhere)),
            3 => event.corrects = Some(any),
            4 => event.details = Details::OrderIssued { scopes: None, dates: list(vec![dates(scope); 2]) },
            5 => event.details = Details::Amended { scopes: None, dates: list(vec![dates(nowhere.into())]) },
            6 => event.details = Details::StayLifted { lifts: Some(any), effective_on: None },
            7 => event.details = Details::StayLifted { lifts: Some(nowhere.into()), effective_on: None },
            8 | 9 => {
                event.details = Details::Reinstated {
                    authority_id: AuthorityId::from(Uuid::from_u128(7)),
                    reinstates: Some(any),
                    effective_on: None,
                }
            }
            10 => {
                let one = self.statement(None, 20);
                event.details.set_scopes(list(vec![one.clone(), one]));
            }
            11 => {
                let one = self.statement(Some(scope), 20);
                event.details.set_scopes(list(vec![one]));
            }
            _ => event.details = Details::Amended { scopes: None, dates: List::default() },
        }
    }

    fn chance(&mut self, odds: f64) -> bool {
        self.rng.random_bool(odds.clamp(0.0, 1.0))
    }

    /// An id that is the same whenever the seed is.
    fn uuid(&mut self) -> Uuid {
        self.made += 1;
        Uuid::from_u128(0x0195_a3c4_7a10_7c4e_8000_0000_0000_0000 + u128::from(self.made))
    }
}

const ENDS: [EventType; 5] = [
    EventType::Vacated,
    EventType::Rescinded,
    EventType::Delisted,
    EventType::Withdrawn,
    EventType::Superseded,
];

/// The events that nothing corrects.
pub fn newest(recorded: &[Event]) -> impl Iterator<Item = &Event> {
    recorded.iter().filter(|event| !recorded.iter().any(|other| other.corrects == Some(event.id)))
}

/// Every scope that any event ever stated.
pub fn stated(recorded: &[Event]) -> Vec<ScopeId> {
    let all = recorded.iter().flat_map(|event| event.details.scopes().unwrap_or_default());
    let mut ids: Vec<ScopeId> = all.filter_map(|scope| scope.id).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The first and the last date that any event mentions.
pub fn span(recorded: &[Event]) -> (Date, Date) {
    let of_event = |event: &Event| {
        let mut dates = vec![Some(event.occurred_on), event.details.effective_on()];
        for scope in event.details.scopes().unwrap_or_default() {
            dates.extend([scope.effective_from, scope.effective_to]);
        }
        for given in event.details.dates() {
            dates.extend([given.effective_from, given.effective_to]);
        }
        dates.into_iter().flatten().collect::<Vec<_>>()
    };
    let dates: Vec<Date> = recorded.iter().flat_map(of_event).collect();
    let (first, last) = (dates.iter().min(), dates.iter().max());
    (*first.expect("an event has a date"), *last.expect("an event has a date"))
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("a short list")
}

fn date(day: i32) -> Date {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date");
    Date::new(first + chrono::TimeDelta::days(i64::from(day))).expect("a date")
}
