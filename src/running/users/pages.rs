//! What the pages about users show.

use askama::Template;

use super::forms::UserForm;
use super::queries::User;
use crate::domain::ids::UserId;
use crate::web::admin::{Administrator, Role, Viewer};
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;

fn layout(admin: &Administrator, title: String) -> Layout {
    admin.layout(title).under("CRM", "").under("Settings", "")
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
    roles: [Role; 2],
    is_me: bool,
}

impl EditPage {
    pub fn new(admin: &Administrator, user: User, form: UserForm, problems: Problems) -> EditPage {
        let is_me = user.id() == admin.user.id;
        let layout = layout(admin, user.name.clone()).under("Users", paths::USERS).narrow();
        EditPage { layout, user, form, problems, roles: Role::ALL, is_me }
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
