// SyncService::Impl: the parts of a service put together.
#pragma once

#include <weir/sync/sync_service.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "os/process.h"
#include "os/store_file.h"
#include "store/store.h"
#include "sync/answer_body.h"
#include "sync/change_log.h"
#include "sync/encoded_text.h"
#include "sync/live_source.h"
#include "sync/metrics.h"
#include "sync/question.h"

namespace weir {

class WEIR_NO_EXPORT SyncService::Impl {
 public:
  static Result<std::unique_ptr<Impl>> open(SyncOptions options);

  SyncHttpAnswer handle(const SyncHttpRequest& request);
  Result<SyncAnswer> answer(const SyncRequest& request);
  Result<SyncExplanation> explain(const std::string& email, const std::string& source_id);
  Result<void> replaced(const std::string& source_id, const std::string& entry_id,
                        const std::string& key, const std::string& email);
  Result<void> check_sources();
  Result<void> start_anew();

  // Whether this is a child of the process that opened it: threads, database and locks are the
  // parent's.
  bool is_forked() const { return os::process_id() != process_; }
  Result<void> require_own_process() const;

 private:
  Impl(SyncOptions options, store::Store store);

  SyncHttpAnswer route(const SyncHttpRequest& request);
  SyncHttpAnswer sync(const SyncHttpRequest& request, std::string_view query);
  SyncHttpAnswer health() const;
  SyncHttpAnswer metrics();

  Result<std::vector<sync::LiveSource*>> admit(const SyncRequest& request);
  Result<sync::Questions> ask(const SyncRequest& request);
  void look_for_others(const SyncRequest& request);
  bool is_store_replaced() const;
  Result<sync::LiveSource*> find(const std::string& source_id);

  Result<sync::AnswerPart> part_of(const sync::Question& question, sync::Encoding encoding,
                                   sync::Edition edition);
  Result<sync::AnswerPart> all_rows(const sync::Question& question, sync::Encoding encoding,
                                    sync::Edition edition);
  // Empty when all rows are to be told.
  Result<std::optional<sync::AnswerPart>> difference(const sync::Question& question,
                                                     sync::Encoding encoding);
  Result<SyncHttpAnswer> encoded(const sync::Questions& questions, sync::Encoding encoding);
  Result<std::vector<Row>> rows_of(const sync::Question& question, sync::Edition edition);

  const SyncOptions options_;
  const std::string company_;
  const std::optional<os::FileId> file_;  // of a store in a file
  store::Store store_;
  std::unique_ptr<sync::ChangeLog> log_;
  sync::LiveSources sources_;
  sync::TextCache cache_;
  sync::Metrics metrics_;
  std::atomic<std::int64_t> looked_at_ms_ = 0;
  const std::int64_t process_ = os::process_id();
};

}  // namespace weir
