#include <SQLiteCpp/SQLiteCpp.h>
#include <spdlog/spdlog.h>  // breaks
#include <sys/file.h>       // breaks

#include <boost/asio.hpp>  // breaks

#include "os/lock.h"
#include "store/schema.h"
