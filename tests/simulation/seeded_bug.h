// SeededBug: mistakes that the SDK does not make, made on purpose at its seams (store, locks, wire,
// options), so that the simulation proves that it would notice them.
#pragma once

#include <weir/transport.h>

#include <functional>
#include <memory>

#include "store/database.h"
#include "store/slot_locks.h"

namespace weir::simulation {

enum class SeededBug {
  kNone,
  kOneCallTooMany,     // the cap of the day is off by one
  kRefundsAfterSend,   // a call that left is given back when its answer is lost
  kWrongDayKey,        // days are counted by UTC instead of the org's zone
  kChargesOneDay,      // near midnight only one of the two days is charged
  kForgetsSpentCalls,  // a crash undoes what was spent
  kLostCancellation,   // a change that is no longer needed is not taken out of the outbox
  kTrustsLostAnswers,  // the mirror takes rows whose answer never came
  kForgetsDoubt,       // a crash forgets that a call was under way, and with it a delete
  kNoLeaseRest,        // the lease of a killed process is given out at once
  kNoConnectionLease,  // everybody gets a connection
  kNoWriterLease,      // two processes write a data source at once
  kDropsDeadLetters,   // a refused change vanishes
  kSendsTwice,         // the wire repeats a call whose connection was reset
  kLosesKeptChanges,   // what was acknowledged to the integration was not committed
  kPriceOfNothing,     // a call is worth each row
};
inline constexpr int kSeededBugs = static_cast<int>(SeededBug::kPriceOfNothing) + 1;

const char* seeded_bug_name(SeededBug bug);

// The statements of a transaction, with the bug in them when it is one of the store.
std::unique_ptr<store::Statements> with_bug(SeededBug bug, store::Statements& sql);

// The transport, with the bug in it when it is one of the wire.
std::shared_ptr<Transport> with_bug(SeededBug bug, std::shared_ptr<Transport> wire);

// Whether the bug gives out the lock of this name to everybody.
bool ignores_lock(SeededBug bug, const std::string& name);

}  // namespace weir::simulation
