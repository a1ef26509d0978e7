#include "api/limit_words.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/ascii.h"

namespace weir::api {
namespace {

constexpr std::array<std::string_view, 4> kCodes = {"apilimitexceeded", "quotaexceeded",
                                                    "dailylimitexceeded", "calllimitexceeded"};
constexpr std::array<std::string_view, 6> kLimits = {"limit",  "limits",    "quota",
                                                     "quotas", "allowance", "exhausted"};
constexpr std::array<std::string_view, 7> kCalls = {"api",   "apis",  "call",    "calls",
                                                    "daily", "usage", "requests"};
constexpr std::array<std::string_view, 34> kOthers = {
    "attachment", "attachments", "byte",    "bytes",   "cell",    "cells",  "character",
    "characters", "column",      "columns", "disk",    "field",   "fields", "file",
    "files",      "headers",     "image",   "images",  "key",     "keys",   "length",
    "licence",    "license",     "memory",  "payload", "photo",   "photos", "record",
    "records",    "row",         "rows",    "size",    "storage", "value"};

using Words = std::vector<std::string>;

bool has_any(const Words& words, const auto& of) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(of.begin(), of.end(), word) != of.end();
  });
}

// "ApiLimitExceeded" as "Api Limit Exceeded".
std::string split_at_capitals(std::string_view code) {
  std::string words;
  for (const char c : code) {
    if (c >= 'A' && c <= 'Z') words += ' ';
    words += c;
  }
  return words;
}

std::string without_quoted(std::string_view text) {
  std::string rest;
  char inside = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // An apostrophe within a word is none.
    const bool is_mark = c == '"' || (c == '\'' && (inside == c || i == 0 || text[i - 1] == ' '));
    if (inside == '\0' && is_mark && text.find(c, i + 1) != std::string_view::npos) {
      inside = c;
    } else if (inside == c) {
      inside = '\0';
    } else if (inside == '\0') {
      rest += c;
    }
  }
  return rest;
}

// A full stop within a number ends no sentence.
std::vector<Words> sentences_of(std::string_view text) {
  std::vector<Words> sentences(1);
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) sentences.back().push_back(std::exchange(word, {}));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text::lowered(text[i]);
    if (text::is_letter_or_digit(c)) {
      word += c;
      continue;
    }
    end_word();
    const bool is_in_number = i + 1 < text.size() && text::is_digit(text[i + 1]);
    if ((c == '.' && !is_in_number) || c == ';' || c == '!' || c == '?' || c == '\n')
      sentences.emplace_back();
  }
  end_word();
  return sentences;
}

std::vector<Words> sentences_of(const ResponseStatus& status) {
  return sentences_of(split_at_capitals(status.code) + " " + without_quoted(status.message));
}

bool any_is_about_calls(const std::vector<Words>& sentences) {
  return std::any_of(sentences.begin(), sentences.end(), [](const Words& words) {
    return has_any(words, kLimits) && has_any(words, kCalls) && !has_any(words, kOthers);
  });
}

bool any_is_about_others(const std::vector<Words>& sentences) {
  return std::any_of(sentences.begin(), sentences.end(), [](const Words& words) {
    return has_any(words, kLimits) && has_any(words, kOthers);
  });
}

}  // namespace

bool speaks_of_a_limit_of_calls(const ResponseStatus& status) {
  const std::string code = text::lowered(status.code);
  if (code == "apilimitexceeded") return true;
  const std::vector<Words> sentences = sentences_of(status);
  if (std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end())
    return !any_is_about_others(sentences);
  return any_is_about_calls(sentences);
}

bool speaks_of_another_limit(const ResponseStatus& status) {
  return any_is_about_others(sentences_of(status)) && !speaks_of_a_limit_of_calls(status);
}

}  // namespace weir::api
