// The same readers under libFuzzer, which keeps the inputs that reach new code and goes on from
// them. Started by ./dev fuzz for one reader after the other, named by WEIR_FUZZ_READER; --list
// prints their names, --seeds FOLDER writes a reader's inputs that make sense.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "fuzz/targets.h"

namespace {

using weir::fuzz::Target;

const Target& reader() {
  static const Target chosen = [] {
    const char* wanted = std::getenv("WEIR_FUZZ_READER");
    for (const Target& target : weir::fuzz::targets()) {
      if (wanted != nullptr && target.name == wanted) return target;
    }
    std::fprintf(stderr, "weir-fuzz: set WEIR_FUZZ_READER to one of --list\n");
    std::exit(2);
  }();
  return chosen;
}

void write_seeds(const std::string& folder) {
  int number = 0;
  for (const std::string& seed : reader().seeds)
    std::ofstream(folder + "/seed-" + std::to_string(number++), std::ios::binary) << seed;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): libFuzzer's names.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc > 1 && std::strcmp((*argv)[1], "--list") == 0) {
    for (const Target& target : weir::fuzz::targets()) std::printf("%s\n", target.name.c_str());
    std::exit(0);
  }
  if (*argc > 2 && std::strcmp((*argv)[1], "--seeds") == 0) {
    write_seeds((*argv)[2]);
    std::exit(0);
  }
  reader();
  return 0;
}

// What a reader throws ends the program, and libFuzzer keeps the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  reader().read(std::string(reinterpret_cast<const char*>(bytes), size));
  return 0;
}
// NOLINTEND(readability-identifier-naming)
