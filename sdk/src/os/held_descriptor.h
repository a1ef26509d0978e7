// HeldDescriptor: an open file that a child of fork() must not hold.
//
// What a descriptor stands for is shared with a child: a lock on it, or a connection, would live on
// in a child that sleeps, also after the parent has died. In the child every HeldDescriptor is
// closed before fork() returns there. A program that is started instead never gets one (O_CLOEXEC).
// Move-only; safe to use from several threads at once.
#pragma once

#include <sys/types.h>

namespace weir::os {

class HeldDescriptor {
 public:
  HeldDescriptor() = default;
  // As open(); number() is -1, and errno says why, when that fails.
  HeldDescriptor(const char* path, int flags, mode_t mode);

  HeldDescriptor(HeldDescriptor&& other) noexcept;
  HeldDescriptor& operator=(HeldDescriptor&& other) noexcept;
  ~HeldDescriptor();

  // -1 when there is none, as in a child.
  int number() const { return number_; }

 private:
  friend struct HeldDescriptors;
  void take_over(HeldDescriptor& other) noexcept;
  void close();

  int number_ = -1;
  // All that this process holds: guarded by the one mutex of held_descriptor.cpp.
  HeldDescriptor* previous_ = nullptr;
  HeldDescriptor* next_ = nullptr;
};

}  // namespace weir::os
