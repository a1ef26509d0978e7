#include "os/random.h"

#include <cstring>
#include <random>

namespace weir::os {

std::string random_bytes(std::size_t count) {
  std::random_device device;
  std::string bytes;
  while (bytes.size() < count) {
    const std::random_device::result_type number = device();
    bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  bytes.resize(count);
  return bytes;
}

std::uint64_t random_number() {
  const std::string bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof(number));
  return number;
}

}  // namespace weir::os
