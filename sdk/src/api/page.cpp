// The GET of a data source's rows, page by page. An answer is read as it is parsed, without a
// document of the whole in between.
#include <utility>

#include "api/data_source_api.h"
#include "api/json.h"

namespace weir::api {
namespace {

using nlohmann::json;

Error malformed(const std::string& what) {
  return {.code = ErrorCode::kBadResponse,
          .message = "the platform's answer cannot be read: " + what,
          .may_have_been_sent = true};
}

// Takes the answer apart while the parser goes through it: {"DataSource": {"Headers": [{"Name"}],
// "Rows": [[cell]], "TotalRows", "LastUpdated"}}, in whatever order and with whatever else in it.
// A function that returns false ends the parsing; problem() then says why.
class PageReader final : public nlohmann::json_sax<json> {
 public:
  explicit PageReader(Page& page) : page_(page) {}

  const std::string& problem() const { return problem_; }

  // What can be told only at the end.
  bool finish() {
    if (!has_source_) return fail("it has no DataSource");
    if (!has_total_) return fail("TotalRows is not a number");
    for (const Row& row : page_.rows) {
      if (row.empty() || row.size() != page_.columns.size())
        return fail("a row does not fit the columns");
    }
    return true;
  }

  bool start_object(std::size_t) override { return enter(Kind::kObject); }
  bool start_array(std::size_t) override { return enter(Kind::kList); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    name_ = depth_ <= kHeader ? std::move(name) : std::string();
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::kRow) {
      page_.rows.back().push_back(std::move(text));
      return true;
    }
    if (is_at(kHeader, Place::kHeaders) && name_ == "Name") {
      page_.columns.push_back(std::move(text));
      has_name_ = true;
      return true;
    }
    if (is_in_source() && name_ == "LastUpdated") page_.last_updated = std::move(text);
    return value();
  }

  // An empty cell comes back as null; a member that is null is not there.
  bool null() override {
    if (place_ == Place::kRow) page_.rows.back().emplace_back();
    if (place_ == Place::kRow || is_in_source()) return true;
    return value();
  }

  bool number_unsigned(number_unsigned_t number) override {
    if (is_in_source() && name_ == "TotalRows") {
      page_.total_rows = static_cast<std::int64_t>(number);
      has_total_ = page_.total_rows >= 0;
    }
    return value();
  }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool boolean(bool) override { return value(); }
  bool binary(binary_t&) override { return value(); }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return fail("it is not a JSON object");
  }

 private:
  enum class Kind { kObject, kList };
  // Which part of the answer the parser is in.
  enum class Place { kElsewhere, kHeaders, kRows, kRow };

  // How deep the parts are: in the outermost object it is 1.
  static constexpr int kSource = 2;
  static constexpr int kHeader = 4;
  static constexpr int kRow = 4;

  bool is_in_source() const { return in_source_ && depth_ == kSource; }
  bool is_at(int depth, Place place) const { return depth_ == depth && place_ == place; }

  bool fail(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
    return false;
  }

  // A value that is none of those looked for, where one of them may be needed.
  bool value() {
    if (depth_ == 0) return fail("it is not a JSON object");
    if (depth_ == 1 && name_ == "DataSource") return fail("it has no DataSource");
    if (place_ == Place::kRow) return fail("a cell is not text");
    if (is_at(kHeader - 1, Place::kHeaders)) return fail("a header has no name");
    if (is_at(kRow - 1, Place::kRows)) return fail("a row is not a list");
    if (is_in_source() && (name_ == "Headers" || name_ == "Rows"))
      return fail(name_ + " is not a list");
    return true;
  }

  bool enter(Kind kind) {
    if (depth_ == kDeepest) return fail("it is nested too deeply");
    const bool is_list = kind == Kind::kList;
    if (is_at(kRow - 1, Place::kRows) && is_list) {
      page_.rows.emplace_back().reserve(page_.columns.size());
      place_ = Place::kRow;
    } else if (is_at(kHeader - 1, Place::kHeaders) && !is_list) {
      has_name_ = false;
    } else if (is_in_source() && is_list && (name_ == "Headers" || name_ == "Rows")) {
      bool& is_there = name_ == "Rows" ? has_rows_ : has_headers_;
      if (std::exchange(is_there, true)) return fail(name_ + " comes twice");
      place_ = name_ == "Rows" ? Place::kRows : Place::kHeaders;
    } else if (depth_ == 1 && !is_list && name_ == "DataSource") {
      if (std::exchange(has_source_, true)) return fail("DataSource comes twice");
      in_source_ = true;
    } else if ((depth_ > 0 || is_list) && !value()) {
      return false;
    }
    ++depth_;
    name_.clear();
    return true;
  }

  bool leave() {
    --depth_;
    name_.clear();
    if (depth_ == kRow - 1 && place_ == Place::kRow) place_ = Place::kRows;
    if (depth_ == kSource && place_ != Place::kElsewhere) place_ = Place::kElsewhere;
    if (depth_ == 1) in_source_ = false;
    if (is_at(kHeader - 1, Place::kHeaders) && !has_name_) return fail("a header has no name");
    return true;
  }

  Page& page_;
  std::string problem_;
  std::string name_;  // of the member whose value comes next
  int depth_ = 0;
  Place place_ = Place::kElsewhere;
  bool in_source_ = false;
  bool has_source_ = false;
  bool has_headers_ = false;
  bool has_rows_ = false;
  bool has_total_ = false;
  bool has_name_ = false;
};

}  // namespace

HttpRequest page_request(const Credentials& credentials, const PageRequest& page) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/v2/datasource";
  request.query = {{"CompanyId", std::to_string(credentials.company_id)},
                   {"IntegrationKey", std::string(credentials.integration_key.reveal())},
                   {"ExternalId", page.external_id},
                   {"ReturnRows", "true"},
                   {"PageSize", std::to_string(page.page_rows)},
                   {"PageNo", std::to_string(page.page)},
                   {"format", "json"}};
  request.target = page.external_id;
  return request;
}

Result<Page> parse_page(const HttpResponse& response) {
  if (has_nul(response.body)) return malformed("it has a NUL byte, so it is no JSON");
  Page page;
  PageReader reader(page);
  const bool is_whole = json::sax_parse(response.body, &reader) && reader.finish();
  if (!is_whole) return malformed(reader.problem());
  return page;
}

}  // namespace weir::api
