#include "outbox/notes.h"

#include <algorithm>
#include <optional>

#include "rows/row_check.h"

namespace weir::outbox {
namespace {

constexpr std::size_t kLongestScope = 512;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestText = 64 * 1024;

std::optional<std::string> problem_of(const Note& note) {
  if (note.scope.empty() || note.name.empty()) return "it has no scope or no name";
  if (note.scope.size() > kLongestScope) return "its scope is longer than 512 bytes";
  if (note.name.size() > kLongestName) return "its name is longer than 1,024 bytes";
  if (note.text.size() > kLongestText) return "its text is longer than 64 KiB";
  if (first_invalid_byte(note.scope) || first_invalid_byte(note.name) ||
      first_invalid_byte(note.text))
    return "it is not valid UTF-8 text";
  return std::nullopt;
}

}  // namespace

Result<void> keep_notes(store::Statements& sql, const std::vector<Note>& notes) {
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Note& note = notes[i];
    if (const auto problem = problem_of(note))
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = "note " + std::to_string(i + 1) + " cannot be kept: " + *problem +
                              ". Nothing was changed."};
    if (note.text.empty()) {
      sql.change("DELETE FROM notes WHERE scope = $1 AND name = $2", {note.scope, note.name});
    } else {
      sql.change(
          "INSERT INTO notes (scope, name, body) VALUES ($1, $2, $3) "
          "ON CONFLICT (scope, name) DO UPDATE SET body = excluded.body",
          {note.scope, note.name, note.text});
    }
  }
  return {};
}

std::vector<Note> load_notes(store::Statements& sql, const std::string& scope) {
  std::vector<Note> notes;
  sql.for_each("SELECT name, body FROM notes WHERE scope = $1", {scope},
               [&](const store::SqlRow& line) {
                 notes.push_back({.scope = scope, .name = line.text(0), .text = line.text(1)});
               });
  // Databases order texts by their own languages.
  std::sort(notes.begin(), notes.end(),
            [](const Note& one, const Note& other) { return one.name < other.name; });
  return notes;
}

}  // namespace weir::outbox
