use super::*;
use proptest::prelude::*;

fn role() -> impl Strategy<Value = ProjectRole> {
    prop_oneof![
        Just(ProjectRole::Viewer),
        Just(ProjectRole::Editor),
        Just(ProjectRole::Owner)
    ]
}

fn subject() -> impl Strategy<Value = Subject> {
    let system = prop_oneof![
        Just(None),
        Just(Some(SystemRole::Admin)),
        Just(Some(SystemRole::User)),
        Just(Some(SystemRole::Viewer))
    ];
    (system, proptest::collection::vec(role(), 0..4)).prop_map(|(system, roles)| {
        let grant = |role| GrantUsed {
            role,
            via: Via::User,
        };
        Subject::of_person(system, roles.into_iter().map(grant).collect())
    })
}

fn project(number: u8) -> ProjectId {
    format!("prj_{number:032x}").parse().unwrap()
}

fn ceiling() -> impl Strategy<Value = Ceiling> {
    let scope = proptest::sample::select(&TokenScope::ALL[..]);
    let place = proptest::option::of((0_u8..2).prop_map(project));
    (scope, place).prop_map(|(scope, project)| Ceiling { scope, project })
}

fn narrowed() -> impl Strategy<Value = Narrowed> {
    proptest::sample::select(vec![
        Narrowed::Editors,
        Narrowed::Named { by: None },
        Narrowed::Named {
            by: Some(Via::User),
        },
    ])
}

fn action() -> impl Strategy<Value = ActionName> {
    proptest::sample::select(ActionName::ALL)
}

