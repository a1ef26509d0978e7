// The home of POSIX, at the bottom.
#include <fcntl.h>
#include <sys/stat.h>

#include "store/store.h"  // breaks
