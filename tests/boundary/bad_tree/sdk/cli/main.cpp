// A program on top of the public headers only.
#include <unistd.h>
#include <weir/leaky.h>

#include <CLI/CLI.hpp>

#include "../src/store/store.h"  // breaks
#include "store/store.h"         // breaks
