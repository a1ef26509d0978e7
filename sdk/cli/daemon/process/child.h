// Child: a program that was started with its three standard descriptors, the leader of a session
// and process group of its own. Used by run_process() alone, by one thread.
#pragma once

#include <sys/types.h>
#include <weir/result.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::daemon {

// Closes a descriptor; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() { Descriptor(std::exchange(number_, -1)); }

 private:
  int number_;
};

// Kills all programs under way, with what they have started: for the end of this process, which
// waits for none of them.
void kill_all_programs();

class Child {
 public:
  // kInvalidArgument, kUnavailable: as run_process().
  static Result<Child> start(const std::vector<std::string>& command, const std::string& input,
                             const std::vector<std::pair<std::string, std::string>>& environment);

  Child(Child&& other) noexcept
      : process_(std::exchange(other.process_, -1)),
        end_(std::move(other.end_)),
        output_(std::move(other.output_)),
        errors_(std::move(other.errors_)) {}
  Child& operator=(Child&&) = delete;
  // The group must be gone.
  ~Child();

  // Readable when the program has ended.
  int end() const { return end_.get(); }
  Descriptor& output() { return output_; }
  Descriptor& errors() { return errors_; }

  // To the program and all that it has started in its group.
  void signal(int number) const;

  // Its status as of waitpid() once it has ended.
  std::optional<int> status();

  // Whether anything of its group still runs; what has ended is reaped.
  bool has_group();

 private:
  Child(pid_t process, Descriptor end, Descriptor output, Descriptor errors)
      : process_(process),
        end_(std::move(end)),
        output_(std::move(output)),
        errors_(std::move(errors)) {}

  pid_t process_;
  std::optional<int> status_;
  Descriptor end_;
  Descriptor output_;
  Descriptor errors_;
};

}  // namespace weir::daemon
