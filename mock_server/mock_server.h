// MockServer: the forms platform with its real limits, on a port of 127.0.0.1, for tests and demos.
//
// It counts calls per org day, holds at most three connections, checks keys, keeps data sources,
// plays faults, and shows a portal page. Everything a test needs is also here as a function;
// scripts use the control endpoints below /_mock/ (docs/mock-server.md). Safe to use from several
// threads at once.
//
//   auto server = weir::mock::MockServer::start({.company_id = 1, .integration_key = "k",
//   .data_sources = {{"A", {"id", "label"}}}});
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "call_meter.h"
#include "entry_files.h"
#include "faults.h"
#include "form_connector.h"
#include "form_entries.h"
#include "options.h"
#include "virtual_clock.h"

namespace weir::mock {

class MockServer {
 public:
  // Null when it cannot start; `problem` then says why.
  static std::unique_ptr<MockServer> start(const Options& options, std::string* problem = nullptr);
  ~MockServer();

  // "http://127.0.0.1:PORT"
  std::string url() const;

  // Of several organizations, all that follows is the first one's; the control endpoints have the
  // others.
  Usage usage() const;
  VirtualClock& clock();
  Faults& faults();
  void add_file(const std::string& entry, const std::string& name, const EntryFile& file);

  // Users of the app have sent these entries; returns their ids.
  std::vector<std::string> receive(const std::vector<FormEntry>& entries);
  FormConnector& form_connector();

  // The rows in display order; empty when there is no such data source.
  std::optional<std::vector<std::vector<std::string>>> rows(const std::string& external_id) const;

 private:
  class Impl;
  explicit MockServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mock
