// The dead letters as functions inside a transaction of the store: one place for their SQL, but for
// bury() (batches.cpp), which moves a change here.
//
// A letter that a person dropped stays as a mark, so that handing over the same row does not send
// it again; it is listed no more.
#pragma once

#include <weir/outbox.h>
#include <weir/result.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "outbox/coalesce.h"
#include "store/database.h"

namespace weir::outbox {

// By key: the hash of the row that was refused; empty where it was no row but a delete or cells.
using RefusedRows = std::map<std::string, std::optional<std::string>>;

RefusedRows load_refused(store::Statements& sql, const std::string& source, const KeyedHash& hash);

// Whether just this row was refused for good.
bool is_refused(const RefusedRows& refused, const Row& row, const KeyedHash& hash);

// What was refused for this key is of no account any more.
void forget_refused(store::Statements& sql, const std::string& source, const std::string& key);

struct LetterToRetry {
  std::int64_t id = 0;
  std::string source = {};
  std::string key = {};
  PendingChange change = {};
  std::string reason = {};
};

std::vector<LetterToRetry> load_letters(store::Statements& sql, const DeadLetterChoice& choice);
void remove_letter(store::Statements& sql, std::int64_t id);

// Takes the letters of a data source that were refused with the same words (fault_words()) back
// into the outbox.
Result<void> put_letters_back(store::Statements& sql, const std::string& source,
                              const std::string& reason, TimePoint now, const KeyedHash& hash);

}  // namespace weir::outbox
