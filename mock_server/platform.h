// Platform: the organization as the mock keeps it, without a server: clock, limits, faults, data
// sources, and what the platform answers to each call. The HTTP side is in http_server.cpp. Safe to
// use from several threads at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "call_meter.h"
#include "data_sources.h"
#include "entry_files.h"
#include "faults.h"
#include "form_connector.h"
#include "form_entries.h"
#include "journal.h"
#include "options.h"
#include "org_zone.h"
#include "virtual_clock.h"
#include "wire.h"

namespace weir::mock {

// One answer, and what is done to its connection.
struct Reply {
  enum class Delivery { kWhole, kTruncated, kReset, kCrash };

  int status = 200;
  std::string body = "{}";
  std::string target = {};  // for the log: the data source
  std::int64_t rows = 0;
  std::string reason = {};
  Delivery delivery = Delivery::kWhole;

  bool has_answer() const { return delivery != Delivery::kReset && delivery != Delivery::kCrash; }
};

// What a request asks for, apart from HTTP.
struct Call {
  std::string company_id = {};
  std::string integration_key = {};
  Selector selector = {};  // of a data source
  std::string form = {};   // or the form, or the entry whose file it is
  std::string method = {};
  bool is_metered = true;
  bool writes = false;
  std::function<Reply()> work = {};  // when nothing stands against it
};

class Platform {
 public:
  Platform(Options options, const OrgZone& zone, VirtualClock& clock)
      : options_(std::move(options)), zone_(zone), clock_(clock) {}

  // Takes up what an earlier process has kept in the file of the options, and keeps on in it; what
  // is wrong, or nothing. Before the first call.
  std::string restore();

  // The answer to a metered call that was admitted, faults included.
  Reply answer(const Call& call);
  // The answer to a call that was refused by the meter.
  Reply refusal(Verdict verdict) const;

  Reply put(const PutRequest& request);
  Reply get(const Selector& selector, const PageQuery& query);
  Reply search(const FormQuery& query);

  // Users of the app have sent these entries: the search finds them, and the connector sends them.
  // Returns their ids.
  std::vector<std::string> receive(const std::vector<FormEntry>& entries);

  bool knows_key(const std::string& company_id, const std::string& key) const;

  const Options& options() const { return options_; }
  const OrgZone& zone() const { return zone_; }
  VirtualClock& clock() { return clock_; }
  CallMeter& meter() { return meter_; }
  Faults& faults() { return faults_; }
  DataSources& data_sources() { return data_sources_; }
  EntryFiles& files() { return files_; }
  FormConnector& form_connector() { return form_connector_; }

 private:
  Reply answer_with_fault(const Call& call, const Fault& fault);
  std::string target_of(const Call& call) const;
  Reply answer_as_writer(const Call& call, double delay_seconds);
  double latency_of(const Call& call) const;

  const Options options_;
  const OrgZone zone_;
  VirtualClock& clock_;
  Journal journal_;
  CallMeter meter_{options_, zone_, clock_, journal_};
  Faults faults_;
  DataSources data_sources_{options_.data_sources};
  FormEntries form_entries_;
  EntryFiles files_;
  FormConnector form_connector_{clock_};
};

// Its reason, for the log, is what the platform says unless given.
Reply error_reply(const ApiError& error, const std::string& reason = {});

}  // namespace weir::mock
