//! How many count at a time, and for whom: with a question that counts for as long as a test wants it to.

use std::{
    hash::{Hash, Hasher},
    sync::{Condvar, LazyLock, Mutex},
    time::Instant,
};

use actix_web::{ResponseError, rt::System};

use super::*;
use crate::{
    db::{Purpose, Sight, Sizes, Target, migrate, open},
    statistics::model::{Dimensions, Filter},
};

/// Holds counts back until it is opened, and knows how many there were.
#[derive(Default)]
struct Gate {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    running: usize,
    most: usize,
    made: usize,
    is_open: bool,
}

impl Gate {
    fn pass(&self) {
        let mut seen = self.seen.lock().unwrap();
        seen.running += 1;
        seen.most = seen.most.max(seen.running);
        let mut seen = self.changed.wait_while(seen, |seen| !seen.is_open).unwrap();
        seen.running -= 1;
        seen.made += 1;
    }

    fn open(&self) {
        self.seen.lock().unwrap().is_open = true;
        self.changed.notify_all();
    }

    fn seen(&self) -> Seen {
        *self.seen.lock().unwrap()
    }
}

/// Questions of one number are the same.
#[derive(Clone)]
struct Slow {
    number: usize,
    gate: Arc<Gate>,
}

impl PartialEq for Slow {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number && Arc::ptr_eq(&self.gate, &other.gate)
    }
}

impl Eq for Slow {}

impl Hash for Slow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

static EVERYTHING: LazyLock<Filter> = LazyLock::new(Filter::default);

impl Question for Slow {
    type Counted = usize;

    fn filter(&self) -> &Filter {
        &EVERYTHING
    }

    fn dimensions(&self) -> Dimensions {
        Dimensions::default()
    }

    fn count(&self, _: &mut Snapshot<'_>, _: Knowledge) -> Result<usize> {
        self.gate.pass();
        Ok(self.number)
    }

    fn size(_: &usize) -> usize {
        1
    }
}

static KEPT: LazyLock<Kept<Slow>> = LazyLock::new(Kept::default);

impl Keep for Slow {
    fn kept(_: &Inner) -> &Kept<Self> {
        &KEPT
    }
}

/// A registry of its own, with eight read connections.
struct Registry {
    counting: Counting,
    gate: Arc<Gate>,
    _folder: tempfile::TempDir,
}

impl Registry {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::parse(folder.path().join("r.db").to_str().unwrap()).unwrap();
        migrate(&mut open(&target, Purpose::Owner).unwrap()).unwrap();
        let counting = Counting::new(Db::open(&target, Sizes::default()).unwrap());
        Self { counting, gate: Arc::default(), _folder: folder }
    }

    /// Asks, as a task.
    fn ask(&self, number: usize, credential: &str) -> rt::task::JoinHandle<std::result::Result<usize, u16>> {
        let (counting, gate) = (self.counting.clone(), Arc::clone(&self.gate));
        let by = (
            Asker(Context { sight: Sight::Public, ..Context::own() }),
            Named { actor: "a".into(), credential: credential.into() },
        );
        rt::spawn(async move {
            let known = Known { known_at: None, known_seq: None };
            let found = counting.of(by, move |_| Ok((Slow { number, gate }, known))).await;
            found.map(|found| *found.counted).map_err(|refusal| refusal.status_code().as_u16())
        })
    }

    async fn until(&self, what: &str, is_so: impl Fn(Seen) -> bool) {
        let begun = Instant::now();
        while !is_so(self.gate.seen()) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {:?}", self.gate.seen());
            rt::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[test]
fn a_quarter_of_the_connections_count_at_a_time_and_the_others_wait_for_their_turn() {
    System::new().block_on(async {
        let registry = Registry::new();
        let asked: Vec<_> = (0..12).map(|number| registry.ask(number, "k")).collect();
        registry.until("two count", |seen| seen.running == 2).await;
        // All others are refused no connection.
        let head = registry.counting.0.db.read(Context::own(), Cost::Scan, |snapshot| snapshot.head());
        assert_eq!(head.await.unwrap().seq, 0);
        registry.gate.open();
        for (number, asked) in asked.into_iter().enumerate() {
            assert_eq!(asked.await.unwrap(), Ok(number));
        }
        assert_eq!((registry.gate.seen().most, registry.gate.seen().made), (2, 12));
    });
}

#[test]
fn what_many_ask_is_counted_once_and_kept() {
    System::new().block_on(async {
        let registry = Registry::new();
        let asked: Vec<_> = (0..20).map(|_| registry.ask(7, "k")).collect();
        registry.until("one counts", |seen| seen.running == 1).await;
        registry.gate.open();
        for asked in asked {
            assert_eq!(asked.await.unwrap(), Ok(7));
        }
        assert_eq!(registry.ask(7, "another").await.unwrap(), Ok(7));
        assert_eq!(registry.gate.seen().made, 1);
    });
}

#[test]
fn whoever_leaves_makes_room_for_no_other_count_and_what_was_counted_for_them_is_kept() {
    System::new().block_on(async {
        let registry = Registry::new();
        let left: Vec<_> = (0..2).map(|number| registry.ask(number, "k")).collect();
        registry.until("two count", |seen| seen.running == 2).await;
        left.iter().for_each(rt::task::JoinHandle::abort);
        let stayed = registry.ask(2, "k");
        rt::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(registry.gate.seen().running, 2);
        registry.gate.open();
        assert_eq!(stayed.await.unwrap(), Ok(2));
        registry.until("all were counted", |seen| seen.made == 3).await;
        for number in 0..2 {
            assert_eq!(registry.ask(number, "k").await.unwrap(), Ok(number));
        }
        assert_eq!(registry.gate.seen().made, 3);
    });
}

#[test]
fn one_credential_has_so_many_counts_and_leaves_room_for_others() {
    System::new().block_on(async {
        let registry = Registry::new();
        let asked: Vec<_> = (0..MOST_WAITING_OF_ONE).map(|number| registry.ask(number, "k")).collect();
        registry.until("two count", |seen| seen.running == 2).await;
        let begun = Instant::now();
        while registry.counting.0.places.taken() < MOST_WAITING_OF_ONE {
            assert!(begun.elapsed() < Duration::from_secs(60));
            rt::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(registry.ask(1000, "k").await.unwrap(), Err(429));
        let other = registry.ask(1001, "another");
        registry.gate.open();
        assert_eq!(other.await.unwrap(), Ok(1001));
        for (number, asked) in asked.into_iter().enumerate() {
            assert_eq!(asked.await.unwrap(), Ok(number));
        }
        assert_eq!(registry.counting.0.places.taken(), 0);
    });
}
