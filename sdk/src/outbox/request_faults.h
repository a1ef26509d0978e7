// Request faults: refusals that have nothing to do with the rows that were sent, told by their
// being the same for different ones.
//
// Three single rows that were refused with the same words one after another, with nothing accepted
// in between and none of them named, are the request's fault: their dead letters go back, and the
// data source is left alone until its rows or the settings change, or a day has passed. From then
// on one refusal with these words is enough.
//
// Bad rows often stand side by side, so the third is a row from elsewhere, and so is the row with
// which a known fault is tried again: one that is accepted shows that the words were about rows.
// Called inside a transaction of the store.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <string>

#include "outbox/batch.h"
#include "rows/keyed_hash.h"
#include "store/database.h"

namespace weir::outbox {

// A fault that is known, and for which nothing has changed since.
struct StandingFault {
  std::string reason;
  TimePoint until;  // when it is tried again all the same
};

// It may have been mended where nobody tells us of it.
inline constexpr Milliseconds kFaultStandsFor = std::chrono::hours{24};

// Empty when there is none, so that it may be tried.
std::optional<StandingFault> standing_fault(store::Statements& sql, const std::string& source,
                                            const std::string& settings, TimePoint now,
                                            const KeyedHash& hash);

// The row that is to be sent alone, to learn whether the words are about rows or about the request:
// its number in the order of what waits. Empty when nothing is in question.
std::optional<std::int64_t> row_in_question(store::Statements& sql, const std::string& source);

// Notes a refusal of a batch. Whether it is the fault that is known already: then it stands anew.
bool repeats_fault(store::Statements& sql, const std::string& source, const std::string& reason,
                   const std::string& settings, TimePoint now, const KeyedHash& hash);

// Notes that a single row became this dead letter. Whether that makes it the request's fault.
bool makes_fault(store::Statements& sql, const std::string& source, std::int64_t letter,
                 const std::string& reason);

// After its letters went back: the fault stands for what waits now.
void settle_fault(store::Statements& sql, const std::string& source, const std::string& settings,
                  TimePoint now, const KeyedHash& hash);

// Something was accepted, or somebody asks to try again: nothing is left alone any more.
void forget_fault(store::Statements& sql, const std::string& source);
void forget_all_faults(store::Statements& sql);

}  // namespace weir::outbox
