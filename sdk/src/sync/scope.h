// Scopes: how a user's rights and the rows meet. A row has one scope; a user sees the rows whose
// scope is among the user's own. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "rows/keyed_hash.h"
#include "sync/log_tables.h"

namespace weir::sync {

// E-mail addresses are compared without regard to case and blanks around them.
std::string folded(std::string_view text);

// Of a user without any rows.
Scope scope_of_nobody();
// Of rows that everybody sees.
Scope scope_of_all();
// Of rows with this cell in the user column. Rows with an empty cell have a scope of nobody's.
Scope scope_of_value(std::string_view value, const outbox::KeyedHash& hash);
// Of what is told to one user alone.
Scope scope_of_user(std::string_view email, const outbox::KeyedHash& hash);
// Of the rows that a source hands over for a user, or for several users if they are the same rows.
Scope scope_of_view(Edition first);

}  // namespace weir::sync
