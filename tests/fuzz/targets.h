// The readers of foreign bytes, each as a function of bytes that must return, whatever they are.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace weir::fuzz {

struct Target {
  std::string name;
  std::vector<std::string> seeds;  // inputs that make sense, to be mutated
  std::function<void(const std::string& bytes)> read;
};

std::vector<Target> targets();

}  // namespace weir::fuzz
