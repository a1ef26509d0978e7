// Below the client, above the pipeline.
#include "pipeline/answer.h"

#include <nlohmann/json.hpp>

#include "budget/ledger.h"    // breaks
#include "client/client.h"    // breaks
#include "pipeline/budget.h"  // breaks
