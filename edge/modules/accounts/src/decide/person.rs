//! One person's account: name, roles, record, login name, sessions. Passwords and codes are known here only as facts.

use crate::error::PersonRefusal;
use crate::roster::limits::{ABBREVIATION, NAME, SOURCE_ID, fits};
use crate::roster::login_name;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use events::Personal;
use events::accounts::{AccountsEvent, Date, EndReason, PersonCommand, PersonName, Role};
use events::ids::{PersonId, SessionId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A command with the person it is for.
#[derive(Clone, Debug)]
pub(crate) struct ToPerson {
    /// Whom.
    pub(crate) person: PersonId,
    /// What.
    pub(crate) command: PersonCommand,
}

/// What the office knows, as the last description left it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Described {
    pub(crate) source_id: Option<String>,
    pub(crate) birth_date: Option<Date>,
    pub(crate) abbreviation: Option<String>,
}

/// A guardian as this pupil's record names them; the name is gone once it is forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Guardian {
    pub(crate) name: Option<PersonName>,
    pub(crate) custody: bool,
}

/// A person as decisions need them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) known: bool,
    pub(crate) name: Option<PersonName>,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) login: Option<String>,
    pub(crate) described: Described,
    pub(crate) guardians: BTreeMap<PersonId, Guardian>,
    pub(crate) left: Option<Date>,
    pub(crate) sessions: BTreeSet<SessionId>,
}

impl Aggregate for Person {
    const TYPE: &'static str = "person";
    type Command = ToPerson;
    type Event = AccountsEvent;
    type Error = PersonRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: ToPerson,
        _services: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), PersonRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: AccountsEvent) {
        use AccountsEvent as E;
        match event {
            E::PersonAdded { name, roles, .. } => {
                self.known = true;
                self.name = name.get().cloned();
                self.roles = roles.into_iter().collect();
            }
            E::PersonRenamed { name, .. } => self.name = name.get().cloned(),
            E::PersonDescribed {
                source_id,
                birth_date,
                abbreviation,
                ..
            } => {
                self.described = Described {
                    source_id: source_id.get().cloned().flatten(),
                    birth_date: birth_date.get().cloned().flatten(),
                    abbreviation: abbreviation.get().cloned().flatten(),
                }
            }
            E::GuardianNamed {
                guardian,
                name,
                custody,
                ..
            } => {
                let name = name.get().cloned();
                self.guardians.insert(guardian, Guardian { name, custody });
            }
            E::GuardianRemoved { guardian, .. } => drop(self.guardians.remove(&guardian)),
            E::RoleGiven { role, .. } => drop(self.roles.insert(role)),
            E::RoleTaken { role, .. } => drop(self.roles.remove(&role)),
            E::LoginNameGiven { login, .. } => self.login = login.get().cloned(),
            E::SignedIn { session, .. } => drop(self.sessions.insert(session)),
            E::SessionEnded { session, .. } => drop(self.sessions.remove(&session)),
            E::AccountClosed { on, .. } => self.left = Some(on),
            E::AccountReopened { .. } => self.left = None,
            _ => {}
        }
    }
}

impl Person {
    fn decide(
        &self,
        ToPerson { person, command }: ToPerson,
    ) -> Result<Vec<AccountsEvent>, PersonRefusal> {
        use AccountsEvent as E;
        use PersonCommand as C;
        if let C::AddPerson { name, roles, login } = command {
            return self.add(person, name, roles, login);
        }
        if !self.known {
            return Err(PersonRefusal::Unknown);
        }
        let one = |changes: bool, event: E| Ok(if changes { vec![event] } else { Vec::new() });
        match command {
            C::AddPerson { .. } => Err(PersonRefusal::AlreadyThere),
            C::RenamePerson { name } => {
                let name = valid(name)?;
                one(
                    self.name.as_ref() != Some(&name),
                    E::PersonRenamed {
                        person,
                        name: Personal::new(name),
                    },
                )
            }
            C::DescribePerson {
                source_id,
                birth_date,
                abbreviation,
            } => self.describe(
                person,
                Described {
                    source_id,
                    birth_date,
                    abbreviation,
                },
            ),
            C::NameGuardian {
                guardian,
                name,
                custody,
            } => self.name_guardian(person, guardian, name, custody),
            C::RemoveGuardian { guardian } => one(
                self.guardians.contains_key(&guardian),
                E::GuardianRemoved {
                    pupil: person,
                    guardian,
                },
            ),
            C::GiveRole { role } => one(!self.roles.contains(&role), E::RoleGiven { person, role }),
            C::TakeRole { role } if self.roles.iter().eq([&role]) => Err(PersonRefusal::NoRole),
            C::TakeRole { role } => one(self.roles.contains(&role), E::RoleTaken { person, role }),
            C::GiveLoginName { login } => {
                let login = well_formed(login)?;
                one(
                    self.login.as_ref() != Some(&login),
                    E::LoginNameGiven {
                        person,
                        login: Personal::new(login),
                    },
                )
            }
            C::MintCode => self.open()?.just(E::CodeMinted { person }),
            C::ChoosePassword => self.open()?.just(E::PasswordChosen { person }),
            C::SignIn {
                session,
                device,
                way,
            } => self.open()?.just(E::SignedIn {
                person,
                session,
                device: Personal::new(device),
                way,
            }),
            C::EndSession { session, reason } => one(
                self.sessions.contains(&session),
                E::SessionEnded {
                    person,
                    session,
                    reason,
                },
            ),
            C::CloseAccount { on } => Ok(self.close(person, on)),
            C::ReopenAccount => one(self.left.is_some(), E::AccountReopened { person }),
        }
    }

