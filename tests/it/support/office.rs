//! An office: the application with its real door, and a person of each role who shows a key.

use std::sync::Arc;

use risk_registry::{
    access::{FourEyes, Role},
    db::{Context, Db},
    keys::{ApiKeyCreate, KeyEnv, KeySecret, Keyring, Token, service},
    values::{Instant, Line},
};

use super::{App, Client, Database};

/// What the tests' keys are made with.
pub fn keyring() -> Keyring {
    Keyring::new(KeyEnv::default(), KeySecret::parse("what the keys of tests are hashed under").unwrap())
}

/// Makes a key as the program itself does, without anybody's having signed in.
pub fn key(db: &Db, actor: &str, role: Role, expires_at: Option<Instant>) -> (String, Token) {
    let made = keyring().make().unwrap();
    let token = made.token.clone();
    let stated = ApiKeyCreate {
        actor: Line::parse(actor).unwrap(),
        name: Line::parse("Of a test").unwrap(),
        role,
        expires_at,
    };
    let create = move |tx: &mut risk_registry::db::Tx<'_>| service::create(tx, &made, stated.clone());
    let record = db.write_blocking(Context::own(), create).unwrap();
    (record.id.to_string(), token)
}

/// The application with its real door, and who works there. Analyst and approvers are different people.
pub struct Office {
    pub app: App,
    /// Shows nothing.
    pub nobody: Client,
    pub viewer: Client,
    pub analyst: Client,
    pub approver: Client,
    pub second_approver: Client,
    pub auditor: Client,
    pub admin: Client,
}

impl Office {
    /// On an empty registry, where one person is enough.
    pub fn open() -> Self {
        Self::with(FourEyes::Off)
    }

    /// On an empty registry.
    pub fn with(four_eyes: FourEyes) -> Self {
        Self::of(App::secured_with(four_eyes))
    }

    /// On a database that others may be on as well.
    pub fn on(database: Arc<Database>, four_eyes: FourEyes) -> Self {
        Self::of(App::secured_on(database, four_eyes))
    }

    fn of(app: App) -> Self {
        let person = |actor: &str, role: Role| {
            let (_, token) = key(&app.db, actor, role, None);
            app.client.showing(token.reveal())
        };
        Self {
            nobody: app.client.clone(),
            viewer: person("vera.viewer", Role::Viewer),
            analyst: person("anna.analyst", Role::Analyst),
            approver: person("paul.approver", Role::Approver),
            second_approver: person("petra.approver", Role::Approver),
            auditor: person("udo.auditor", Role::Auditor),
            admin: person("dora.admin", Role::Admin),
            app,
        }
    }

    /// The person of a role.
    pub fn of_role(&self, role: Role) -> &Client {
        match role {
            Role::Viewer => &self.viewer,
            Role::Analyst => &self.analyst,
            Role::Approver => &self.approver,
            Role::Auditor => &self.auditor,
            Role::Admin => &self.admin,
        }
    }
}
