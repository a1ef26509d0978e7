// Composes the parts, so it may include all of them, but no library.
#include <curl/curl.h>  // breaks
#include <unistd.h>     // breaks
#include <weir/leaky.h>

#include "api/answer.h"
#include "store/store.h"
