// A key of fingerprints for tests without a store.
#pragma once

#include <string>

#include "rows/keyed_hash.h"

namespace weir::outbox {

inline const KeyedHash kTestKey{std::string(KeyedHash::kSecretBytes, 'k')};

}  // namespace weir::outbox