proptest! {
    #[test]
    fn one_more_grant_never_takes_anything_away(s in subject(), a in action(), extra in role()) {
        let before = decide(a, &s).outcome == Outcome::Allowed;
        let mut more = s;
        more.grants.push(GrantUsed { role: extra, via: Via::User });
        prop_assert!(!before || decide(a, &more).outcome == Outcome::Allowed);
    }

    #[test]
    fn the_order_of_grants_does_not_matter(s in subject(), a in action()) {
        let mut turned = s.clone();
        turned.grants.reverse();
        prop_assert_eq!(decide(a, &s).outcome, decide(a, &turned).outcome);
    }

    #[test]
    fn a_system_viewer_changes_nothing_in_a_project(mut s in subject(), a in action()) {
        s.system = Some(SystemRole::Viewer);
        if a.scope() == ScopeKind::Project && a.is_change() {
            prop_assert_ne!(decide(a, &s).outcome, Outcome::Allowed);
        }
    }

    #[test]
    fn without_a_grant_a_project_is_hidden(mut s in subject(), a in action()) {
        s.grants.clear();
        s.system = Some(SystemRole::User);
        if a.scope() == ScopeKind::Project {
            prop_assert_eq!(decide(a, &s).outcome, Outcome::Hidden);
        }
    }

    #[test]
    fn narrowing_takes_away_whole_or_changes_nothing(s in subject(), a in action(), n in narrowed()) {
        prop_assume!(a.scope() == ScopeKind::Project);
        let before = decide(a, &s);
        let mut there = s;
        there.narrowed = Some(n);
        let after = decide(a, &there);
        if after.outcome == Outcome::Hidden && before.outcome != Outcome::Hidden {
            let named = matches!(after.because, Because::Narrowed { .. });
            prop_assert!(named, "{:?}", after.because);
        } else {
            prop_assert_eq!(after.outcome, before.outcome);
            prop_assert_eq!(
                effective_role(&there),
                effective_role(&Subject { narrowed: None, ..there.clone() })
            );
        }
    }

    #[test]
    fn narrowing_never_binds_owners_and_admins(mut s in subject(), a in action(), n in narrowed()) {
        if s.system != Some(SystemRole::Admin) {
            s.grants.push(GrantUsed { role: ProjectRole::Owner, via: Via::User });
        }
        let before = decide(a, &s).outcome;
        s.narrowed = Some(n);
        prop_assert_eq!(decide(a, &s).outcome, before);
    }

    #[test]
    fn narrowing_to_editors_hides_from_viewers_and_to_the_named_from_the_unnamed(
        mut s in subject(), a in action(), named in proptest::bool::ANY
    ) {
        s.system = Some(SystemRole::User);
        let granted = s.grants.iter().map(|grant| grant.role).max();
        let by = named.then_some(Via::User);
        for (narrowed, hidden) in [
            (Narrowed::Editors, granted == Some(ProjectRole::Viewer)),
            (Narrowed::Named { by }, !named && granted != Some(ProjectRole::Owner)),
        ] {
            s.narrowed = Some(narrowed);
            if a.scope() == ScopeKind::Project && granted.is_some() {
                prop_assert_eq!(decide(a, &s).outcome == Outcome::Hidden, hidden);
            }
        }
    }

    #[test]
    fn whoever_looks_as_a_role_sees_what_it_sees_and_changes_nothing(
        s in subject(), a in action(), n in proptest::option::of(narrowed()), r in role()
    ) {
        prop_assume!(a.scope() == ScopeKind::Project);
        let mut s = s;
        s.narrowed = n;
        let own = Subject { narrowed: None, ..s.clone() };
        let owns = effective_role(&own).is_some_and(|(role, _)| role == ProjectRole::Owner);
        let looking = decide(a, &s.clone().viewing_as(r));
        if a.is_change() {
            prop_assert_ne!(looking.outcome, Outcome::Allowed);
        }
        if owns && !a.is_change() {
            let grant = GrantUsed { role: r, via: Via::User };
            let mut somebody = Subject::of_person(Some(SystemRole::User), vec![grant]);
            somebody.narrowed = s.narrowed.clone().map(Narrowed::met_by_role);
            prop_assert_eq!(looking.outcome, decide(a, &somebody).outcome);
        }
        if !owns {
            prop_assert_ne!(looking.outcome, Outcome::Allowed);
            let plain = decide(a, &s).outcome;
            let hidden = matches!(plain, Outcome::Hidden | Outcome::Unauthenticated);
            prop_assert_eq!(looking.outcome, if hidden { plain } else { Outcome::Denied });
        }
    }

    #[test]
    fn maintaining_a_group_opens_that_group_and_nothing_else(mut s in subject(), a in action()) {
        s.maintainer = false;
        let without = decide(a, &s).outcome;
        s.maintainer = true;
        let with = decide(a, &s).outcome;
        let opened = a.scope() == ScopeKind::Group
            && (s.system == Some(SystemRole::User)
                || s.system == Some(SystemRole::Viewer) && !a.is_change());
        prop_assert_eq!(with, if opened { Outcome::Allowed } else { without });
    }

    #[test]
    fn a_ceiling_never_raises(s in subject(), a in action(), c in ceiling(), maintainer in any::<bool>()) {
        let mut bare = s;
        bare.maintainer = maintainer;
        bare.asked = (a.scope() == ScopeKind::Project).then(|| project(0));
        let mut capped = bare.clone();
        capped.ceiling = Some(c.clone());
        let (without, with) = (decide(a, &bare).outcome, decide(a, &capped).outcome);
        prop_assert!(with != Outcome::Allowed || without == Outcome::Allowed);
        // Nor does it tell of a project that its person may not know of.
        prop_assert!(without != Outcome::Hidden || with == Outcome::Hidden);
        if effective_role(&bare).is_some() {
            prop_assert!(effective_role(&capped) <= effective_role(&bare).map(|(role, _)| (role, true)));
        } else {
            prop_assert_eq!(effective_role(&capped), None);
        }
        // Where it takes nothing away, nothing is missing.
        let reaches = a.scope() != ScopeKind::Project || c.reaches(capped.asked.as_ref());
        if without == Outcome::Allowed && reaches && c.leaves(a) {
            prop_assert_eq!(with, Outcome::Allowed);
        }
    }

    #[test]
    fn a_token_for_one_project_knows_of_no_other(s in subject(), a in action(), scope in ceiling()) {
        let mut elsewhere = s;
        elsewhere.asked = Some(project(7));
        elsewhere.ceiling = Some(Ceiling { project: Some(project(0)), ..scope });
        if a.scope() == ScopeKind::Project {
            prop_assert_eq!(decide(a, &elsewhere).outcome, Outcome::Hidden);
        }
    }

    #[test]
    fn nobody_signed_in_never_learns_whether_a_project_exists(a in action()) {
        prop_assert_eq!(decide(a, &Subject::of_person(None, Vec::new())).outcome, Outcome::Unauthenticated);
    }

    // Every action for each subject: drawn at random, one action would be missed in half of the runs.
    #[test]
    fn a_visitor_looks_at_what_everyone_may_and_is_told_nobodys_name(mut s in subject()) {
        s.system = None;
        let granted = !s.grants.is_empty();
        for a in ActionName::ALL.iter().copied() {
            let looks = role_allows(ProjectRole::Viewer, a) && a != ActionName::ListMembers;
            let expected = if granted && looks { Outcome::Allowed } else { Outcome::Unauthenticated };
            prop_assert_eq!(decide(a, &s).outcome, expected, "{}", a.as_str());
        }
    }

    #[test]
    fn sharing_kept_to_admins_takes_away_sharing_and_nothing_else(s in subject()) {
        for a in ActionName::ALL.iter().copied() {
            let before = decide(a, &s);
            let mut kept = s.clone();
            kept.sharing = Sharing::Admins;
            let after = decide(a, &kept);
            let sharing = matches!(a, ActionName::ManageMembers | ActionName::ManageServices);
            if sharing && before.outcome == Outcome::Allowed && kept.system != Some(SystemRole::Admin) {
                prop_assert_eq!(&after.outcome, &Outcome::Denied);
                prop_assert_eq!(&after.because, &Because::SharingClosed);
                after.missing().into_iter().for_each(|one| supply(&mut kept, one));
                prop_assert_eq!(decide(a, &kept).outcome, Outcome::Allowed);
            } else {
                prop_assert_eq!(after, before);
            }
        }
    }

    #[test]
    fn what_a_refusal_says_is_missing_opens_it_and_nothing_less_does(
        s in subject(), a in action(), n in proptest::option::of(narrowed())
    ) {
        let mut s = s;
        s.narrowed = n.filter(|_| a.scope() == ScopeKind::Project);
        // Being refused may have several reasons one behind the other; each answer brings it nearer.
        for _ in 0..4 {
            let decision = decide(a, &s);
            let missing = decision.missing();
            prop_assert_eq!(missing.is_empty(), decision.outcome == Outcome::Allowed, "{:?}", decision);
            for (place, _) in missing.iter().enumerate() {
                let mut less = s.clone();
                for (other, one) in missing.iter().enumerate() {
                    if other != place {
                        supply(&mut less, *one);
                    }
                }
                prop_assert_ne!(decide(a, &less).outcome, Outcome::Allowed);
            }
            missing.into_iter().for_each(|one| supply(&mut s, one));
        }
        prop_assert_eq!(decide(a, &s).outcome, Outcome::Allowed);
    }

    #[test]
    fn without_its_only_reason_an_allowed_act_is_refused(
        s in subject(), a in action(), n in proptest::option::of(narrowed())
    ) {
        let mut s = s;
        s.narrowed = n.filter(|_| a.scope() == ScopeKind::Project);
        let decision = decide(a, &s);
        prop_assume!(decision.outcome == Outcome::Allowed);
        let Because::Role { grants, narrowed, .. } = &decision.because else {
            // The role in the system, or maintaining the group, is the only reason there is.
            s.system = match decision.because {
                Because::SystemRole { role: SystemRole::Admin } if a.rule() == Rule::Standard => Some(SystemRole::Viewer),
                Because::SystemRole { role: SystemRole::Admin } if a.rule() != Rule::SignedIn => Some(SystemRole::User),
                _ => None,
            };
            if decide(a, &s).outcome == Outcome::Allowed {
                prop_assert!(s.maintainer && a.scope() == ScopeKind::Group);
                s.maintainer = false;
            }
            prop_assert_ne!(decide(a, &s).outcome, Outcome::Allowed);
            return Ok(());
        };
        let enough: Vec<_> = grants
            .iter()
            .filter(|grant| role_allows(grant.role, a) && narrowed.as_ref().is_none_or(|n| n.admits(grant.role)))
            .cloned()
            .collect();
        prop_assert!(!enough.is_empty());
        let mut without = s.clone();
        match &enough[0].via {
            Via::System => without.system = Some(SystemRole::User),
            _ => {
                let at = without.grants.iter().position(|grant| *grant == enough[0]).unwrap();
                without.grants.remove(at);
            }
        }
        let still = decide(a, &without).outcome == Outcome::Allowed;
        prop_assert_eq!(still, enough.len() > 1, "{:?}", decision);
        // A name that let somebody pass is a reason of its own, unless their role is not bound.
        if let Some(Narrowed::Named { by: Some(_) }) = &s.narrowed {
            s.narrowed = Some(Narrowed::Named { by: None });
            let owner = enough.iter().any(|grant| grant.role == ProjectRole::Owner);
            prop_assert_eq!(decide(a, &s).outcome == Outcome::Allowed, owner);
        }
    }
}

/// Adds what a refusal says is missing.
fn supply(subject: &mut Subject, missing: Missing) {
    match missing {
        Missing::SignIn => subject.system = Some(SystemRole::User),
        Missing::SystemRole { role } => subject.system = Some(role),
        Missing::Maintainer => subject.maintainer = true,
        Missing::Token => subject.ceiling = None,
        Missing::Role { role } => subject.grants.push(GrantUsed {
            role,
            via: Via::User,
        }),
        Missing::Passage => {
            subject.narrowed = Some(Narrowed::Named {
                by: Some(Via::User),
            })
        }
    }
}
