#include <curl/curl.h>  // breaks
#include <weir/leaky.h>

#include "mock_server/mock_server.h"