    fn add(
        &self,
        person: PersonId,
        name: PersonName,
        roles: Vec<Role>,
        login: String,
    ) -> Result<Vec<AccountsEvent>, PersonRefusal> {
        if self.known {
            return Err(PersonRefusal::AlreadyThere);
        }
        let name = Personal::new(valid(name)?);
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        if roles.is_empty() {
            return Err(PersonRefusal::NoRole);
        }
        let roles = roles.into_iter().collect();
        let login = Personal::new(well_formed(login)?);
        Ok(vec![
            AccountsEvent::PersonAdded {
                person,
                name,
                roles,
            },
            AccountsEvent::LoginNameGiven { person, login },
        ])
    }

    fn describe(
        &self,
        person: PersonId,
        described: Described,
    ) -> Result<Vec<AccountsEvent>, PersonRefusal> {
        let known = &self.described;
        if described == *known {
            return Ok(Vec::new());
        }
        // What stays the same was taken once, by whatever rule held then.
        let refuses = |known: &Option<String>, said: &Option<String>, most| {
            said != known && said.as_ref().is_some_and(|said| !fits(said, most))
        };
        if refuses(&known.source_id, &described.source_id, SOURCE_ID) {
            return Err(PersonRefusal::NotANumber);
        }
        if refuses(&known.abbreviation, &described.abbreviation, ABBREVIATION) {
            return Err(PersonRefusal::NotAnAbbreviation);
        }
        Ok(vec![AccountsEvent::PersonDescribed {
            person,
            source_id: Personal::new(described.source_id),
            birth_date: Personal::new(described.birth_date),
            abbreviation: Personal::new(described.abbreviation),
        }])
    }

    fn name_guardian(
        &self,
        pupil: PersonId,
        guardian: PersonId,
        name: PersonName,
        custody: bool,
    ) -> Result<Vec<AccountsEvent>, PersonRefusal> {
        let name = valid(name)?;
        let known = self.guardians.get(&guardian);
        if known.is_some_and(|known| known.name.as_ref() == Some(&name) && known.custody == custody)
        {
            return Ok(Vec::new());
        }
        let name = Personal::new(name);
        Ok(vec![AccountsEvent::GuardianNamed {
            pupil,
            guardian,
            name,
            custody,
        }])
    }

    /// Closing ends every session: whoever may not come in must not stay in.
    fn close(&self, person: PersonId, on: Date) -> Vec<AccountsEvent> {
        if self.left.is_some() {
            return Vec::new();
        }
        let reason = EndReason::AccountClosed;
        let ended = self
            .sessions
            .iter()
            .map(|session| AccountsEvent::SessionEnded {
                person,
                session: *session,
                reason,
            });
        ended
            .chain([AccountsEvent::AccountClosed { person, on }])
            .collect()
    }

    fn open(&self) -> Result<&Self, PersonRefusal> {
        match self.left {
            Some(_) => Err(PersonRefusal::Closed),
            None => Ok(self),
        }
    }

    fn just(&self, event: AccountsEvent) -> Result<Vec<AccountsEvent>, PersonRefusal> {
        Ok(vec![event])
    }
}

fn valid(name: PersonName) -> Result<PersonName, PersonRefusal> {
    let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = PersonName {
        given: tidy(&name.given),
        family: tidy(&name.family),
    };
    let nobody = name.given.is_empty() && name.family.is_empty();
    if nobody || !fits(&name.given, NAME) || !fits(&name.family, NAME) {
        return Err(PersonRefusal::NotAName);
    }
    Ok(name)
}

fn well_formed(login: String) -> Result<String, PersonRefusal> {
    if login_name::is_well_formed(&login) {
        Ok(login)
    } else {
        Err(PersonRefusal::NotALogin)
    }
}

#[cfg(test)]
mod tests;
