// Whether a store is the one that it was made as: a copy would spend the day's calls a second time,
// and a backup that was put back knows an older state of calls and rows. Thread-safe.
//
// A store keeps what it was made as: the file's number, its moment and its host, or the table's
// number in its database server. A renamed file and a restarted host are the same. Beside a file,
// ".seen" holds how many calls the store has known, so that an older copy of itself shows, too.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <string>

#include "store/store.h"

namespace weir::store {

struct Recognized {
  bool is_new = false;         // nobody has used it before
  bool may_be_a_copy = false;  // until trust() is called
};

// When it is found to be a copy, the mirrors of all its data sources are doubtful from now on.
// `location` is that of a file, or of a database, for which nothing is kept beside it.
Result<Recognized> recognize(Store& store, const std::string& location);

// Of a file: its number with when it was made (os::file_number), and which machine, as far as that
// is known.
std::string identity_of_file(const std::string& number, const std::string& machine);

// A machine that is not known may be any, and so may a moment.
bool is_same(const std::string& identity, const std::string& other);

// How many calls it knows is kept beside a file, for a later recognize().
void note_calls(Store& store, const std::string& location) noexcept;

// Somebody has said how many calls were spent today.
Result<void> trust(Store& store);

}  // namespace weir::store
