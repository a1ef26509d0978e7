#include <weir/url_without_password.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "text/ascii.h"
#include "text/connection_words.h"
#include "text/printable.h"

namespace weir::inline v0 {
namespace {

using text::ConnectionWord;

constexpr const char* kHidden = "…";

// Shorter ones would take half of every message with them.
constexpr std::size_t kShortestSecret = 3;
constexpr std::size_t kShortestPiece = 4;

bool is_one_of(std::string_view name, auto... names) {
  return (text::same_but_for_case(name, names) || ...);
}

bool is_of_a_place(std::string_view name) {
  return is_one_of(name, "host", "hostaddr", "port", "dbname", "user", "service", "dsn", "driver",
                   "server", "servername", "database", "uid");
}

bool is_a_secret(std::string_view name) {
  return is_one_of(name, "password", "pwd", "passwd", "pass", "sslpassword", "sslkeypassword",
                   "authtoken", "accesstoken", "secret", "oauth_client_secret", "scram_client_key",
                   "scram_server_key");
}

struct Url {
  std::string_view scheme;
  std::string_view rest;  // behind ://
};

std::optional<Url> split(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = url.substr(0, colon);
  const bool is_scheme = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return text::is_letter_or_digit(c) || c == '+' || c == '-' || c == '.';
  });
  if (!is_scheme) return std::nullopt;
  return Url{.scheme = scheme, .rest = url.substr(colon + 3)};
}

std::string shown_words(std::string_view words, char separator) {
  const auto found = text::connection_words(words, separator);
  if (!found) return kHidden;
  std::string shown;
  for (const ConnectionWord& word : *found) {
    // One in a value: the words are set apart in another way, and a password may be among them.
    const bool is_doubtful = word.value.find('=') != std::string::npos;
    if (!is_of_a_place(word.name) || is_doubtful) continue;
    if (!shown.empty()) shown += separator;
    shown += word.name + "=" + text::printable(word.value);
  }
  return shown.empty() ? kHidden : shown;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), &text::is_digit))
    return false;
  int number = 0;
  for (const char c : text) number = 10 * number + (c - '0');
  return number >= 1 && number <= 65535;
}

// Where a password begins in hosts and a path that have no "@": it was lost, and what stands in the
// place of a port and is none is the password. npos: each port is one, or there is none.
std::size_t lost_password(std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::size_t at = 0;
  while (at < end) {
    const std::size_t next = std::min(rest.find(',', at), end);
    const std::size_t bracket = rest.substr(0, next).rfind(']');
    const bool is_ipv6 = bracket != std::string_view::npos && bracket > at;
    const std::size_t colon = rest.find(':', is_ipv6 ? bracket : at);
    if (colon < next && !is_port(rest.substr(colon + 1, next - colon - 1))) return colon + 1;
    at = next + 1;
  }
  return std::string_view::npos;
}

// Hosts and a path without an "@".
std::string shown_hosts(std::string_view rest) {
  if (const std::size_t password = lost_password(rest); password != std::string_view::npos)
    return text::printable(rest.substr(0, password)) + kHidden;
  return text::printable(rest.substr(0, rest.find_first_of("?#")));
}

// A password may hold any of "/?#" though it should not: where one of them comes before an "@", it
// cannot be told where the password ends.
std::string shown_server(const Url& url) {
  const std::string begin = std::string(url.scheme) + "://";
  const std::size_t at = url.rest.rfind('@');
  const std::size_t authority_end = std::min(url.rest.find_first_of("/?#"), url.rest.size());
  if (at != std::string_view::npos && at > authority_end) return begin + kHidden;
  if (at == std::string_view::npos) return begin + shown_hosts(url.rest);
  const std::string_view authority = url.rest.substr(0, authority_end);
  const std::string_view path =
      url.rest.substr(authority_end, url.rest.find_first_of("?#", authority_end) - authority_end);
  const std::string_view user = authority.substr(0, std::min(authority.find(':'), at));
  return begin + text::printable(user) + text::printable(authority.substr(at)) +
         text::printable(path);
}

// Where the hosts begin in an address whose scheme is mistyped or of another library; the end where
// it is a path.
std::size_t hosts_of_another(std::string_view text) {
  const bool is_path = text.starts_with('/') || text.starts_with('.');
  const std::size_t slashes = is_path ? std::string_view::npos : text.find("//");
  return slashes == std::string_view::npos ? text.size() : slashes + 2;
}

// A path, an address that is mistyped, or one in the way of another library, such as
// "jdbc:postgresql://…": what lies between the first colon and the last "@" may be a password.
std::string shown_other(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) {
    const std::size_t hosts = hosts_of_another(text);
    return text::printable(text.substr(0, hosts)) +
           (hosts < text.size() ? shown_hosts(text.substr(hosts)) : "");
  }
  if (colon > at) return text::printable(text);
  return text::printable(text.substr(0, colon + 1)) + kHidden + text::printable(text.substr(at));
}

