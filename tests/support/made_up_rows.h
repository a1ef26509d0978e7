// Two rows that somebody made so that they have one fingerprint as long as no secret is in it.
#pragma once

#include <weir/row.h>

#include <string>

namespace weir::testing {

inline const std::string kDots(64, '.');
inline const Row kOneRow = {"OUTAGE01",
                            R"(Crew on jXVd?UYM5GI;`JFRa, expected at 1kD1000004[nooooo)" + kDots};
inline const Row kOtherRow = {
    "OUTAGE01", R"(Crew on S7l4YTiULh3kFK6Ja, expected at 1R^100000MAnooooo)" + kDots};

}  // namespace weir::testing
