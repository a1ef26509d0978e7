// A folder that the table of arrows does not know.
#include "store/store.h"  // breaks
