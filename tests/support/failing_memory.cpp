#include "support/failing_memory.h"

#include <cstdlib>
#include <new>

namespace weir::testing {

constinit thread_local long allocations_left = -1;
constinit thread_local bool has_failed = false;
std::atomic<int> failures_in_all = 0;

}  // namespace weir::testing

// Replaces that of the library for the whole program.
void* operator new(std::size_t size) {
  using namespace weir::testing;
  if (allocations_left == 0) {
    allocations_left = -1;  // only this one
    has_failed = true;
    ++failures_in_all;
    throw std::bad_alloc();
  }
  if (allocations_left > 0) --allocations_left;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// That of a sanitizer would not call the one above.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept try {
  return operator new(size);
} catch (const std::bad_alloc&) {
  return nullptr;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
