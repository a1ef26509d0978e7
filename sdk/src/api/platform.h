// Platform: the one way to the wire for everybody above the pipeline.
//
// Each function is one request, answered in plain values: an Error that comes back is already what
// the answer means, so nobody above knows HTTP or the answer table. Safe to use from several
// threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/transport.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call_api.h"
#include "api/data_source_api.h"
#include "api/file_api.h"
#include "api/form_api.h"
#include "pipeline/answer.h"
#include "time/context.h"

namespace weir::api {

// What an answer means, by the answer table and the words of the user's own. Its message never has
// the key. `clock`: for an answer that has no time of its own; may be empty.
pipeline::Classifier classifier(std::vector<std::string> limit_words, Secret key,
                                std::shared_ptr<Clock> clock);

// How a PUT ended.
struct PutAnswer {
  std::optional<Error> error = {};  // empty: the platform has it
  pipeline::AnswerKind kind = pipeline::AnswerKind::kOk;

  bool is_refused_for_its_content() const {
    return kind == pipeline::AnswerKind::kRefused || kind == pipeline::AnswerKind::kMissingRow;
  }
};

// Where a file goes: begin() is called once, before the first byte and for an empty file too. An
// error ends the transfer and is what file() returns.
//
// What is no file though it was answered as a success, such as a sign-in page, is not handed over:
// kBadResponse or kNotFound. A file named .html or .json may be of that form.
struct FileTaker {
  std::function<Result<void>(const FilePart&)> begin = {};
  std::function<Result<void>(std::string_view bytes)> bytes = {};
};

// Where the body of a success goes, instead of into the answer. An error ends the transfer.
using BodyTaker = std::function<Result<void>(const HttpResponse& head, std::string_view bytes)>;

struct FileEnd {
  // There are no bytes where the request wanted to go on.
  bool is_out_of_range = false;
  std::optional<std::int64_t> size = {};  // of the whole file then, when it is told
};

class Platform {
 public:
  // Sends a request within its context: the pipeline.
  using Send = std::function<Result<HttpResponse>(const HttpRequest&, const Context&)>;

  struct Options {
    Credentials credentials = {};
    std::vector<std::string> limit_words = {};
    Milliseconds call_timeout = {};
    std::shared_ptr<Clock> clock = {};  // as in classifier()
  };

  Platform(Send send, Options options);

  // Changes a data source. `reason`, here and below, is for the usage log.
  PutAnswer put(const PutDataSource& content, const std::string& reason,
                const Context& context) const;

  // One page of a data source's rows.
  Result<Page> page(const PageRequest& page, const std::string& reason,
                    const Context& context) const;

  // One page of a form's entries.
  Result<FormPage> search(const FormSearch& search, const std::string& reason,
                          const Context& context) const;

  // A file of a form entry, or a piece of it, which costs no call. A stop ends the transfer at
  // once. kNotFound: the platform has no such file.
  Result<FileEnd> file(const FileRequest& file, const FileTaker& taker, Milliseconds timeout,
                       const Context& context) const;

  // Any other call, checked and with the credentials of this organization.
  Result<PlannedCall> plan(const ApiCall& call) const {
    return plan_call(options_.credentials, call);
  }

  // Makes it once, within its own time and call_timeout(). Any status is a success but those on
  // which Weir acts itself: a spent day, a refused connection or key, a lock, a wish to wait; nor
  // is what is no answer of the platform: a redirect, a web page and, without a taker, a success
  // that is no JSON.
  Result<HttpResponse> call(const HttpRequest& planned, const std::string& operation,
                            const BodyTaker& taker, const Context& context) const;

  Milliseconds call_timeout() const { return options_.call_timeout; }

 private:
  Result<HttpResponse> ask(HttpRequest request, const std::string& reason,
                           const std::string& operation, const Context& context) const;
  Result<void> is_file(const HttpResponse& first, const FileRequest& file) const;

  const Send send_;
  const Options options_;
  const pipeline::Classifier classify_;
};

}  // namespace weir::api
