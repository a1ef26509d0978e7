// TemporaryStore: a store in a folder of its own that vanishes with the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "store/store.h"

namespace weir::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Opens the same file again, as another process would, by another call of open().
class TemporaryStore {
 public:
  std::string path() const { return folder_.file("weir.db"); }

  store::Store open(Milliseconds busy_timeout = std::chrono::seconds{5}) const {
    Result<store::Store> store = store::open_store({.path = path(), .busy_timeout = busy_timeout});
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

}  // namespace weir::testing
