//! What the pages about users show.

use askama::Template;

use super::forms::UserForm;
use super::queries::User;
use crate::domain::ids::UserId;
use crate::web::admin::{Administrator, Role, Viewer};
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;

fn layout(admin: &Administrator, title: String) -> Layout {
    admin.layout(title).under("CRM", "").under("Settings", paths::SETTINGS)
}

/// CRM > Settings > Users.
#[derive(Template)]
#[template(path = "users/index.html")]
pub struct IndexPage {
    layout: Layout,
    me: UserId,
    users: Vec<User>,
}

impl IndexPage {
    pub fn new(admin: &Administrator, users: Vec<User>) -> IndexPage {
        IndexPage { layout: layout(admin, "Users".into()), me: admin.user.id, users }
    }
}

/// The form for a new user.
#[derive(Template)]
#[template(path = "users/new.html")]
pub struct NewPage {
    layout: Layout,
    form: UserForm,
    problems: Problems,
    roles: [Role; 2],
}

impl NewPage {
    pub fn new(admin: &Administrator, form: UserForm, problems: Problems) -> NewPage {
        let layout = layout(admin, "Add a user".into()).under("Users", paths::USERS).narrow();
        NewPage { layout, form, problems, roles: Role::ALL }
    }
}

/// A user's page: the form, the password, letting in or not.
#[derive(Template)]
#[template(path = "users/edit.html")]
pub struct EditPage {
    layout: Layout,
    user: User,
    form: UserForm,
    problems: Problems,
    conflict: Conflict,
    roles: [Role; 2],
    is_me: bool,
}

impl EditPage {
    pub fn new(admin: &Administrator, user: User, form: UserForm, problems: Problems) -> EditPage {
        let is_me = user.id() == admin.user.id;
        let layout = layout(admin, user.name.clone()).under("Users", paths::USERS).narrow();
        EditPage { layout, user, form, problems, conflict: Conflict::none(), roles: Role::ALL, is_me }
    }

    /// Somebody has saved the user since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(admin: &Administrator, user: User, mut form: UserForm) -> EditPage {
        let role =
            |code: &str| Role::from_code(code).map_or(code.to_string(), |role| role.label().to_string());
        let (saved_role, typed_role) = (user.role().label(), role(&form.role));
        let conflict = Conflict::between([
            ("Name", &user.name, &form.name),
            ("E-mail", &user.email, &form.email),
            ("What the user may do", saved_role, &typed_role),
        ]);
        form.version = user.version.to_string();
        EditPage { conflict, ..EditPage::new(admin, user, form, Problems::none()) }
    }
}

/// The signed-in user's own page.
#[derive(Template)]
#[template(path = "users/profile.html")]
pub struct ProfilePage {
    layout: Layout,
    problems: Problems,
}

impl ProfilePage {
    pub fn new(viewer: &Viewer, problems: Problems) -> ProfilePage {
        ProfilePage { layout: viewer.layout("Your profile").narrow(), problems }
    }
}
