// The body of a public value: it includes no part.
#include <string>

#include "pacing/seconds.h"  // breaks
