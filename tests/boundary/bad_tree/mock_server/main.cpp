// A program of its own that must not share a mistake with the SDK.
#include <httplib.h>
#include <weir/leaky.h>  // breaks

#include "sdk/src/client.h"  // breaks
