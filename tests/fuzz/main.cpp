// Mutates inputs that make sense and gives them to every reader of foreign bytes. The same seed is
// the same inputs; what ends the program is named before it is tried.
//
// usage: weir-fuzz [--rounds N] [--seed K] [--only TARGET]
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>

#include "fuzz/targets.h"

namespace {

using weir::fuzz::Target;

constexpr std::size_t kLongest = 4096;

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string mutated(const std::vector<std::string>& seeds) {
    std::string bytes = seeds[below(seeds.size())];
    for (std::size_t times = 1 + below(8); times > 0; --times) change(bytes, seeds);
    if (bytes.size() > kLongest) bytes.resize(kLongest);
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void change(std::string& bytes, const std::vector<std::string>& seeds) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t length = below(bytes.size() - at + 1);
    switch (below(7)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
        break;
      case 1:
        bytes.insert(at, 1, "\"\\,{}[]\n\r\t\0:0e+\x80\xFF"[below(17)]);
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(below(bytes.size() + 1), bytes.substr(at, length));
        break;
      case 4: {
        const std::string& other = seeds[below(seeds.size())];
        bytes.insert(at, other.substr(below(other.size())));
        break;
      }
      case 5:
        bytes.insert(at, 1 + below(200), bytes.empty() ? '[' : bytes[at % bytes.size()]);
        break;
      default:
        bytes.resize(at);
    }
  }

  std::mt19937_64 random_;
};

const char* value_of(int argc, char** argv, const std::string& name, const char* otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == name) return argv[i + 1];
  }
  return otherwise;
}

// In a form that a shell's printf takes.
void print(const std::string& bytes) {
  for (const char c : bytes) std::printf("\\x%02x", static_cast<unsigned char>(c));
  std::printf("\n");
}

bool holds(const Target& target, long rounds, std::uint64_t seed) {
  Mutator mutator(seed);
  for (long round = 0; round < rounds; ++round) {
    const std::string bytes = mutator.mutated(target.seeds);
    try {
      target.read(bytes);
    } catch (const std::exception& failure) {
      std::printf("%s: %s, of these bytes:\n", target.name.c_str(), failure.what());
      print(bytes);
      return false;
    }
  }
  std::printf("%s: %ld inputs\n", target.name.c_str(), rounds);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const long rounds = std::atol(value_of(argc, argv, "--rounds", "100000"));
  const auto seed =
      static_cast<std::uint64_t>(std::atoll(value_of(argc, argv, "--seed", "20261126")));
  const std::string only = value_of(argc, argv, "--only", "");
  int passed = 0;
  int failed = 0;
  for (const Target& target : weir::fuzz::targets()) {
    if (!only.empty() && target.name != only) continue;
    ++(holds(target, rounds, seed) ? passed : failed);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
