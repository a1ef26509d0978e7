// A public header that shows a library and a private header.
#pragma once

#include <weir/clean.h>

#include <nlohmann/json.hpp>  // breaks
#include <string>

#include "store/store.h"  // breaks