bool is_a_file(std::string_view scheme) { return is_one_of(scheme, "sqlite3", "sqlite", "file"); }

std::string decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (text::is_digit(c)) return c - '0';
    const char low = text::lowered(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
  };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : digit(text[i + 2]);
    if (low < 0) {
      result += text[i];
    } else {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

// Every text in the URL that may be its password, or a part of it as a parser understands it that
// was confused by it.
class Secrets {
 public:
  explicit Secrets(std::string_view url) {
    const std::optional<Url> parts = split(url);
    if (parts && !text::same_but_for_case(parts->scheme, "odbc") && !is_a_file(parts->scheme))
      add_user_info(parts->rest);
    if (!parts) add_user_info_of_no_url(url);
    add_named(url, '&');
    add_named(url, ';');
    add_named(url, ' ');
    std::sort(found_.begin(), found_.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  }

  const std::vector<std::string>& longest_first() const { return found_; }

 private:
  void add_user_info(std::string_view rest) {
    const std::size_t colon = rest.find(':');
    const std::size_t first_at = rest.find('@');
    const std::size_t last_at = rest.rfind('@');
    if (last_at == std::string_view::npos) {
      if (const std::size_t lost = lost_password(rest); lost != std::string_view::npos)
        add(rest.substr(lost));
      return;
    }
    if (colon > last_at) return;
    add(rest.substr(colon + 1, last_at - colon - 1));
    if (colon < first_at) add(rest.substr(colon + 1, first_at - colon - 1));
  }

  // The scheme is mistyped or missing, so it is not certain where the user begins.
  void add_user_info_of_no_url(std::string_view text) {
    const std::size_t slashes = text.find("//");
    if (slashes != std::string_view::npos) return add_user_info(text.substr(slashes + 2));
    add_user_info(text);
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos) add_user_info(text.substr(colon + 1));
  }

  // What follows "password=" and the like, however it is set apart.
  void add_named(std::string_view url, char separator) {
    const std::size_t query = url.find('?');
    for (const std::string_view part :
         {url, url.substr(query == std::string_view::npos ? url.size() : query + 1)}) {
      if (const auto words = text::connection_words(part, separator)) {
        for (const ConnectionWord& word : *words)
          if (is_a_secret(word.name)) add(word.value);
      }
    }
    const std::string low = text::lowered(url);
    for (const std::string_view name : {"password", "pwd", "passwd"}) {
      for (std::size_t at = low.find(name); at != std::string::npos; at = low.find(name, at + 1)) {
        const std::size_t equals = low.find_first_not_of(' ', at + name.size());
        if (equals == std::string::npos || low[equals] != '=') continue;
        const std::string_view value = text::trimmed(url.substr(equals + 1));
        add(value.substr(0, value.find(separator)));
        add(value);
      }
    }
  }

  void add(std::string_view secret) {
    keep(secret, kShortestSecret);
    keep(decoded(secret), kShortestSecret);
    while (!secret.empty()) {
      const auto end = std::find_if_not(secret.begin(), secret.end(), &text::is_letter_or_digit);
      const auto size = static_cast<std::size_t>(end - secret.begin());
      keep(secret.substr(0, size), kShortestPiece);
      secret.remove_prefix(std::min(size + 1, secret.size()));
    }
  }

  void keep(std::string_view text, std::size_t shortest) {
    if (text.size() >= shortest) found_.emplace_back(text);
  }

  std::vector<std::string> found_;
};

}  // namespace

std::string url_without_password(std::string_view url) {
  if (const std::optional<Url> parts = split(url)) {
    if (is_a_file(parts->scheme)) return text::printable(url);
    if (!text::same_but_for_case(parts->scheme, "odbc")) return shown_server(*parts);
    const bool is_name = parts->rest.find_first_of("=;") == std::string_view::npos;
    return std::string(parts->scheme) + "://" +
           (is_name ? text::printable(parts->rest) : shown_words(parts->rest, ';'));
  }
  if (!text::is_connection_words(url)) return shown_other(url);
  return shown_words(url, url.find(';') == std::string_view::npos ? ' ' : ';');
}

std::string words_without_password(std::string_view words, std::string_view url) {
  std::string shown(words);
  const Secrets secrets(url);
  for (const std::string& secret : secrets.longest_first()) {
    for (std::size_t at = shown.find(secret); at != std::string::npos;
         at = shown.find(secret, at + std::string_view(kHidden).size()))
      shown.replace(at, secret.size(), kHidden);
  }
  return text::printable(shown);
}

}  // namespace weir::inline v0
